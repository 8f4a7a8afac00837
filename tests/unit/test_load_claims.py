"""Whom a load test asks about, how, and as which bytes."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from clients.loadtest.claims import Claims, spell
from clients.loadtest.errors import LoadError
from clients.loadtest.people import Person, read_people
from clients.loadtest.requests import Units, numbered, requests_of, varint
from clients.loadtest.scenario import Kind, Part, Rpc, Spelling
from clients.loadtest.scenario_file import built_in
from clients.loadtest.whom import whom
from clients.sdk import CallContext
from dancu.v1.identity_service_pb2 import BatchVerifyIdentitiesRequest, VerifyIdentityRequest
from dancu.v1.reconciliation_pb2 import CitizenRecord
from dancu.v1.sync_service_pb2 import ReconcileCitizensRequest, RecordChunk

HEADER = "personal_id,old_id_number,full_name,birth_date,sex\n"
AN = Person("001090000013", "012345678", "Lê Văn An", "1990-05-12")
HOA = Person("001148000017", "", "Nguyễn Thị Hoà", "1948")
DUC = Person("079077000019", "", "Đỗ Văn Đức", "1977-03")
PEOPLE = [AN, HOA, DUC]
CONTEXT = CallContext("DEMO.VERIFY", "000.00.00.G01", "OFFICER")
SCENARIO = built_in()["steady"]


def chance() -> random.Random:
    """The same each time."""
    return random.Random(1)  # noqa: S311 - no secret


def claims(**shares: float) -> Claims:
    """Claims of certain kinds, spelt as registered."""
    kinds = {Kind(name): share for name, share in shares.items()}
    return Claims(PEOPLE, kinds, {Spelling.REGISTERED: 1.0}, chance())


@pytest.mark.parametrize(
    ("how", "spelt"),
    [
        (Spelling.REGISTERED, "Đỗ Văn Đức"),
        (Spelling.DECOMPOSED, "Đo\u0302\u0303 Va\u0306n Đu\u031b\u0301c"),
        (Spelling.UPPER, "ĐỖ VĂN ĐỨC"),
        (Spelling.UNMARKED, "Do Van Duc"),
        (Spelling.JOINED, "DOVANDUC"),
    ],
)
def test_spellings(how: Spelling, spelt: str) -> None:
    """A name in each spelling; đ loses its bar with the marks."""
    assert spell(DUC.full_name, how) == spelt


def test_look_alikes() -> None:
    """What was typed for Đ loses its bar like Đ."""
    assert spell("\u00d0ỗ \u0189ức \u00f0", Spelling.UNMARKED) == "Do Duc d"


def test_shares() -> None:
    """Kinds of claims come as often as they should."""
    found = claims(known=3, wrong_name=1)
    drawn = Counter(found.one()[0] for _ in range(4000))
    assert drawn[Kind.KNOWN] / 4000 == pytest.approx(0.75, abs=0.03)


def test_wrong_claims_are_wrong() -> None:
    """A claim of each kind differs from the register where it should, and nowhere else."""
    by_number = {each.personal_id: each for each in PEOPLE}
    for _ in range(50):
        _, claim = claims(wrong_name=1).one()
        assert by_number[claim.personal_id].full_name != claim.full_name
        _, claim = claims(wrong_birth_date=1).one()
        assert int(by_number[claim.personal_id].birth_date[:4]) == claim.birth_date.year + 1
        _, claim = claims(unknown_number=1).one()
        assert claim.personal_id not in by_number
        assert len(claim.personal_id) == 12
    kind, claim = claims(old_number=1).one()
    assert (kind, claim.old_id_number, claim.personal_id) == (Kind.OLD_NUMBER, "012345678", "")


def test_nobody_has_an_old_number() -> None:
    """In a register without old cards the calls are about known numbers, and say so."""
    found = Claims([HOA, DUC], {Kind.OLD_NUMBER: 1}, {Spelling.UPPER: 1}, chance())
    assert found.one()[0] is Kind.KNOWN


def test_requests_are_the_contracts() -> None:
    """Prepared bytes parse as the request they are, with a context of their own each."""
    found = requests_of(Part(Rpc.VERIFY), SCENARIO, PEOPLE, CONTEXT, 0, "load-1-0-0-0")
    parsed = [VerifyIdentityRequest.FromString(each.request) for each in found]
    assert [each.context.request_id for each in parsed] == [each.request_id for each in found]
    assert len({each.request_id for each in found}) == len(found)
    assert {each.context.unit_code for each in parsed} == {CONTEXT.unit_code}
    assert max(len(each.request_id) for each in found) <= 40
    assert {len(each.claim.personal_id or each.claim.old_id_number) for each in parsed} <= {12, 9}


def test_requests_follow_the_seed() -> None:
    """The same seed asks the same, another seed something else."""
    one, same, other = (
        [each.request for each in requests_of(Part(Rpc.VERIFY), SCENARIO, PEOPLE, CONTEXT, 0, seed)]
        for seed in ("load-1", "load-1", "load-2")
    )
    assert one == same != other


def test_batches() -> None:
    """A batch has as many claims as it should."""
    part = Part(Rpc.BATCH, records=50)
    found = requests_of(part, SCENARIO, PEOPLE, CONTEXT, 0, "load")
    parsed = BatchVerifyIdentitiesRequest.FromString(found[0].request)
    assert (len(parsed.claims), found[0].records) == (50, 50)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**40])
def test_numbered_chunks(number: int) -> None:
    """A chunk's number put in front of its bytes is what protobuf itself would have written."""
    records = [CitizenRecord(row_key=str(row)) for row in range(40)]
    whole = ReconcileCitizensRequest(chunk=RecordChunk(chunk_number=number, records=records))
    without = RecordChunk(records=records).SerializeToString()
    assert numbered(without, number) == whole.SerializeToString()


