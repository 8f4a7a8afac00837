"""Quotas over the wire: what runs out, what is told of it, and what is not charged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from dancu.v1 import identity_service_pb2, usage_service_pb2
from gateway import app
from gateway.engines.choice import engine_in
from gateway.store.statistics import Figures
from tests.rpc.gateways import audited, serving
from tests.rpc.raw import (
    BATCH,
    LOOKUP,
    VERIFY,
    RawClient,
    claim,
    failure_of,
    read_failure,
    request_context,
    verify_request,
)

GRANT = """
[[grant]]
callers = ["one", "two"]
procedures = ["*"]
rpcs = ["VerifyIdentity", "BatchVerifyIdentities", "LookupCitizen"]
fields = ["name"]

[[quota]]
callers = ["one"]
procedures = ["*"]
"""
USAGE = "/dancu.v1.UsageService/GetUsage"


def limited(tmp_path: Path, limits: str) -> Path:
    """A policy with one quota."""
    path = tmp_path / "policy.toml"
    path.write_text(GRANT + limits)
    return path


def batch(size: int) -> bytes:
    """A batch about one person."""
    return identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[claim()] * size
    ).SerializeToString()


def lookup(field: str) -> bytes:
    """A look-up of one field."""
    return identity_service_pb2.LookupCitizenRequest(
        context=request_context(), claim=claim(), read_mask={"paths": [field]}
    ).SerializeToString()


async def trailers(raw: RawClient, method: str, request: bytes) -> tuple[str, dict[str, str]]:
    """The reason for a refusal, if it is one, and what was told of the quota."""
    call = raw.send(method, request)
    try:
        await call
        reason = ""
    except grpc.aio.AioRpcError as error:
        reason = read_failure(error).reason
    found = {key: str(value) for key, value in await call.trailing_metadata() or ()}
    return reason, {key: value for key, value in found.items() if key.startswith("dancu-")}


async def left(raw: RawClient, method: str, request: bytes) -> tuple[str, int]:
    """The reason for a refusal, and the records that are left."""
    reason, told = await trailers(raw, method, request)
    return reason, int(told["dancu-quota-remaining"])


async def test_every_recorded_answer_counts_and_nothing_else(
    data_dir: Path, tmp_path: Path
) -> None:
    """NOT_VERIFIED too, a batch by its records; not what is malformed or not granted."""
    policy = limited(tmp_path, "per_day = 10\n")
    no = verify_request(claim("079088000999")).SerializeToString()
    yes = verify_request().SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        assert await left(raw, VERIFY, yes) == ("", 9)
        assert await left(raw, VERIFY, no) == ("", 8)
        assert await left(raw, VERIFY, verify_request(claim("1")).SerializeToString()) == (
            "INVALID_FIELD",
            8,
        )
        assert await left(raw, LOOKUP, lookup("sex")) == ("FIELD_NOT_GRANTED", 8)
        assert await left(raw, LOOKUP, lookup("nonsense")) == ("INVALID_FIELD", 8)
        assert await left(raw, BATCH, batch(5)) == ("", 3)
        assert await left(raw, BATCH, batch(4)) == ("QUOTA_DAY_EXCEEDED", 3)
        assert await left(raw, BATCH, batch(3)) == ("", 0)
        assert await left(raw, VERIFY, yes) == ("QUOTA_DAY_EXCEEDED", 0)
    # 4 answers, the refusal of a field, and one leaf for both refusals for want of quota
    assert audited(data_dir).leaves == 6
    told = engine_in(data_dir).statistics("2000-01-01", "2999-12-31")
    assert {key.rpc.rpartition("/")[2]: one for key, one in told.items()} == {
        "VerifyIdentity": Figures(answers=2, records=2, verified=1),
        "LookupCitizen": Figures(refusals=1),
        "BatchVerifyIdentities": Figures(answers=2, records=8, verified=8, refusals=2),
    }


async def test_a_status_says_what_is_used_up_and_when_it_is_not(
    data_dir: Path, tmp_path: Path
) -> None:
    """QuotaFailure names the caller, RetryInfo the wait; the reset is midnight in Viet Nam."""
    policy = limited(tmp_path, "per_second = 0.5\nburst = 2\nper_day = 100\n")
    yes = verify_request().SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        _, told = await trailers(raw, VERIFY, yes)
        assert told["dancu-quota-remaining"] == "99"
        reset = datetime.fromisoformat(told["dancu-quota-reset"])
        assert told["dancu-quota-reset"].endswith("T00:00:00+07:00")
        assert timedelta() < reset - datetime.now(UTC) <= timedelta(days=1)
        await raw.send(VERIFY, yes)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await raw.send(VERIFY, yes)
        failure = read_failure(caught.value)
        assert (failure.code, failure.reason) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "QUOTA_RATE_EXCEEDED",
        )
        assert failure.retry_after is not None
        assert 0 < failure.retry_after <= 2
        details = dict(caught.value.trailing_metadata() or ())["grpc-status-details-bin"]
        assert isinstance(details, bytes)
        quota = error_details_pb2.QuotaFailure()
        assert any(one.Unpack(quota) for one in status_pb2.Status.FromString(details).details)
        assert [one.subject for one in quota.violations] == ["caller:one"]
        too_large = await failure_of(raw.send(BATCH, batch(3)))
        assert (too_large.reason, too_large.retry_after) == ("QUOTA_BATCH_TOO_LARGE", None)


async def test_who_has_no_quota_is_told_of_none(data_dir: Path, tmp_path: Path) -> None:
    """And is not limited by another's."""
    policy = limited(tmp_path, "per_day = 1\n")
    async with serving(data_dir, "two", policy) as running, RawClient(running) as raw:
        for _ in range(3):
            assert await trailers(raw, VERIFY, verify_request().SerializeToString()) == ("", {})


