"""The verdict on one record, and what of the register is told with it."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

import pytest

from dancu.v1.citizen_pb2 import CitizenClaim
from dancu.v1.reconciliation_pb2 import ReconciledRecord
from gateway.core import reconciled, statement
from gateway.core.comparison import Agreement, Compared, Others
from gateway.core.policy import FIELDS, SENSITIVE
from gateway.core.reconciliation import Flag, Found, Verdict, judge, keys_to_reconcile
from gateway.core.records import Asked, Record, prepare
from mock_population_db.citizen import (
    Address,
    Citizen,
    CodeEpoch,
    Conversion,
    Identity,
    MaritalStatus,
    NumberStatus,
    Residence,
    ResidenceKind,
    Sex,
    VitalStatus,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys, Part, Snapshot
from tests.support.scene import (
    BIRTH,
    NAME,
    NUMBER,
    OLD_NUMBER,
    OTHER_NUMBER,
    claim,
    person,
    snapshot,
)

EVERY = frozenset(FIELDS) - SENSITIVE
NEW = "001190000099"
MATCH, DIFFERS = Agreement.MATCH, Agreement.DIFFERS
NO_DATA, WITHHELD = Agreement.NO_DATA, Agreement.WITHHELD


def record(
    number: str = NUMBER, name: str = NAME, birth: PartialDate = BIRTH, old: str = "", **rest: Any
) -> Record:
    """A record that agrees with ``person()`` unless told otherwise."""
    return Record("row-1", claim(number, name, birth, old), **rest)


def ask(
    sent: Record,
    found: Snapshot,
    granted: frozenset[str] = EVERY,
    *,
    duplicate: bool = False,
) -> Found:
    """What becomes of a record."""
    return judge(prepare(sent), found, granted, duplicate=duplicate)


def at_number(one: Identity, number: str = NUMBER, citizen: Citizen | None = None) -> Snapshot:
    """A register in which the seek for a number comes to rest on somebody."""
    made = snapshot({number: one})
    made.parts = {one.personal_id: part_of(citizen or Citizen(one))}
    return made


def part_of(citizen: Citizen) -> Part:
    """Every field of somebody, as a part."""
    return Part(**{one.name: getattr(citizen, one.name) for one in fields(citizen)})


def living(one: Identity, address: Address, until: date | None = None) -> Citizen:
    """Somebody who has both residences at one address."""
    permanent = Residence(ResidenceKind.PERMANENT, address)
    temporary = Residence(ResidenceKind.TEMPORARY, address, until=until)
    return Citizen(one, permanent_residence=permanent, temporary_residence=temporary)


def test_a_record_that_agrees_is_matched() -> None:
    """And nothing else is told."""
    assert ask(record(), at_number(person())) == Found(Verdict.MATCHED, NUMBER)


@pytest.mark.parametrize(
    "sent",
    [
        record(name="Lê Văn Bình"),
        record(birth=PartialDate(1990, 5, 13)),
        record(birth=PartialDate(1990)),
        record(old="000000014"),
    ],
)
def test_unknown_and_disagreeing_are_alike(sent: Record) -> None:
    """The same verdict, the same bytes, and no flag that the register would have to know."""
    dead = person(vital_status=VitalStatus.DEAD, old_id_number=OLD_NUMBER)
    disagreeing = ask(sent, at_number(dead))
    unknown = ask(sent, at_number(person(OTHER_NUMBER)))
    assert disagreeing == unknown == Found(Verdict.NOT_VERIFIED, NUMBER)
    asked = prepare(sent)
    assert reconciled.item(7, asked, disagreeing) == reconciled.item(7, asked, unknown)


def test_the_dead_are_flagged_once_they_agree() -> None:
    """And only then; the day of death needs its grant, and that other fields are compared."""
    dead = person(vital_status=VitalStatus.DECLARED_DEAD)
    citizen = Citizen(dead, sex=Sex.MALE, vital_date=PartialDate(2020, 1, 2))
    there = at_number(dead, citizen=citizen)
    assert ask(record(), there).flags == (Flag.DECEASED,)
    sent = record(others=Others(sex=1))
    told = ask(sent, there)
    assert (told.verdict, told.death) == (Verdict.MATCHED, PartialDate(2020, 1, 2))
    assert ask(sent, there, EVERY - {"vital_date"}).death is None
    assert ask(record(name="Lê Văn Bình", others=Others(sex=1)), there).death is None


def test_a_superseded_number_leads_to_its_person() -> None:
    """Whether the cancelled record is still there or not."""
    successor = person(NEW, old_id_number=OLD_NUMBER)
    for former in (person(number_status=NumberStatus.CANCELLED), person(OTHER_NUMBER)):
        there = at_number(former)
        there.successors = {NUMBER: successor}
        told = ask(record(), there)
        assert (told.verdict, told.current, told.subject) == (Verdict.MATCHED, NEW, NEW)
        assert told.flags == (Flag.SUPERSEDED_NUMBER,)
        assert told.disclosed == 1 << FIELDS.index("personal_id")
        assert ask(record(name="Lê Văn Bình"), there) == Found(Verdict.NOT_VERIFIED, NUMBER)
        assert ask(record(old=OLD_NUMBER), there).current == NEW


def test_a_superseded_number_is_compared_with_the_record_of_today() -> None:
    """Not with the neighbour that the seek came to rest on."""
    successor, neighbour = person(NEW), person(OTHER_NUMBER)
    there = at_number(neighbour)
    there.successors = {NUMBER: successor}
    there.parts = {
        OTHER_NUMBER: part_of(Citizen(neighbour, sex=Sex.MALE)),
        NEW: part_of(Citizen(successor, sex=Sex.FEMALE)),
    }
    told = ask(record(others=Others(sex=1)), there)
    assert told.fields == (Compared("sex", DIFFERS, "FEMALE"),)
    assert told.verdict is Verdict.CORRECTED


def test_a_cancelled_number_without_a_successor_is_not_verified() -> None:
    """As in every other call."""
    there = at_number(person(number_status=NumberStatus.CANCELLED))
    assert ask(record(), there).verdict is Verdict.NOT_VERIFIED


def test_an_old_number_is_decided_by_name_and_birth_date() -> None:
    """Two people may have it; if both agree, nobody can tell which is meant."""
    one, other = person(old_id_number=OLD_NUMBER), person(OTHER_NUMBER, old_id_number=OLD_NUMBER)
    stranger = person(OTHER_NUMBER, name=person().name._replace(given="Bình"))
    sent = record("", old=OLD_NUMBER)
    for people, verdict, subject in (
        ((one, stranger), Verdict.MATCHED, NUMBER),
        ((one, other), Verdict.AMBIGUOUS, OLD_NUMBER),
        ((stranger,), Verdict.NOT_VERIFIED, OLD_NUMBER),
        ((), Verdict.NOT_VERIFIED, OLD_NUMBER),
    ):
        told = ask(sent, snapshot(by_old={OLD_NUMBER: people}))
        assert (told.verdict, told.subject) == (verdict, subject)


@pytest.mark.parametrize(
    ("register", "sent", "verdict"),
    [
        (PartialDate(1948), PartialDate(1948), Verdict.MATCHED),
        (PartialDate(1948), PartialDate(1948, 1, 1), Verdict.MATCHED),
        (PartialDate(1948), PartialDate(1948, 5), Verdict.NOT_VERIFIED),
        (PartialDate(1948, 5), PartialDate(1948, 5, 1), Verdict.MATCHED),
        (PartialDate(1948, 5, 12), PartialDate(1948), Verdict.NOT_VERIFIED),
        (None, PartialDate(1948), Verdict.NOT_VERIFIED),
    ],
)
def test_dates_without_a_day_go_by_the_rules_of_every_call(
    register: PartialDate | None, sent: PartialDate, verdict: Verdict
) -> None:
    """As a date, and as text."""
    there = at_number(person(birth_date=register))
    assert ask(record(birth=sent), there).verdict is verdict
    texts = {str(sent), f"{sent.day:02d}/{sent.month:02d}/{sent.year}"}
    for text in texts:
        told = ask(record(birth=PartialDate(0), birth_text=text), there)
        assert (told.verdict, told.flags) == (verdict, (Flag.REPAIRED,))


def test_flags_come_in_ascending_order() -> None:
    """All four at once."""
    there = at_number(person(OTHER_NUMBER))
    there.successors = {NUMBER: person(NEW, vital_status=VitalStatus.DEAD)}
    told = ask(record(NUMBER.lstrip("0")), there, duplicate=True)
    assert told.flags == tuple(Flag)
    assert ask(record(), at_number(person()), duplicate=True).flags == (Flag.DUPLICATE_IN_SESSION,)


@pytest.mark.parametrize(
    ("sent", "rules"),
    [
        (record("1"), {"claim.personal_id": "PERSONAL_ID_FORMAT"}),
        (record(""), {"claim.personal_id": "NUMBER_REQUIRED"}),
        (record(name="…"), {"claim.full_name": "NAME_REQUIRED"}),
        (record(name="x" * 101), {"claim.full_name": "TOO_LONG"}),
        (record(birth=PartialDate(1990, 2, 30)), {"claim.birth_date": "NO_SUCH_DATE"}),
        (record(birth=PartialDate(0)), {"claim.birth_date": "BIRTH_DATE_REQUIRED"}),
        (record(birth_text="1990"), {"birth_date_text": "BIRTH_DATE_TWICE"}),
        (
            record(birth=PartialDate(0), birth_text="12/05/90"),
            {"birth_date_text": "BIRTH_DATE_TEXT"},
        ),
        (record(others=Others(sex=3)), {"sex": "UNKNOWN_VALUE"}),
        (record(others=Others(sex=1, code_epoch=9)), {"code_epoch": "UNKNOWN_VALUE"}),
        (
            record(others=Others(permanent_commune_code="123456")),
            {"permanent_commune_code": "CODE_FORMAT"},
        ),
        (record(others=Others(nationality="Việt Nam")), {"nationality": "COUNTRY_CODE"}),
        (record()._replace(row_key=""), {"row_key": "ROW_KEY"}),
        (record("1", name="", birth=PartialDate(0))._replace(row_key="k" * 65), {
            "row_key": "ROW_KEY",
            "claim.personal_id": "PERSONAL_ID_FORMAT",
            "claim.full_name": "NAME_REQUIRED",
            "claim.birth_date": "BIRTH_DATE_REQUIRED",
        }),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_invalid(sent: Record, rules: dict[str, str]) -> None:
    """Every mistake is named, nobody is touched, and the item shows no claim."""
    asked = prepare(sent)
    assert {one.field: one.rule for one in asked.violations} == rules
    told = judge(asked, at_number(person()), EVERY, duplicate=False)
    assert told == Found(Verdict.INVALID)
    item = ReconciledRecord.FromString(reconciled.item(0, asked, told))
    assert not item.HasField("claim")
    assert {one.field: one.rule for one in item.violations} == rules
    assert keys_to_reconcile([asked], EVERY) == Keys()


def test_other_fields_are_compared_as_far_as_they_are_granted() -> None:
    """Each that was given, in the contract's order; the register's value where it differs."""
    here = person()
    citizen = Citizen(here, sex=Sex.MALE, marital_status=MaritalStatus.MARRIED, nationality="")
    there = at_number(here, citizen=citizen)
    others = Others(sex=2, marital_status=2, person_status=1, nationality="vn ")
    told = ask(record(others=others), there)
    assert told.verdict is Verdict.CORRECTED
    assert told.fields == (
        Compared("sex", DIFFERS, "MALE"),
        Compared("marital_status", MATCH),
        Compared("person_status", MATCH),
        Compared("nationality", NO_DATA),
    )
    withheld = ask(record(others=others), there, frozenset({"marital_status"}))
    assert withheld.verdict is Verdict.MATCHED
    assert [one.agreement for one in withheld.fields] == [WITHHELD, MATCH, WITHHELD, WITHHELD]
    assert withheld.disclosed == 1 << FIELDS.index("marital_status")
    assert ask(record(name="Lê Văn Bình", others=others), there).fields == ()


NATIVE = Address("01", "00004")
WHOLE = Address("01", "00004", conversion=Conversion.WHOLE, former_commune_code="00001")
SPLIT = Address("01", "00004", conversion=Conversion.SPLIT, former_commune_code="00001")
UNCONVERTED = Address("01", "00001", CodeEpoch.LEGACY, Conversion.UNCONVERTED)


@pytest.mark.parametrize(
    ("address", "code", "epoch", "agreement", "value"),
    [
        (NATIVE, "00004", 0, MATCH, ""),
        (NATIVE, "4", 2, MATCH, ""),
        (NATIVE, "00007", 2, DIFFERS, "00004"),
        (NATIVE, "00001", 1, NO_DATA, ""),
        (WHOLE, "00001", 1, MATCH, ""),
        (WHOLE, "00004", 1, DIFFERS, "00001"),
        (WHOLE, "00007", 0, DIFFERS, "00004"),
        (SPLIT, "00004", 0, MATCH, ""),
        (SPLIT, "00007", 0, NO_DATA, ""),
        (SPLIT, "00007", 1, DIFFERS, "00001"),
        (UNCONVERTED, "00001", 1, MATCH, ""),
        (UNCONVERTED, "00001", 0, NO_DATA, ""),
    ],
)
def test_communes_are_compared_in_one_epoch(
    address: Address, code: str, epoch: int, agreement: Agreement, value: str
) -> None:
    """Since 2025-07-01 codes name other places; the successor of a divided commune is a default."""
    here = person()
    there = at_number(here, citizen=living(here, address))
    told = ask(record(others=Others(0, 0, code, code, code_epoch=epoch)), there)
    assert [one[1:] for one in told.fields] == [(agreement, value)] * 2


def test_a_temporary_residence_counts_until_its_last_day() -> None:
    """Then the register has none."""
    here = person()
    for until, agreement in ((date(2026, 1, 1), MATCH), (date(2025, 12, 31), NO_DATA)):
        there = at_number(here, citizen=living(here, NATIVE, until))
        told = ask(record(others=Others(temporary_commune_code="00004")), there)
        assert [one.agreement for one in told.fields] == [agreement]


def test_the_register_is_asked_for_no_more_than_is_needed() -> None:
    """More than identities only where other fields are given and granted; each successor."""
    asked = [
        prepare(one)
        for one in (
            record(),
            record(OTHER_NUMBER, others=Others(sex=1)),
            record("", old=OLD_NUMBER),
        )
    ]
    assert keys_to_reconcile(asked, EVERY) == Keys(
        (NUMBER, OTHER_NUMBER),
        (OLD_NUMBER,),
        succeeded=(NUMBER, OTHER_NUMBER),
        sought={OTHER_NUMBER: frozenset({"sex", "vital_date"})},
    )
    assert keys_to_reconcile(asked, frozenset()).sought == {}


@pytest.mark.parametrize("index", [0, 1, 127, 128, 999])
@pytest.mark.parametrize("key", ["k", "ả" * 64])
def test_the_short_way_writes_the_same_bytes(index: int, key: str) -> None:
    """An item put together by hand is what the library would have written."""
    asked = prepare(record()._replace(row_key=key))
    message = CitizenClaim()
    statement.write_claim(message, asked.claim)
    sent: Asked = asked._replace(sent=message.SerializeToString(deterministic=True))
    for verdict in (Verdict.MATCHED, Verdict.NOT_VERIFIED, Verdict.AMBIGUOUS):
        found = Found(verdict, NUMBER)
        assert reconciled.item(index, sent, found) == reconciled.item(index, asked, found)