def test_varint() -> None:
    """Seven bits a byte, the lowest first."""
    assert (varint(0), varint(127), varint(300)) == (b"\x00", b"\x7f", b"\xac\x02")


def test_units() -> None:
    """By Zipf's law the first unit asks twice as often as the second, and no code is too long."""
    dice = chance()
    drawn = Counter(Units("000.00.00.G01", 78).one(dice) for _ in range(20_000))
    (first, most), (second, next_most) = drawn.most_common(2)
    assert (first, second) == ("000.00.00.G01.01", "000.00.00.G01.02")
    assert most / next_most == pytest.approx(2.0, rel=0.15)
    assert len(drawn) == 78
    assert len(Units("x" * 40, 9).one(dice)) == 35


def test_people(tmp_path: Path) -> None:
    """People come from a CSV; who lacks a number, a name or a birth date cannot be asked about."""
    path = tmp_path / "people.csv"
    path.write_text(
        f"{HEADER}001090000013,012345678,Lê Văn An,1990-05-12,1\n,,Nobody,1990,1\n"
        "001148000017,,Nguyễn Thị Hoà,1948,2\n",
        "utf-8",
    )
    assert read_people(path) == [AN, HOA]
    found = whom(path, tmp_path, None, "127.0.0.1:1")
    assert (found.people, found.told) == ([AN, HOA], str(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,born\nAn,1990\n", "has no column personal_id"),
        (HEADER, "holds nobody"),
        (f"{HEADER}001090000013,,An,12.5.90,1\n", "people.csv:2: not a birth date"),
        (f"{HEADER}001090000013,,An,1990,1\n", "two people at least"),
    ],
)
def test_people_that_do_not_do(text: str, said: str, tmp_path: Path) -> None:
    """A file that names nobody to ask about says what is wrong."""
    path = tmp_path / "people.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(LoadError, match=said):
        whom(path, tmp_path, None, "127.0.0.1:1")


def test_nobody_to_ask_about(tmp_path: Path) -> None:
    """Without a file, a register or a simulator at hand the user is told where people come from."""
    with pytest.raises(LoadError, match="dancu population export"):
        whom(None, tmp_path, None, "gateway.example:50051")
    with pytest.raises(LoadError, match=r"no control port at 127.0.0.1:3"):
        whom(None, tmp_path, None, "127.0.0.1:1")


def test_a_register_that_is_none(tmp_path: Path) -> None:
    """A register that cannot be read is told of in one line."""
    (tmp_path / "population.db").write_bytes(b"no database")
    with pytest.raises(LoadError, match=rf"no people from {tmp_path}: .*--people"):
        whom(None, tmp_path, None, "127.0.0.1:1")


def test_same_scenario_other_shares() -> None:
    """A scenario's outcomes reach its requests."""
    scenario = replace(SCENARIO, outcomes={Kind.UNKNOWN_NUMBER: 1.0})
    found = requests_of(Part(Rpc.RESOLVE), scenario, PEOPLE, CONTEXT, 0, "load")
    assert {each.kind for each in found} == {Kind.UNKNOWN_NUMBER}
