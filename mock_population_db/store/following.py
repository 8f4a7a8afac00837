"""Records that tell of a relative, when the relative is told of otherwise from now on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Relative
from mock_population_db.rules.plan import Edit
from mock_population_db.store.asking import Session, rows_found
from mock_population_db.store.encode import as_kin

_ROLES = ("father", "mother", "spouse")
_NAMING = """
SELECT json_group_array(id) FROM (
  SELECT c.id FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.father = k.value
  UNION SELECT c.id FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.mother = k.value
  UNION SELECT c.id FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.spouse = k.value) AS n
"""


def told_anew(edits: Iterable[Edit]) -> list[tuple[Relative, Relative]]:
    """Those whom their relatives' records will tell otherwise: how it was, how it will be."""
    told = [(as_kin(one.before), as_kin(one.after)) for one in edits if one.before and one.after]
    return [(old, new) for old, new in told if old != new]


def who_name(connection: Session, numbers: Iterable[str | int]) -> set[int]:
    """Everybody whose father, mother or spouse has one of these numbers."""
    return set(rows_found(connection, _NAMING, numbers))


def follow_ups(edits: Iterable[Edit], naming: Mapping[int, Citizen]) -> list[Edit]:
    """The edits of the records that name somebody whom an event tells otherwise.

    Args:
        edits: of the event.
        naming: those of ``who_name``, by number, as they were before it.
    """
    done = tuple(edits)
    present = _after(done, naming)
    made: dict[int, Edit] = {}
    for old, new in told_anew(done):
        for number, one in present.items():
            changed = _naming(one, old, new)
            if changed:
                earlier = made.get(number)
                present[number] = after = _told(one, changed)
                before = earlier.before if earlier else one
                fields = (*(earlier.fields if earlier else ()), *changed)
                made[number] = Edit(ChangeKind.CORRECTION, before, after, fields)
    return list(made.values())


def _after(edits: Iterable[Edit], people: Mapping[int, Citizen]) -> dict[int, Citizen]:
    """These people as they are after some edits, by number."""
    present = dict(people)
    for edit in edits:
        number = int(edit.before.identity.personal_id) if edit.before else 0
        if present.pop(number, None) and edit.after:
            present[int(edit.after.identity.personal_id)] = edit.after
    return present


def _told(one: Citizen, kin: Mapping[str, Relative]) -> Citizen:
    return replace(
        one,
        father=kin.get("father", one.father),
        mother=kin.get("mother", one.mother),
        spouse=kin.get("spouse", one.spouse),
    )


def _naming(one: Citizen, old: Relative, new: Relative) -> dict[str, Relative]:
    """The roles in which a record tells of ``old``, as they will be."""
    changed: dict[str, Relative] = {}
    for role in _ROLES:
        who: Relative | None = getattr(one, role)
        if who is not None and who.personal_id == old.personal_id:
            # a record may tell of a relative in its own words: then only the number follows
            after = new if who == old else replace(who, personal_id=new.personal_id)
            if after != who:
                changed[role] = after
    return changed
