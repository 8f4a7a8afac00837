"""A register of a few people in memory, for the tests of the rules.

It shows a rule what the rule asked for and nothing else, and writes what the rule planned.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from mock_population_db import divisions
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Household,
    Identity,
    MaritalStatus,
    Member,
    NumberStatus,
    PersonName,
    Relation,
    Relative,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.events import EventRefused, LegalDocument, Submission, What
from mock_population_db.partial_date import PartialDate
from mock_population_db.rules.people import kin
from mock_population_db.rules.plan import Child, Needs, Plan, Scene
from mock_population_db.rules.refusals import REFUSALS
from mock_population_db.rules.registry import RULES
from mock_population_db.store.decode import residence_file_number

TODAY = date(2026, 3, 10)
BA_DINH, NGOC_HA = "00004", "00008"  # communes of Hà Nội, in the codes in force
_KIN = ("father", "mother", "spouse")
_STAYS = ("permanent_residence", "temporary_residence")


def person(
    number: str,
    birth: str = "",
    name: str = "Nguyễn Thử Tên",
    *,
    sex: Sex | None = None,
    status: NumberStatus = NumberStatus.ACTIVE,
    vital: VitalStatus = VitalStatus.ALIVE,
    **more: Any,
) -> Citizen:
    """A citizen; the sex is read off the number unless given, the birth date is YYYY[-MM[-DD]]."""
    parts = (*name.split(maxsplit=2), "", "")[:3]
    born = PartialDate.parse(birth) if birth else None
    identity = Identity(number, PersonName(*parts), born, "", vital, status)
    told = Sex.FEMALE if int(number[3]) % 2 else Sex.MALE
    return Citizen(identity, sex=told if sex is None else sex, **more)


def gone(who: Citizen, on: str, vital: VitalStatus = VitalStatus.DEAD) -> Citizen:
    """The person dead, or declared so, since a day."""
    identity = who.identity._replace(vital_status=vital)
    return replace(who, identity=identity, vital_date=PartialDate.parse(on))


def wed(one: Citizen, other: Citizen) -> tuple[Citizen, Citizen]:
    """The two, married to each other."""
    return (
        replace(one, marital_status=MaritalStatus.MARRIED, spouse=kin(other)),
        replace(other, marital_status=MaritalStatus.MARRIED, spouse=kin(one)),
    )


def submission(what: What, effective: date = TODAY, registered: date = TODAY) -> Submission:
    """An event on its way."""
    return Submission(
        what,
        LegalDocument("1/2026", registered, "UBND phường Thử"),
        effective,
        registered,
        reporter="plain",
        rpc="SubmitPopulationEvent",
        request_id="r-1",
        fingerprint=bytes(32),
        recorded_at=datetime(2026, 3, 10, tzinfo=UTC),
    )


@dataclass
class Register:
    """People and households; a household's members are read off the people."""

    people: dict[str, Citizen] = field(default_factory=dict)
    households: dict[int, Household] = field(default_factory=dict)
    today: date = TODAY
    issued: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, *people: Citizen, today: date = TODAY) -> Register:
        """A register of these people, who live nowhere."""
        return cls({one.identity.personal_id: one for one in people}, today=today)

    def house(
        self,
        members: dict[str, Relation],
        *,
        kind: ResidenceKind = ResidenceKind.PERMANENT,
        commune: str = BA_DINH,
        since: date = date(2026, 1, 5),
        until: date | None = None,
        head: str | None = None,
    ) -> int:
        """Put people into a new household; its head is who is related as such, unless given."""
        number = len(self.households) + 1
        address = divisions.address_in(commune, CodeEpoch.Y2025)
        heads = [one for one, relation in members.items() if relation is Relation.HEAD]
        self.households[number] = Household(
            number, kind, address, ("".join(heads[:1])) if head is None else head
        )
        for one, relation in members.items():
            stay = Residence(kind, address, since, until, number, relation)
            self.people[one] = _at(self.people[one], stay)
        return number

    def submit(self, what: What, effective: date = TODAY, registered: date = TODAY) -> Plan:
        """Ask the rule, and write what it says."""
        rule, sent = RULES[type(what)], submission(what, effective, registered)
        plan = rule.plan(what, sent, self.scene(rule.needs(what, sent)))
        self._write(plan)
        return plan

    def refuses(
        self, what: What, effective: date = TODAY, registered: date = TODAY
    ) -> tuple[str, str, str]:
        """Code, subject and number of the refusal; nothing may have changed."""
        before = dict(self.people), dict(self.households)
        with pytest.raises(EventRefused) as refused:
            self.submit(what, effective, registered)
        assert (self.people, self.households) == before
        assert refused.value.code in REFUSALS
        return refused.value.code, refused.value.subject, refused.value.about

    def scene(self, needs: Needs) -> Scene:
        """What was asked for, and no more."""
        asked = [self.people[one] for one in needs.people if one in self.people]
        married = [one.spouse.personal_id for one in asked if one.spouse and needs.spouses]
        spouses = [self.people[one] for one in married if one in self.people]
        homes = {number for one in asked if needs.homes for number in _homes(one)}
        return Scene(
            self.today,
            {one.identity.personal_id: one for one in (*asked, *spouses)},
            {number: self.household(number) for number in homes},
            {one: self.children_of(one) for one in needs.children_of},
            self._issue,
            new_household_id=max(self.households, default=0) + 1,
        )

    def household(self, number: int) -> Household:
        """A household with its members."""
        members = tuple(
            _member(one, getattr(one, stay))
            for one in self.people.values()
            for stay in _STAYS
            if getattr(one, stay) and getattr(one, stay).household_id == number
        )
        return replace(self.households[number], members=members)

    def children_of(self, parent: str) -> tuple[Child, ...]:
        """Everybody whose father or mother this is."""
        return tuple(
            Child(one.identity, one.mother.personal_id if one.mother else "")
            for one in self.people.values()
            if parent in {kin.personal_id for kin in (one.father, one.mother) if kin}
        )

    def _issue(self, province: str, sex: Sex, year: int) -> str:
        century_and_sex = 2 * (year // 100 - 19) + (sex - 1)
        number = f"0{province}{century_and_sex}{year % 100:02d}{100_000 + len(self.issued):06d}"
        self.issued.append(number)
        return number

    def _write(self, plan: Plan) -> None:
        for edit in plan.edits:
            assert edit.after is not None
            number = edit.after.identity.personal_id
            if edit.before is None:
                assert number not in self.people
            else:
                former = edit.before.identity.personal_id
                assert self.people.pop(former) == edit.before
                self._follow(former, number)
            self.people[number] = edit.after
        for home, after in plan.households.items():
            if after is None:
                del self.households[home]
            else:
                self.households[home] = replace(after, members=())

    def _follow(self, former: str, number: str) -> None:
        """Names the new number wherever the former one stood."""
        if former == number:
            return
        for home in self.households.values():
            if home.head == former:
                self.households[home.household_id] = replace(home, head=number)
        for other in tuple(self.people.values()):
            named: dict[str, Any] = {
                role: _renamed(getattr(other, role), former, number) for role in _KIN
            }
            self.people[other.identity.personal_id] = replace(other, **named)


def _homes(one: Citizen) -> list[int]:
    stays = (one.permanent_residence, one.temporary_residence)
    return [stay.household_id for stay in stays if stay and stay.household_id]


def _at(one: Citizen, stay: Residence) -> Citizen:
    if stay.kind is ResidenceKind.TEMPORARY:
        return replace(one, temporary_residence=stay)
    file_number = residence_file_number(stay.household_id)
    return replace(one, permanent_residence=stay, residence_file_number=file_number)


def _member(one: Citizen, stay: Residence) -> Member:
    who = one.identity
    return Member(
        who.personal_id,
        who.name,
        stay.relation or Relation.OTHER,
        stay.since,
        who.vital_status,
        stay.until,
        number_status=who.number_status,
    )


def _renamed(who: Relative | None, former: str, number: str) -> Relative | None:
    if who is None or who.personal_id != former:
        return who
    return replace(who, personal_id=number)


def address(commune: str) -> Address:
    """A commune in the codes in force, and nothing more."""
    return divisions.address_in(commune, CodeEpoch.Y2025)
