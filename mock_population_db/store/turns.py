"""Edits of records, turned into the rows that are there and the rows that shall be.

All that a record can hold against it comes up here, before anything is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mock_population_db import divisions
from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Document,
    DocumentStatus,
    Household,
    Relative,
    Residence,
)
from mock_population_db.rules.plan import Edit
from mock_population_db.store import packing
from mock_population_db.store.encode import as_kin, encode_person
from mock_population_db.store.extra import load_extra
from mock_population_db.store.people import People
from mock_population_db.store.records import PersonRows


@dataclass(frozen=True, slots=True)
class Turn:
    """One change of one record, as rows; either side is None when there is no record."""

    kind: ChangeKind
    was: PersonRows | None
    now: PersonRows | None
    fields: str  # names, a blank between two
    communes: str  # as the column holds them
    reason: str = ""  # of a renumbering

    @property
    def numbers(self) -> list[int]:
        """The number before and the number after, as far as there are."""
        return [rows.citizen.id for rows in (self.was, self.now) if rows is not None]

    @property
    def subject(self) -> int:
        """The number after it; the last one when the record is withdrawn."""
        return self.numbers[-1]

    @property
    def former(self) -> int | None:
        """The number before it, when that is another."""
        return self.numbers[0] if self.numbers[0] != self.subject else None

    @property
    def is_told_anew(self) -> bool:
        """Whether relatives' records tell of the person otherwise, or not any more."""
        if self.was is None or self.now is None:
            return True
        return _as_relative(self.was) != _as_relative(self.now)

    @property
    def entered_or_left(self) -> set[int]:
        """The households that are not the same before and after."""
        was = self.was.homes if self.was else set()
        return was ^ (self.now.homes if self.now else set())


class Turning:
    """Turns the edits of one event, each on top of those before it.

    Args:
        households: that are made or changed, by id, as they will be.
        today: the register's day.
    """

    def __init__(self, households: Mapping[int, Household | None], today: date) -> None:
        self._households = households
        self._today = today
        self._edited: dict[int, PersonRows] = {}
        self._kin: dict[str, Relative] = {}

    def turn(self, edits: Iterable[Edit], people: People) -> list[Turn]:
        """Turn some edits.

        Args:
            edits: in order.
            people: those who are edited, as the register holds them, and their relatives.

        Raises:
            ValueError: a record holds what the register's tables cannot.
            KeyError: it names a household that is not there.
        """
        wanted = tuple(edits)
        self._kin |= {e.after.identity.personal_id: as_kin(e.after) for e in wanted if e.after}
        return [self._turn(edit, people) for edit in wanted]

    def _turn(self, edit: Edit, people: People) -> Turn:
        was = self._present(edit.before, people) if edit.before else None
        now = self._encoded(edit.after, was, people) if edit.after else None
        communes = pack_communes((edit.before, edit.after), self._today)
        turn = Turn(edit.kind, was, now, " ".join(edit.fields), communes, edit.reason)
        if (turn.former is not None) is not (turn.kind is ChangeKind.RENUMBERED):
            raise ValueError("renumbering, and nothing else, gives another number")
        if now is not None:
            self._edited[now.citizen.id] = now
        return turn

    def _present(self, before: Citizen, people: People) -> PersonRows:
        number = int(before.identity.personal_id)
        return self._edited.get(number) or people.records[number]

    def _encoded(self, one: Citizen, was: PersonRows | None, people: People) -> PersonRows:
        persona = was is not None and load_extra(was.citizen.extra).persona
        documents = tuple(_as_stored(document, self._today) for document in one.documents)
        return encode_person(
            one if documents == one.documents else replace(one, documents=documents),
            {home: self._address(home, people) for home in _homes_named(one)},
            {who.personal_id: who for who in self._kin_told(one, people)},
            persona=persona,
        )

    def _kin_told(self, one: Citizen, people: People) -> Iterable[Relative]:
        """A person's relatives, as the register will tell of them."""
        for who in (one.father, one.mother, one.spouse):
            number = who.personal_id if who else ""
            if number in self._kin:
                yield self._kin[number]
            elif number and int(number) in people.citizens:
                yield as_kin(people.citizens[int(number)])
            elif number and int(number) in people.around.kin:
                yield people.around.kin[int(number)]

    def _address(self, number: int, people: People) -> Address:
        changed = self._households.get(number)
        return (
            changed.address if changed else packing.address(people.around.households[number].place)
        )


def _as_relative(rows: PersonRows) -> tuple[object, ...]:
    row = rows.citizen
    return row.id, row.family, row.middle, row.given, row.old_id, row.nationality


def pack_communes(citizens: Iterable[Citizen | None], today: date) -> str:
    """Where people live, for good, for a time or now, by the codes that are in force."""
    epoch = packing.birth_epoch(packing.pack_day(today))
    lived_in = {
        code
        for one in citizens
        if one is not None
        for residence in _residences(one)
        for code in _in_force(residence.address, epoch)
    }
    return f" {' '.join(sorted(lived_in))} " if lived_in else ""


def _residences(one: Citizen) -> list[Residence]:
    every = (one.permanent_residence, one.temporary_residence, one.current_residence)
    return [residence for residence in every if residence is not None]


def _homes_named(one: Citizen) -> set[int]:
    return {residence.household_id for residence in _residences(one) if residence.household_id}


def _in_force(address: Address, epoch: CodeEpoch) -> tuple[str, ...]:
    """Province and commune of an address; of a divided commune the default successor's."""
    if address.epoch is epoch:
        return (address.province_code + address.commune_code,)
    communes: tuple[str, ...] = (address.former_commune_code,)
    if epoch is CodeEpoch.Y2025:
        communes = divisions.successors(address.commune_code)[:1]
    return tuple(divisions.province_of(code, epoch) + code for code in communes if code)


def _as_stored(document: Document, today: date) -> Document:
    """The document without what time alone did to it; see ``decode.in_force``."""
    over = document.expires is not None and document.expires < today
    if over and document.status is DocumentStatus.EXPIRED:
        return replace(document, status=DocumentStatus.VALID)
    return document
