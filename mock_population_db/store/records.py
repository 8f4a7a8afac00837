"""One named tuple for each table of the register, its fields in the schema's column order.

They are rows (``mock_population_db.store.rows``) with names and types.
"""

from __future__ import annotations

from typing import NamedTuple

SCHEMA_VERSION = 1  # of the tables whose rows these are, as ``meta`` holds it


class CitizenRow(NamedTuple):
    """A row of ``citizen``."""

    id: int
    family: str | None
    middle: str | None
    given: str | None
    birth: int | None
    old_id: int | None
    vital: int
    number_status: int
    death_annulled: int
    sex: int
    ethnic: int | None
    religion: int | None
    nationality: str | None
    blood: int | None
    marital: int | None
    birth_commune: int | None
    registered_commune: int | None
    native_commune: int | None
    household: int | None
    relation: int | None
    resident_since: int | None
    father: int | None
    mother: int | None
    spouse: int | None
    document: int | None
    issued: int | None
    expires: int | None
    vital_date: int | None
    extra: str | None


class Place(NamedTuple):
    """The columns in which a household, or a stay without one, holds its address."""

    commune: int
    epoch: int
    conversion: int
    former: int | None
    detail: str | None


class HouseholdRow(NamedTuple):
    """A row of ``household``."""

    id: int
    kind: int
    head: int | None
    commune: int
    epoch: int
    conversion: int
    former: int | None
    detail: str | None

    @property
    def place(self) -> Place:
        """Where the household is."""
        return Place._make(self[3:])


class StayRow(NamedTuple):
    """A row of ``stay``; the last five are empty when there is a household."""

    citizen: int
    kind: int
    household: int | None
    relation: int | None
    since: int | None
    until: int | None
    commune: int | None = None
    epoch: int | None = None
    conversion: int | None = None
    former: int | None = None
    detail: str | None = None


class StepRow(NamedTuple):
    """A row of ``number_step``."""

    former: int
    successor: int
    on_date: int | None
    reason: str


class PersonRows(NamedTuple):
    """What the register holds of one person, except the steps of the number."""

    citizen: CitizenRow
    stays: tuple[StayRow, ...]

    @property
    def kin(self) -> set[int]:
        """The numbers of father, mother and spouse."""
        row = self.citizen
        return {one for one in (row.father, row.mother, row.spouse) if one is not None}

    @property
    def homes(self) -> set[int]:
        """The households that the person lives in, for good or for a time."""
        named = (self.citizen.household, *(stay.household for stay in self.stays))
        return {one for one in named if one is not None}


class ChangeRow(NamedTuple):
    """A row of ``changes``."""

    revision: int
    kind: int
    subject: int
    former: int | None
    fields: str
    cause: int
    at: int
    effective: int
    event: int | None
    communes: str


class EventRow(NamedTuple):
    """A row of ``event``."""

    id: int
    kind: int
    state: int
    cause: int
    subject: int | None
    first: int
    last: int
    at: int
    reporter: str
    rpc: str
    request_id: str
    fingerprint: bytes
    original: bytes
    signature: str
    annulled_by: int | None = None
    confirmed: int | None = None
    undo: str | None = None
