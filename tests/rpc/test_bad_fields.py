"""Fields of the wrong shape: each violation names field, rule and mend, in both languages."""

from __future__ import annotations

import grpc
import pytest

from dancu.v1 import citizen_pb2, context_pb2, identity_service_pb2
from tests.rpc.raw import VERIFY, RawClient, claim, failure_of, request_context

pytestmark = pytest.mark.asyncio(loop_scope="module")

NUMBERS = {
    "11-digits": ("79088000001", "the leading zero"),
    "13-digits": ("0790880000011", "13"),
    "letter-o": ("O79088000001", "O, I or L"),
    "letter-i": ("07908800000I", "O, I or L"),
    "full-width": ("０７９０８８０００００１", "full-width"),
    "arabic-indic": ("٠٧٩٠٨٨٠٠٠٠٠١", "digits 0-9"),
    "superscript": ("07908800000¹", "digits 0-9"),
    "blanks": ("079 088 000 001", "remove the blanks"),
    "trailing-blank": ("079088000001 ", "remove the blanks"),
    "nbsp": ("079088000001\u00a0", "remove the blanks"),
    "nul": ("07908800000\0", "digits 0-9"),
    "minus": ("-79088000001", "digits 0-9"),
    "exponent": ("7.9088E+10", "digits 0-9"),
}
DATES = [
    (2023, 2, 29), (1990, 13, 1), (1990, 4, 31), (1990, 0, 5), (-1, 1, 1), (10_000, 1, 1),
    (1990, -1, 0), (0, 5, 12), (2**31 - 1, 2**31 - 1, 2**31 - 1),
]  # fmt: skip


@pytest.mark.parametrize("case", NUMBERS)
async def test_numbers_of_another_shape(shared_raw: RawClient, case: str) -> None:
    """A number of the wrong shape is refused with the likeliest mend, and is not repeated."""
    number, mend = NUMBERS[case]
    failure = await failure_of(shared_raw.send(VERIFY, _request(claim(number))))
    assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
    assert (failure.reason, failure.domain) == ("INVALID_FIELD", "dancu")
    (violation,) = failure.violations
    assert (violation.field, violation.reason) == ("claim.personal_id", "PERSONAL_ID_FORMAT")
    assert mend in violation.description
    assert "12" in violation.localized_message.message
    assert violation.localized_message.locale == "vi"
    assert number not in f"{violation}{failure.texts}"


@pytest.mark.parametrize("birth", DATES)
async def test_dates_that_do_not_exist(shared_raw: RawClient, birth: tuple[int, int, int]) -> None:
    """A date that is in no calendar is refused."""
    failure = await failure_of(shared_raw.send(VERIFY, _request(claim(birth=birth))))
    assert failure.rules == {"claim.birth_date": "NO_SUCH_DATE"}


@pytest.mark.parametrize("birth", [(2199, 1, 1), (1850, 6, 1), (1, 0, 0), (2024, 2, 29)])
async def test_dates_that_merely_disagree(
    shared_raw: RawClient, birth: tuple[int, int, int]
) -> None:
    """A date in the future or of long ago has a shape; it is answered NOT_VERIFIED."""
    stated = await shared_raw.verify(_request(claim(birth=birth)))
    assert stated.outcome == citizen_pb2.OUTCOME_NOT_VERIFIED


@pytest.mark.parametrize("number", ["999999999999", "000000000000", "079988000001"])
async def test_numbers_that_cannot_be_are_answered(shared_raw: RawClient, number: str) -> None:
    """Province, century or year that cannot be is not a matter of shape."""
    stated = await shared_raw.verify(_request(claim(number)))
    assert stated.outcome == citizen_pb2.OUTCOME_NOT_VERIFIED


async def test_every_mistake_is_told_at_once(shared_raw: RawClient) -> None:
    """All violations of a request come in one answer, each with rule and mend in two languages."""
    request = identity_service_pb2.VerifyIdentityRequest(
        context=context_pb2.RequestContext(
            request_id="R" * 41, procedure_code="P" * 21, unit_code="U\n", dossier_id="D" * 65
        ),
        claim=claim("12", "", (0, 0, 0), old_id_number="12345678"),
    )
    failure = await failure_of(shared_raw.send(VERIFY, request.SerializeToString()))
    assert failure.rules == {
        "context.request_id": "TOO_LONG",
        "context.procedure_code": "TOO_LONG",
        "context.unit_code": "UNPRINTABLE",
        "context.officer_id": "REQUIRED",
        "context.dossier_id": "TOO_LONG",
        "claim.personal_id": "PERSONAL_ID_FORMAT",
        "claim.old_id_number": "OLD_ID_NUMBER_FORMAT",
        "claim.full_name": "NAME_REQUIRED",
        "claim.birth_date": "BIRTH_DATE_REQUIRED",
    }
    for violation in failure.violations:
        assert violation.description
        assert violation.localized_message.message not in ("", violation.description)
    assert "8 more" in failure.texts["en"]
    assert "8 lỗi khác" in failure.texts["vi"]


async def test_a_number_is_required(shared_raw: RawClient) -> None:
    """A claim without either number is refused."""
    failure = await failure_of(shared_raw.send(VERIFY, _request(claim(""))))
    assert failure.rules == {"claim.personal_id": "NUMBER_REQUIRED"}


async def test_limits_of_the_context_are_inclusive(shared_raw: RawClient) -> None:
    """The longest context that the contract allows is answered and repeated."""
    longest = context_pb2.RequestContext(
        request_id="Ă" * 40, procedure_code="P" * 20, unit_code="U" * 35, officer_id="Đ" * 20
    )
    request = identity_service_pb2.VerifyIdentityRequest(context=longest, claim=claim())
    stated = await shared_raw.verify(request.SerializeToString())
    assert stated.header.context == longest


def _request(claimed: citizen_pb2.CitizenClaim) -> bytes:
    message = identity_service_pb2.VerifyIdentityRequest(context=request_context(), claim=claimed)
    return message.SerializeToString()
