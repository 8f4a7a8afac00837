"""VerifyAttributes through the real server, persona by persona."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any

import grpc
import pytest

from clients.sdk import (
    Assertion,
    AssertionResult,
    Attribute,
    CodeEpoch,
    Gateway,
    MaritalStatus,
    Outcome,
    PersonStatus,
    Refused,
    SaidAddress,
    SaidPerson,
)
from gateway.core.access import unpack
from gateway.core.disclosure import bits_of

TRUE, FALSE, NO_DATA = (AssertionResult.TRUE, AssertionResult.FALSE, AssertionResult.NO_DATA)
WARD: dict[str, Any] = {
    "personal_id": "038218000042",
    "full_name": "Lê Tuấn Kiệt",
    "birth_date": "2018-02-14",
}
SON: dict[str, Any] = {
    "personal_id": "079216000003",
    "full_name": "TRAN GIA HUNG",
    "birth_date": "2016-05-21",
}
WIDOW: dict[str, Any] = {
    "personal_id": "052155000037",
    "full_name": "Trần Thị Nguyệt",
    "birth_date": "1955-09-18",
}
SPLIT: dict[str, Any] = {
    "personal_id": "001085000047",
    "full_name": "Nguyễn Tiến Đạt",
    "birth_date": "1985-10-26",
}
STUDENT: dict[str, Any] = {
    "personal_id": "052099000046",
    "full_name": "Phan Minh Trí",
    "birth_date": "1999-05-31",
}
LEGACY = CodeEpoch.LEGACY


def person(attribute: Attribute, name: str = "", number: str = "") -> Assertion:
    """Who somebody is said to be."""
    return Assertion(attribute, SaidPerson(full_name=name, personal_id=number))


def place(commune: str = "", epoch: CodeEpoch = CodeEpoch.Y2025, province: str = "") -> Assertion:
    """Where somebody is said to live."""
    said = SaidAddress(commune_code=commune, province_code=province, code_epoch=epoch)
    return Assertion(Attribute.CURRENT_ADDRESS, said)


CASES: dict[str, tuple[dict[str, Any], Assertion, AssertionResult]] = {
    "guardian": (WARD, person(Attribute.REPRESENTATIVE, "LE DINH THO", "038052000043"), TRUE),
    "another-guardian": (WARD, person(Attribute.REPRESENTATIVE, "Lê Đình Thơ"), FALSE),
    "no-father-on-file": (WARD, person(Attribute.FATHER, "Lê Đình Thọ"), NO_DATA),
    "head": (WARD, person(Attribute.HOUSEHOLD_HEAD, "Lê Đình Thọ"), TRUE),
    "another-head": (WARD, person(Attribute.HOUSEHOLD_HEAD, "Lê Tuấn Kiệt"), FALSE),
    "father": (SON, person(Attribute.FATHER, "TRANMINHKHOI"), TRUE),
    "fathers-number": (SON, person(Attribute.FATHER, number="079088000001"), TRUE),
    "mother-by-another-tone": (SON, person(Attribute.MOTHER, "Hồ Thị Bích Thuỷ"), TRUE),
    "mother-half-right": (SON, person(Attribute.MOTHER, "Hồ Thị Bích Thủy", "1" * 12), FALSE),
    "child-without-marital-status": (
        SON,
        Assertion(Attribute.MARITAL_STATUS, MaritalStatus.MARRIED),
        FALSE,
    ),
    "dead-spouse": (WIDOW, person(Attribute.SPOUSE, "Bùi Văn Thiện"), TRUE),
    "dead-head": (WIDOW, person(Attribute.HOUSEHOLD_HEAD, "Bùi Văn Thiện"), NO_DATA),
    "widowed": (
        WIDOW,
        Assertion(Attribute.MARITAL_STATUS, MaritalStatus.DIVORCED_OR_WIDOWED),
        TRUE,
    ),
    "alive": (WIDOW, Assertion(Attribute.VITAL_STATUS, PersonStatus.ALIVE), TRUE),
    "not-dead": (WIDOW, Assertion(Attribute.VITAL_STATUS, PersonStatus.DEAD), FALSE),
    "commune": (WIDOW, place("21601"), TRUE),
    "former-commune": (WIDOW, place("21550", LEGACY), TRUE),
    "code-of-the-other-epoch": (WIDOW, place("21601", LEGACY), FALSE),
    "province": (WIDOW, place(province="52"), TRUE),
    "divided-commune": (SPLIT, place("00008"), NO_DATA),
    "divided-commune-before": (SPLIT, place("00007", LEGACY), TRUE),
    "expired-residence": (STUDENT, place("00097"), FALSE),
    "home-after-it": (STUDENT, place("21601"), TRUE),
}


@pytest.mark.parametrize(("about", "assertion", "result"), CASES.values(), ids=CASES)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_is_said_of_a_persona(
    shared_sdk: Gateway, about: dict[str, Any], assertion: Assertion, result: AssertionResult
) -> None:
    """Each is answered by what the register holds of that persona, which is not shown."""
    answer = await shared_sdk.verify_attributes([assertion], **about)
    assert answer.verified
    assert answer.results == (result,)
    assert answer.assertions == (assertion,)


@pytest.mark.asyncio(loop_scope="module")
async def test_sixteen_at_once_in_order(shared_sdk: Gateway) -> None:
    """Results stand in the order of the assertions."""
    yes, no = person(Attribute.FATHER, "Trần Minh Khôi"), person(Attribute.FATHER, "Ai Đó")
    answer = await shared_sdk.verify_attributes([yes, no] * 8, **SON)
    assert answer.results == (TRUE, FALSE) * 8
    assert not answer.all_true
    assert (await shared_sdk.verify_attributes([yes], **SON)).all_true


@pytest.mark.asyncio(loop_scope="module")
async def test_an_unverified_claim_has_no_results(shared_sdk: Gateway) -> None:
    """However much of it is true: unknown, mismatch and ambiguous number are all the same."""
    yes = person(Attribute.FATHER, "Trần Minh Khôi")
    ambiguous = {
        "old_id_number": "000000033", "full_name": "Nguyễn Văn Bình", "birth_date": "1970-10-10",
    }  # fmt: skip
    unknown, mismatch = {"personal_id": "079216000999"}, {"birth_date": "2016-05-22"}
    for about in (SON | unknown, SON | mismatch, ambiguous):
        answer = await shared_sdk.verify_attributes([yes], **about)
        assert (answer.outcome, answer.person) == (Outcome.NOT_VERIFIED, None)
        assert answer.results == ()
        assert answer.assertions == (yes,)


@pytest.mark.asyncio(loop_scope="module")
async def test_the_mistakes_of_assertions_are_named(shared_sdk: Gateway) -> None:
    """With the path of each."""
    pending = Assertion(Attribute.VITAL_STATUS, PersonStatus.NUMBER_PENDING)
    bad = [person(Attribute.FATHER), place("9"), pending]
    with pytest.raises(Refused) as refused:
        await shared_sdk.verify_attributes(bad, **SON)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert {one.field: one.rule for one in refused.value.violations} == {
        "assertions[0].father": "PERSON_REQUIRED",
        "assertions[1].current_address.commune_code": "CODE_FORMAT",
        "assertions[2].vital_status": "STATUS_VALUE",
    }


@pytest.mark.parametrize("count", [0, 17])
@pytest.mark.asyncio(loop_scope="module")
async def test_how_many(shared_sdk: Gateway, count: int) -> None:
    """None and more than 16 are refused."""
    with pytest.raises(Refused) as refused:
        await shared_sdk.verify_attributes([person(Attribute.FATHER, "A")] * count, **SON)
    assert refused.value.violations[0].rule == "ASSERTION_COUNT"


async def test_the_access_row_names_what_was_answered(sdk: Gateway, data_dir: Path) -> None:
    """The fields that TRUE or FALSE was said about, of the person asked about alone."""
    asked = [person(Attribute.FATHER, "Ai Đó"), person(Attribute.REPRESENTATIVE, "Ai Đó"),
             person(Attribute.HOUSEHOLD_HEAD, "Trần Minh Khôi")]  # fmt: skip
    answer = await sdk.verify_attributes(asked, **SON)
    assert answer.results == (FALSE, NO_DATA, TRUE)
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        (packed,) = db.execute("SELECT accesses FROM window").fetchone()
    ((_, (row,)),) = unpack(packed)
    assert row.fields == bits_of({"father", "permanent_residence"})