async def test_a_restart_forgets_nothing(data_dir: Path, tmp_path: Path) -> None:
    """Neither the day's records nor the mismatches."""
    policy = limited(tmp_path, "per_day = 10\nmismatches_per_number_per_day = 2\n")
    wrong = verify_request(claim(birth=(1988, 3, 15))).SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        assert await left(raw, BATCH, batch(2)) == ("", 8)
        assert await left(raw, VERIFY, wrong) == ("", 7)
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        assert await left(raw, VERIFY, wrong) == ("", 6)
        assert await left(raw, VERIFY, wrong) == ("QUOTA_MISMATCHES_EXCEEDED", 6)


async def test_a_new_day_begins_at_midnight_in_viet_nam(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """17:00 UTC; and a clock put back finds the old day's count again."""
    tomorrow = datetime.now(UTC) + timedelta(days=1)  # the keys are not older than the test
    now = tomorrow.replace(hour=16, minute=59, second=59)
    monkeypatch.setattr(app, "_now", lambda: now)
    policy = limited(tmp_path, "per_day = 2\n")
    yes = verify_request().SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        assert [await left(raw, VERIFY, yes) for _ in range(3)][1:] == [
            ("", 0),
            ("QUOTA_DAY_EXCEEDED", 0),
        ]
        now += timedelta(seconds=1)
        assert await left(raw, VERIFY, yes) == ("", 1)
        now -= timedelta(hours=1)
        assert await left(raw, VERIFY, yes) == ("QUOTA_DAY_EXCEEDED", 0)


@pytest.mark.parametrize("number", ["079088000001", "079088000999"], ids=["known", "unknown"])
async def test_guessing_a_birth_date_is_stopped(
    data_dir: Path, tmp_path: Path, number: str
) -> None:
    """One by one: after so many wrong ones also the right one is refused; alike if unknown."""
    policy = limited(tmp_path, "mismatches_per_number_per_day = 5\n")
    wrong = [verify_request(claim(number, birth=(1988, 3, day))) for day in range(1, 8)]
    right = verify_request(claim(number))
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        reasons = [
            (await trailers(raw, VERIFY, one.SerializeToString()))[0] for one in [*wrong, right]
        ]
        other = await trailers(
            raw, VERIFY, verify_request(claim("002087000041")).SerializeToString()
        )
    assert reasons == [""] * 5 + ["QUOTA_MISMATCHES_EXCEEDED"] * 3
    assert other == ("", {})


async def test_a_crowd_of_guesses_does_not_pass_together(data_dir: Path, tmp_path: Path) -> None:
    """Sent at the same moment, in one window or several, and with them batches."""
    policy = limited(tmp_path, "mismatches_per_number_per_day = 5\n")
    guesses = [claim(birth=(1988, month, day)) for month in range(4, 8) for day in range(1, 21)]
    whole = identity_service_pb2.BatchVerifyIdentitiesRequest(
        context=request_context(), claims=[*guesses, claim()]
    ).SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        done = await asyncio.gather(
            *(trailers(raw, VERIFY, verify_request(one).SerializeToString()) for one in guesses),
            trailers(raw, BATCH, whole),
        )
    reasons = [reason for reason, _ in done]
    assert reasons.count("") == 5
    assert set(reasons) == {"", "QUOTA_MISMATCHES_EXCEEDED"}
    assert reasons[-1] == "QUOTA_MISMATCHES_EXCEEDED"


async def test_right_claims_are_not_capped(data_dir: Path, tmp_path: Path) -> None:
    """However many at once."""
    policy = limited(tmp_path, "mismatches_per_number_per_day = 2\n")
    yes = verify_request().SerializeToString()
    async with serving(data_dir, "one", policy) as running, RawClient(running) as raw:
        done = await asyncio.gather(*(trailers(raw, VERIFY, yes) for _ in range(50)))
    assert done == [("", {})] * 50


async def test_a_caller_sees_its_own_usage(data_dir: Path, tmp_path: Path) -> None:
    """By day, procedure and RPC, and nobody else's."""
    policy = limited(tmp_path, "per_day = 100\n")
    for caller in ("one", "two"):
        async with serving(data_dir, caller, policy) as running, RawClient(running) as raw:
            await raw.send(VERIFY, verify_request().SerializeToString())
            await raw.send(VERIFY, verify_request(claim("079088000999")).SerializeToString())
            await raw.send(BATCH, batch(7))
            used = usage_service_pb2.GetUsageResponse.FromString(await raw.send(USAGE, b""))
        assert used.caller == caller
        assert [
            (one.procedure_code, one.rpc, one.answers, one.records, one.verified)
            for one in used.counters
        ] == [
            ("TEST.VERIFY", BATCH[1:], 1, 7, 7),
            ("TEST.VERIFY", VERIFY[1:], 2, 2, 1),
        ]


@pytest.mark.parametrize(
    ("first", "last", "rules"),
    [
        ({"year": 2026, "month": 3}, {}, {"first_day": "NO_SUCH_DAY"}),
        ({}, {"year": 2026, "month": 2, "day": 29}, {"last_day": "NO_SUCH_DAY"}),
        (
            {"year": 2026, "month": 3, "day": 2},
            {"year": 2026, "month": 3, "day": 1},
            {"first_day": "DAY_RANGE"},
        ),
    ],
)
async def test_days_that_cannot_be_are_malformed(
    raw: RawClient, first: dict[str, int], last: dict[str, int], rules: dict[str, str]
) -> None:
    """Each with its rule."""
    request = usage_service_pb2.GetUsageRequest(first_day=first or None, last_day=last or None)
    failure = await failure_of(raw.send(USAGE, request.SerializeToString()))
    assert failure.rules == rules
