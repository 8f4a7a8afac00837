"""What a rule reads and what it wants written: the seam between rules and store.

A rule is asked twice: first what it needs to read, then, with that on the table, what is to
be written. The store reads and writes both in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, Household, Identity, Sex

IssueNumber = Callable[[str, Sex, int], str]
"""A number that nobody has or had, by province of registration (2 digits), sex and birth year."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a rule needs to read. All are current personal numbers.

    Attributes:
        people: whole citizens.
        children_of: everybody on file whose father or mother this is.
        spouses: whether whole citizens of the people's spouses come with them.
        homes: whether the households come with the people who live in them.
    """

    people: tuple[str, ...] = ()
    children_of: tuple[str, ...] = ()
    spouses: bool = False
    homes: bool = False


class Child(NamedTuple):
    """Somebody's child: as much as it takes to tell it from the other ones."""

    identity: Identity
    mother: str  # personal number; empty when none is on record


@dataclass(frozen=True, slots=True)
class Scene:
    """What was read, all at one revision; a number without a record is absent.

    Attributes:
        today: the register's day; no event lies after it.
        people: those needed, with or without their spouses, by number.
        households: of those needed, by id, with all members.
        children: by parent's number.
        issue_number: see ``IssueNumber``; may be asked once.
        new_household_id: of a household that is to be founded.
    """

    today: date
    people: Mapping[str, Citizen]
    households: Mapping[int, Household]
    children: Mapping[str, tuple[Child, ...]]
    issue_number: IssueNumber
    new_household_id: int


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of one person's record; each becomes one row of the register's history.

    Attributes:
        kind: what happened.
        before: the record as it was; None when it is made.
        after: as it will be; None when it is withdrawn. Another number than before's renumbers:
            the store adds the number step and follows up father, mother, spouse and head columns
            of other people's records.
        fields: names of ``Citizen`` in the contract that changed, in its order.
        reason: of a renumbering.
    """

    kind: ChangeKind
    before: Citizen | None
    after: Citizen | None
    fields: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rule wants written.

    Attributes:
        subject: whom the event is about, by the number after it; empty for nobody.
        edits: in order.
        households: made or changed, by id, as they will be; ``members`` is ignored, because it is
            read off the members' records. None removes an empty one.
    """

    subject: str
    edits: tuple[Edit, ...] = ()
    households: Mapping[int, Household | None] = field(default_factory=dict)
