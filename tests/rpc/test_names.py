"""One name in every form that clients send it in, through the wire to the verdict."""

from __future__ import annotations

import unicodedata

import pytest

from dancu.v1 import citizen_pb2
from tests.rpc.raw import VERIFY, RawClient, claim, failure_of, verify_request

pytestmark = pytest.mark.asyncio(loop_scope="module")

NAME = "Trần Minh Khôi"
EXACT = citizen_pb2.NAME_LEVEL_EXACT

SAME = {
    "nfc": NAME,
    "nfd": unicodedata.normalize("NFD", NAME),
    "nfkc": unicodedata.normalize("NFKC", NAME),
    # windows-1258: the hat stays on its letter, the tone follows
    "half-decomposed": "Tr\u00e2\u0300n Minh Khôi",
    "capitals": NAME.upper(),
    "right-to-left-mark": "\u200fTrần\u200e Minh \u202aKhôi\u202c",
    "zero-width": "Tr\u200bần\u200d Minh\ufeff Khôi",
    "soft-hyphen": "Trần Mi\u00adnh Khôi",
    "nbsp": "Trần\u00a0Minh\u00a0Khôi",
    "tabs-and-blanks": "  Trần \t Minh\u3000Khôi ",
}
OTHER = {
    "tcvn3-read-as-latin": "TrÇn Minh Kh«i",
    "vni-read-as-latin": "Traàn Minh Khoâi",
    "question-marks": "Tr?n Minh Kh?i",
    "mojibake": NAME.encode().decode("latin-1"),
    "one-letter": "T",
    "cyrillic-look-alikes": "Тrần Мinh Кhôi",
    "another-tone": "Trấn Minh Khôi",
}


@pytest.mark.parametrize("form", SAME)
async def test_forms_of_the_same_name(shared_raw: RawClient, form: str) -> None:
    """The name verifies EXACT however it was composed, and is repeated as it was asked."""
    stated = await shared_raw.verify(
        verify_request(claim(full_name=SAME[form])).SerializeToString()
    )
    assert stated.outcome == citizen_pb2.OUTCOME_VERIFIED
    assert stated.levels.full_name == EXACT
    assert stated.claim.full_name == SAME[form]


@pytest.mark.parametrize("form", OTHER)
async def test_damaged_names_are_other_names(shared_raw: RawClient, form: str) -> None:
    """What was damaged on its way is not guessed at: NOT_VERIFIED."""
    stated = await shared_raw.verify(
        verify_request(claim(full_name=OTHER[form])).SerializeToString()
    )
    assert stated.outcome == citizen_pb2.OUTCOME_NOT_VERIFIED


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("Trần\0Minh Khôi", "NUL"),
        ("A" * 101, "TOO_LONG"),
        ("\u200b\u200f", "NAME_REQUIRED"),
        (" ", "NAME_REQUIRED"),
        ("12345", "NAME_REQUIRED"),
    ],
)
async def test_names_of_the_wrong_shape(shared_raw: RawClient, name: str, rule: str) -> None:
    """NUL, more than 100 characters, and names without a letter are refused."""
    request = verify_request(claim(full_name=name)).SerializeToString()
    failure = await failure_of(shared_raw.send(VERIFY, request))
    assert failure.rules == {"claim.full_name": rule}


async def test_a_hundred_letters_count_composed(shared_raw: RawClient) -> None:
    """A hundred letters pass, also decomposed into three hundred characters."""
    name = unicodedata.normalize("NFD", "ộ" * 100)
    assert len(name) == 300
    stated = await shared_raw.verify(verify_request(claim(full_name=name)).SerializeToString())
    assert stated.outcome == citizen_pb2.OUTCOME_NOT_VERIFIED
