"""What is simulated is marked: in headers, in access rows, and provably so."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from clients.receipts import load_key_set, verify
from clients.receipts.accesses import access_root_of
from clients.sdk.errors import Refused
from clients.sdk.switches import Switches
from dancu.control.v1 import profile_pb2 as pb
from dancu.v1 import (
    access_history_service_pb2,
    identity_service_pb2,
    statement_pb2,
)
from dancu.v1.simulated_effect_pb2 import SimulatedEffect
from gateway.core.access import unpack
from gateway.core.model import Effect
from gateway.core.signing import Role
from gateway.store.keys.changing import rotate
from tests.rpc.gateways import Running, serving
from tests.rpc.raw import (
    ACCESSES,
    VERIFY,
    RawClient,
    claim,
    failure_of,
    request_context,
    verify_request,
)

LATE = Duration(nanos=80_000_000)


@pytest.fixture
async def switches(running: Running) -> AsyncIterator[Switches]:
    """The control port of the test's gateway."""
    async with Switches(running.control) as connected:
        yield connected


def answered(raw: bytes) -> statement_pb2.SignedStatement:
    """What VerifyIdentity answered, unverified."""
    return identity_service_pb2.VerifyIdentityResponse.FromString(raw).signed


def stated(signed: statement_pb2.SignedStatement) -> statement_pb2.IdentityVerification:
    """What it says, unverified."""
    message = statement_pb2.IdentityVerification()
    assert signed.statement.Unpack(message)
    return message


def effects_in_log(data_dir: Path) -> list[tuple[str, tuple[Effect, ...]]]:
    """RPC and simulated effects of every entry that touched somebody, from the records alone."""
    with contextlib.closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        blobs = [row[-1] for row in db.execute("SELECT * FROM window ORDER BY first")]
    return [
        (call.rpc.rpartition("/")[2], call.effects)
        for blob in blobs
        for call, rows in unpack(blob)
        if rows
    ]


async def test_a_delay_is_felt_and_marked(
    raw: RawClient, switches: Switches, running: Running
) -> None:
    """The answer comes late, verifies, and says so; header and access log agree."""
    await raw.verify()
    await switches.set_profile(pb.Profile(name="slow", latency=pb.Latency(constant=LATE)))
    began = time.monotonic()
    late = await raw.verify()
    assert time.monotonic() - began >= 0.08
    assert late.header.simulated_effects == [SimulatedEffect.SIMULATED_EFFECT_DELAYED]
    assert await switches.clear_profile("slow") == ("slow",)
    assert not (await raw.verify()).header.simulated_effects
    assert effects_in_log(running.data_dir) == [
        ("VerifyIdentity", ()),
        ("VerifyIdentity", (Effect.DELAYED,)),
        ("VerifyIdentity", ()),
    ]


async def test_a_citizen_sees_that_it_was_simulated(data_dir: Path) -> None:
    """ListAccesses shows the mark, and without it the row leads to another access root."""
    async with (
        serving(data_dir, "explain") as running,
        RawClient(running) as raw,
        Switches(running.control) as switches,
    ):
        profile = pb.Profile(name="s", rpc="VerifyIdentity", latency=pb.Latency(constant=LATE))
        await switches.set_profile(profile)
        asked = answered(await raw.send(VERIFY, verify_request().SerializeToString()))
        request = access_history_service_pb2.ListAccessesRequest(
            context=request_context(), claim=claim()
        )
        answer = await raw.send(ACCESSES, request.SerializeToString())
        signed = access_history_service_pb2.ListAccessesResponse.FromString(answer).signed
        history = raw.checked(signed)
        assert isinstance(history, statement_pb2.AccessHistory)
        (entry,) = history.entries
        assert entry.simulated_effects == [SimulatedEffect.SIMULATED_EFFECT_DELAYED]
        assert access_root_of(entry) == asked.log_proof.access_root
        entry.ClearField("simulated_effects")
        assert access_root_of(entry) != asked.log_proof.access_root


async def test_a_time_out_lasts_until_the_deadline(
    raw: RawClient, switches: Switches, running: Running
) -> None:
    """Nothing is recorded of a call that was not served; of one that was, its answer is."""
    await switches.set_profile(pb.Profile(name="t", timeout_share=1))
    sent = verify_request().SerializeToString()
    failure = await failure_of(raw.send(VERIFY, sent, timeout=0.3))
    assert failure.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert effects_in_log(running.data_dir) == []
    await switches.set_profile(pb.Profile(name="t", lost_answer_share=1))
    failure = await failure_of(raw.send(VERIFY, sent, timeout=0.5))
    assert failure.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert effects_in_log(running.data_dir) == [("VerifyIdentity", (Effect.ANSWER_LOST,))]


async def test_a_wrong_signature_is_refused_and_provably_meant(
    raw: RawClient, switches: Switches, running: Running
) -> None:
    """The verifier refuses it; its leaf is in the log, and its header says that it was meant."""
    await switches.set_profile(pb.Profile(name="w", wrong_signature_share=1))
    sent = verify_request().SerializeToString()
    signed = answered(await raw.send(VERIFY, sent))
    key_set = load_key_set(
        (running.data_dir / "keyset.binpb").read_bytes(), running.trust.anchor, datetime.now(UTC)
    )
    verdict = verify(
        signed.SerializeToString(), key_set, at=datetime.now(UTC), trust=running.trust.anchor
    )
    assert verdict.refusal is not None
    assert verdict.refusal.name == "SIGNATURE_INVALID"
    wrong = SimulatedEffect.SIMULATED_EFFECT_WRONG_SIGNATURE
    assert stated(signed).header.simulated_effects == [wrong]
    assert effects_in_log(running.data_dir) == [("VerifyIdentity", (Effect.WRONG_SIGNATURE,))]
    # the bit that was turned is the first one: turned back, everything holds
    mended = signed.signatures[0].signature
    signed.signatures[0].signature = bytes([mended[0] ^ 1]) + mended[1:]
    raw.checked(signed)


async def test_a_retired_key_signs_on_demand(data_dir: Path) -> None:
    """KEY_EXPIRED, by a key that the key set lists as retired."""
    rotate(data_dir, Role.STATEMENT, datetime.now(UTC) - timedelta(hours=1), timedelta(0))
    async with (
        serving(data_dir) as running,
        RawClient(running) as raw,
        Switches(running.control) as switches,
    ):
        await switches.set_profile(pb.Profile(name="e", expired_key_share=1))
        signed = answered(await raw.send(VERIFY, verify_request().SerializeToString()))
        key_set = load_key_set(
            (data_dir / "keyset.binpb").read_bytes(), running.trust.anchor, datetime.now(UTC)
        )
        verdict = verify(
            signed.SerializeToString(), key_set, at=datetime.now(UTC), trust=running.trust.anchor
        )
        assert verdict.refusal is not None
        assert verdict.refusal.name == "KEY_EXPIRED"
        header = stated(signed).header
        assert header.key_ids == [signed.signatures[0].key_id]
        assert header.simulated_effects == [SimulatedEffect.SIMULATED_EFFECT_EXPIRED_KEY]


async def test_an_expired_key_needs_one(raw: RawClient, switches: Switches) -> None:
    """Without a key that was retired the profile is refused, and says what to do."""
    with pytest.raises(Refused) as caught:
        await switches.set_profile(pb.Profile(name="e", expired_key_share=1))
    assert caught.value.reason == "NO_RETIRED_KEY"
    assert caught.value.code is grpc.StatusCode.FAILED_PRECONDITION
