"""ResolveIdentifier: from former, old and shared numbers to the one that is valid now."""

from __future__ import annotations

from typing import Any

import pytest

from clients.sdk import Gateway, IdentifierKind, NumberStep, Outcome

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHAIN = (
    NumberStep("001080000027", "001081000028", "2019-03-11", "BIRTH_YEAR_CORRECTED"),
    NumberStep("001081000028", "001181000029", "2023-10-02", "SEX_CORRECTED"),
)
THAO: dict[str, Any] = {"full_name": "Đinh Phương Thảo", "birth_date": "1981-07-07"}
NAMESAKE: dict[str, Any] = {"full_name": "Nguyễn Văn Bình", "birth_date": "1970-10-10"}


@pytest.mark.parametrize("number", ["001080000027", "001081000028", "001181000029"])
async def test_every_number_of_a_chain_leads_to_the_present_one(
    shared_sdk: Gateway, number: str
) -> None:
    """First, second and present number lead to the present one, with all the steps."""
    answer = await shared_sdk.resolve_identifier(personal_id=number, **THAO)
    assert answer.verified
    assert answer.current_personal_id == "001181000029"
    assert answer.steps == CHAIN


async def test_an_old_number_leads_to_the_new_one(shared_sdk: Gateway) -> None:
    """A 9-digit number resolves to the 12-digit one."""
    answer = await shared_sdk.resolve_identifier(
        old_id_number="000000001", full_name="Trần Minh Khôi", birth_date="1988-03-14"
    )
    assert answer.current_personal_id == "079088000001"
    assert answer.person is not None
    assert answer.person.identifier_used is IdentifierKind.OLD_ID_NUMBER


async def test_a_shared_old_number_is_decided_by_the_name(shared_sdk: Gateway) -> None:
    """Of two people with one old number, name and birth date choose."""
    answer = await shared_sdk.resolve_identifier(
        old_id_number="000000031", full_name="Võ Thị Kim Ngân", birth_date="1972-05-23"
    )
    assert answer.current_personal_id == "079172000032"


async def test_who_cannot_be_told_apart_is_ambiguous(shared_sdk: Gateway) -> None:
    """Two people who agree with everything are AMBIGUOUS, and neither is named."""
    answer = await shared_sdk.resolve_identifier(old_id_number="000000033", **NAMESAKE)
    assert answer.outcome is Outcome.AMBIGUOUS
    assert (answer.person, answer.current_personal_id, answer.steps) == (None, "", ())


@pytest.mark.parametrize(
    "claim",
    [
        {"personal_id": "001080000027"} | THAO | {"birth_date": "1981-07-08"},
        {"personal_id": "001080000027"} | THAO | {"full_name": "Đinh Phương Thao"},
        {"personal_id": "001080999027"} | THAO,
        {"personal_id": "038077000030", "full_name": "Lưu Đình Phúc", "birth_date": "1977-09-16"},
    ],
    ids=["wrong-date", "wrong-name", "unknown", "cancelled-for-good"],
)
async def test_what_does_not_agree_is_not_verified(
    shared_sdk: Gateway, claim: dict[str, Any]
) -> None:
    """A wrong claim, an unknown number, and one cancelled for good answer alike: nothing."""
    answer = await shared_sdk.resolve_identifier(**claim)
    assert answer.outcome is Outcome.NOT_VERIFIED
    assert (answer.person, answer.current_personal_id, answer.steps) == (None, "", ())
