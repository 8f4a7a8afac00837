"""Clocks that jump by hours: answers go on, and their receipts verify at their time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from clients.receipts import Result, load_key_set, verify
from dancu.v1 import identity_service_pb2
from gateway import app
from tests.rpc.gateways import audited, serving
from tests.rpc.raw import VERIFY, RawClient, verify_request

JUMPS = [0, 5, -7, 23, -23, 0, -12, 24 * 40, 0]  # hours against the true time


async def test_jumps_back_and_forth(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is dated by the clock of its moment, verifies then, and the log holds."""
    ahead = timedelta()
    monkeypatch.setattr(app, "_now", lambda: datetime.now(UTC) + ahead)
    async with serving(data_dir) as running, RawClient(running) as raw:
        anchor = running.trust.anchor
        key_set = load_key_set((data_dir / "keyset.binpb").read_bytes(), anchor, datetime.now(UTC))
        for hours in JUMPS:
            ahead = timedelta(hours=hours)
            answer = await raw.send(VERIFY, verify_request().SerializeToString())
            receipt = identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed
            # who checks has a clock of their own: the true one, or later
            at = datetime.now(UTC) + max(ahead, timedelta())
            verdict = verify(receipt.SerializeToString(), key_set, at=at, trust=anchor)
            assert verdict.result is Result.VALID, (hours, verdict)
            assert verdict.issued_at is not None
            drift = verdict.issued_at - (datetime.now(UTC) + ahead)
            assert abs(drift) < timedelta(seconds=10)
    report = audited(data_dir)
    assert (report.leaves, report.findings) == (len(JUMPS), [])


async def test_receipts_of_a_clock_that_was_ahead_are_told(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A receipt dated hours ahead is refused by whoever checks it with the true time."""
    monkeypatch.setattr(app, "_now", lambda: datetime.now(UTC) + timedelta(hours=3))
    async with serving(data_dir) as running, RawClient(running) as raw:
        answer = await raw.send(VERIFY, verify_request().SerializeToString())
        anchor = running.trust.anchor
        now = datetime.now(UTC)
        key_set = load_key_set((data_dir / "keyset.binpb").read_bytes(), anchor, now)
        receipt = identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed
        verdict = verify(receipt.SerializeToString(), key_set, at=now, trust=anchor)
    assert verdict.refusal is not None
    assert verdict.refusal.name == "TIME_IN_FUTURE"
