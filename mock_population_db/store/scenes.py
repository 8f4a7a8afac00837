"""What rules need to read, kept for the events of one transaction.

A transaction applies hundreds of events; reading for all of them at once costs a fifth of
reading for each. What an event changes is followed here: a household of five hundred or a
mother of fifty is not read anew for each one that comes; a person who was changed is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from mock_population_db.citizen import Household, Member
from mock_population_db.rules.plan import Child, IssueNumber, Needs, Scene
from mock_population_db.store import decode, homes, packing
from mock_population_db.store.asking import Session, rows_found
from mock_population_db.store.homes import MemberKey
from mock_population_db.store.people import People, read_people
from mock_population_db.store.records import CitizenRow, HouseholdRow, PersonRows
from mock_population_db.store.turns import Turn

_CHILD = ", ".join(f"c.{name}" for name in ("mother", *CitizenRow._fields[:9]))
_CHILDREN = f"""
SELECT json_group_array(json_array(parent, {_CHILD})) FROM (
  SELECT k.value AS parent, {_CHILD}
    FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.father = k.value
  UNION ALL
  SELECT k.value, {_CHILD}
    FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.mother = k.value) AS c
"""  # noqa: S608 - made of constants


class Scenes:
    """Scenes for the events of one transaction.

    Attributes:
        people: everybody who was read for a scene and has not changed since.
    """

    def __init__(self, connection: Session) -> None:
        self.people = People()
        self._connection = connection
        self._looked_for: set[int] = set()  # whether found or not
        self._naming: dict[int, set[int]] = {}  # whose father, mother or spouse this is
        self._members: dict[int, dict[MemberKey, Member]] = {}  # by household
        self._children: dict[int, dict[int, Child]] = {}  # by parent, then by own number

    def read(self, needs: Iterable[Needs]) -> None:
        """Read what is not known yet; documents as if none had expired by itself.

        Raises KeyError or ValueError when the rows contradict the schema.
        """
        needed = tuple(needs)
        self._read_people({int(one) for each in needed for one in each.people})
        self._read_people({one for each in needed if each.spouses for one in self._spouses(each)})
        self._read_members({home for each in needed for home in self._homes(each)})
        self._read_children({int(one) for each in needed for one in each.children_of})

    def scene(
        self, needs: Needs, today: date, issue_number: IssueNumber, new_household_id: int
    ) -> Scene:
        """What one rule shall see; it must have been read."""
        numbers = [*needs.people, *map(packing.personal_id, self._spouses(needs))]
        known = self.people.citizens
        found = [(one, known[int(one)]) for one in numbers if int(one) in known]
        return Scene(
            today=today,
            people={one: decode.on_day(citizen, today) for one, citizen in found},
            households={home: self._household(home) for home in sorted(self._homes(needs))},
            children={
                parent: tuple(one for _, one in sorted(self._children[int(parent)].items()))
                for parent in needs.children_of
            },
            issue_number=issue_number,
            new_household_id=new_household_id,
        )

    def changed(self, turns: Iterable[Turn], households: Mapping[int, HouseholdRow | None]) -> None:
        """Follow what was written."""
        known = self.people.around.households
        for home, row in households.items():
            if row is None:
                known.pop(home, None)
                self._members.pop(home, None)
            else:
                known[home] = row
        for turn in turns:
            self._follow(turn)

    def _spouses(self, needs: Needs) -> list[int]:
        if not needs.spouses:
            return []
        spouses = (rows.citizen.spouse for rows in self._rows(needs))
        return [one for one in spouses if one is not None]

    def _homes(self, needs: Needs) -> set[int]:
        if not needs.homes:
            return set()
        return {home for rows in self._rows(needs) for home in rows.homes}

    def _rows(self, needs: Needs) -> list[PersonRows]:
        records = self.people.records
        return [records[number] for number in map(int, needs.people) if number in records]

    def _household(self, home: int) -> Household:
        members = (one for _, one in sorted(self._members[home].items(), key=lambda one: one[0]))
        return homes.household(self.people.around.households[home], members)

    def _read_people(self, numbers: set[int]) -> None:
        missing = numbers - self._looked_for
        if not missing:
            return
        found = read_people(self._connection, missing, date.min)
        self.people.add(found)
        self._looked_for |= missing
        for number, rows in found.records.items():
            for relative in rows.kin:
                self._naming.setdefault(relative, set()).add(number)

    def _read_members(self, wanted: set[int]) -> None:
        missing = wanted - self._members.keys()
        if missing:
            self._members |= homes.members(self._connection, missing)

    def _read_children(self, parents: set[int]) -> None:
        missing = parents - self._children.keys()
        if not missing:
            return
        children: dict[int, dict[int, Child]] = {parent: {} for parent in missing}
        for parent, *row in rows_found(self._connection, _CHILDREN, missing):
            children[parent][row[1]] = _child(*row)
        self._children |= children

    def _follow(self, turn: Turn) -> None:
        if turn.was is not None:
            self._take_out(turn.was)
        if turn.now is not None:
            self._put_in(turn.now)
            self._follow_head(turn, turn.now)
        for number in turn.numbers:
            self._forget(number)
        if turn.is_told_anew:
            for number in turn.numbers:
                self.people.around.kin.pop(number, None)
                for naming in self._naming.pop(number, ()):
                    self._forget(naming)

    def _take_out(self, rows: PersonRows) -> None:
        for lodging in homes.lodgings(rows):
            self._members.get(lodging.home, {}).pop(lodging.key, None)
        for parent in (rows.citizen.father, rows.citizen.mother):
            if parent in self._children:
                self._children[parent].pop(rows.citizen.id, None)

    def _put_in(self, rows: PersonRows) -> None:
        for lodging in homes.lodgings(rows):
            if lodging.home in self._members:
                self._members[lodging.home][lodging.key] = homes.member(rows.citizen, lodging)
        for parent in (rows.citizen.father, rows.citizen.mother):
            if parent in self._children:
                child = _child(rows.citizen.mother, *rows.citizen[:9])
                self._children[parent][rows.citizen.id] = child

    def _follow_head(self, turn: Turn, now: PersonRows) -> None:
        """A head who has another number still is the head."""
        known = self.people.around.households
        for home in now.homes if turn.former else ():
            row = known.get(home)
            if row is not None and row.head == turn.former:
                known[home] = row._replace(head=turn.subject)

    def _forget(self, number: int) -> None:
        self._looked_for.discard(number)
        self.people.records.pop(number, None)
        self.people.citizens.pop(number, None)


def _child(mother: int | None, *identity: int | str | None) -> Child:
    told = "" if mother is None else packing.personal_id(mother)
    return Child(decode.identity(*identity), told)  # type: ignore[arg-type]  # its nine columns
