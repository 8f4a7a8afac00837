"""The verification as a whole: the order of its steps, and what a verdict shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from clients.receipts import (
    Expectations,
    Refusal,
    Result,
    Trust,
    Verdict,
    load_key_set,
    verify,
    verify_offline,
)
from clients.receipts.envelope import MAX_BYTES
from dancu.v1 import statement_pb2 as pb
from tests.vectors import scene as v

AT = datetime(2026, 3, 1, tzinfo=UTC)
TRUST = Trust(roots=frozenset({v.ROOT.key_id}))


def _check(data: bytes, key_set: bytes = v.MAIN_KEY_SET, **expected: Any) -> Verdict:
    expectations = Expectations(**expected)
    return verify_offline(data, key_set, at=AT, trust=TRUST, expected=expectations)


def test_the_first_failure_gives_the_name() -> None:
    """With everything wrong from some step on, that step's name comes out."""
    noise = v.envelope("x", b"", [v.STRANGER]).SerializeToString() + b"\0"
    assert _check(noise, b"").refusal == "ENVELOPE_MALFORMED"
    body = v.identity(issuer="x", log_origin="x", salt=b"", issued_at=v.stamp("2027-01-01"))
    wrong_type = v.Draft(body, signers=(), type_url=v.PREFIX + "KeySet")
    assert _check(v.sealed(wrong_type), b"").refusal == "TYPE_NOT_ALLOWED"
    unsigned = v.sealed(v.Draft(body, signers=()))
    assert _check(unsigned, b"").refusal == "KEYSET_UNTRUSTED"
    assert _check(unsigned).refusal == "SIGNATURE_SET_MISMATCH"
    unknown = v.sealed(v.Draft(body, signers=(v.STRANGER,)))
    assert _check(unknown).refusal == "KEY_UNKNOWN"
    saltless = v.Draft(body, signers=(v.FUTURE,), logs=(v.STRANGER,))
    assert _check(v.sealed(saltless)).refusal == "STATEMENT_MALFORMED"
    body.header.salt = v.SALT
    stranger = v.sealed(v.Draft(body, signers=(v.FUTURE,), logs=(v.STRANGER,)))
    assert _check(stranger, audience="x").refusal == "ISSUER_MISMATCH"
    body.header.issuer = v.ISSUER
    lost = v.sealed(v.Draft(body, signers=(v.FUTURE,), logs=(v.STRANGER,)))
    assert _check(lost, audience="x").refusal == "CONTEXT_MISMATCH"
    assert _check(lost).refusal == "LOG_ORIGIN_UNKNOWN"


def test_a_valid_verdict_shows_the_statement() -> None:
    """The parsed message, its type and its time, and whose word the time is."""
    verdict = _check(v.sealed(v.Draft()))
    assert verdict.result is Result.VALID
    assert isinstance(verdict.statement, pb.IdentityVerification)
    assert verdict.statement.claim.personal_id == "098085000123"
    assert verdict.type_url == v.PREFIX + "IdentityVerification"
    assert verdict.issued_at == v.moment(v.ISSUED)
    assert verdict.notes == ("time asserted by the issuer",)


def test_a_refused_statement_is_not_shown() -> None:
    """Nobody can read by mistake what a refused statement says."""
    verdict = _check(v.sealed(v.Draft()), audience="another")
    assert verdict == Verdict(
        Result.INVALID, Refusal.CONTEXT_MISMATCH, "another audience than expected"
    )


def test_an_indeterminate_statement_is_shown() -> None:
    """What cannot be settled is shown with the reason."""
    verdict = _check(v.sealed(v.Draft(signers=(v.REVOKED,))))
    assert (verdict.result, verdict.refusal) == (Result.INDETERMINATE, Refusal.KEY_REVOKED)
    assert verdict.statement is not None


def test_no_detail_names_a_person() -> None:
    """The reason of a refusal may go into a log."""
    others: dict[str, Any] = {
        "personal_id": "098085000124",
        "full_name": "Nguyễn Thị Mẫn",
        "birth_date": (1985, 7, 13),
    }
    for name, other in others.items():
        verdict = _check(v.sealed(v.Draft()), **{name: other})
        assert verdict.detail == f"another {name} than expected"


def test_more_than_a_mebibyte_is_refused() -> None:
    """A statement of 1 MiB is read, one of a byte more is not."""
    room = MAX_BYTES - len(v.sealed(v.Draft(v.identity(policy_version="x" * 2**19)))) + 2**19
    whole = v.sealed(v.Draft(v.identity(policy_version="x" * room)))
    assert len(whole) == MAX_BYTES
    assert _check(whole).result is Result.VALID
    over = v.sealed(v.Draft(v.identity(policy_version="x" * (room + 1))))
    assert _check(over).refusal == "ENVELOPE_MALFORMED"


def test_a_kept_key_set_is_measured_again() -> None:
    """Root, lowest version and time are those of this check, not of the loading."""
    key_set = load_key_set(v.MAIN_KEY_SET, TRUST, AT)
    data = v.sealed(v.Draft())
    stricter = Trust(TRUST.roots, lowest_version=8)
    other = Trust(frozenset({v.STRANGER.key_id}))
    early = datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert verify(data, key_set, at=AT, trust=stricter).refusal == "KEYSET_ROLLBACK"
    assert verify(data, key_set, at=AT, trust=other).refusal == "KEYSET_UNTRUSTED"
    assert verify(data, key_set, at=early, trust=TRUST).refusal == "TIME_IN_FUTURE"


def test_a_moment_without_a_time_zone_is_a_mistake() -> None:
    """The one mistake that is the caller's: it raises, instead of guessing a zone."""
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - that is what is tested
    with pytest.raises(ValueError, match="time zone"):
        verify_offline(b"", b"", at=naive, trust=TRUST)


def test_every_refusal_is_explained() -> None:
    """One sentence each, no two alike."""
    meanings = {refusal.meaning for refusal in Refusal}
    assert len(meanings) == len(Refusal) == 24
    assert all(meaning[0].isupper() and meaning.endswith(".") for meaning in meanings)
