"""Profiles and reset over the wire: what callers meet, and what the log says of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration

from clients.sdk.errors import Refused
from clients.sdk.switches import Switches
from dancu.control.v1 import profile_pb2 as pb
from dancu.v1 import population_event_pb2 as events_pb2
from dancu.v1 import (
    sync_service_pb2,
)
from gateway.core.profile import Profile, fate
from gateway.engines.sqlite import register_info
from tests.rpc.gateways import Running, audited, serving
from tests.rpc.raw import (
    VERIFY,
    RawClient,
    claim,
    failure_of,
    read_failure,
    request_context,
    verify_request,
)
from tests.support.events import SUBMIT, event, submitting

WATCH = "/dancu.v1.SyncService/WatchChanges"
LATE = Duration(nanos=80_000_000)


@pytest.fixture
async def switches(running: Running) -> AsyncIterator[Switches]:
    """The control port of the test's gateway."""
    async with Switches(running.control) as connected:
        yield connected


async def test_faults_come_where_they_were_drawn(raw: RawClient, switches: Switches) -> None:
    """Call n fails if the profile says so for n: the same calls again after it is set again."""
    faults = [pb.FaultShare(code=pb.FAULT_CODE_INTERNAL, share=0.5)]
    profile = pb.Profile(name="faulty", seed=11, faults=faults)
    drawn = [
        fate(Profile("faulty", seed=11, faults=(("INTERNAL", 0.5),)), number).ending
        for number in range(12)
    ]
    assert set(drawn) == {"", "INTERNAL"}
    for _ in range(2):
        await switches.set_profile(profile)
        met = []
        for _number in range(12):
            try:
                await raw.verify()
                met.append("")
            except grpc.aio.AioRpcError as error:
                failure = read_failure(error)
                assert failure.reason == "SIMULATED_INTERNAL"
                assert failure.told["rule"] == "profile faulty"
                met.append(failure.code.name)
        assert met == drawn
    (listed,) = await switches.list_profiles()
    assert listed.calls == 12
    assert {one.what: one.count for one in listed.counts} == {"internal": drawn.count("INTERNAL")}


async def test_calls_that_wait_for_ever_do_not_hold_up_the_end(data_dir: Path) -> None:
    """A gateway that stops lets them go, with a reason."""
    async with contextlib.AsyncExitStack() as clients:
        async with serving(data_dir) as running:
            raw = await clients.enter_async_context(RawClient(running))
            switches = await clients.enter_async_context(Switches(running.control))
            await switches.set_profile(pb.Profile(name="t", timeout_share=1))
            sent = verify_request().SerializeToString()
            waiting = asyncio.create_task(failure_of(raw.send(VERIFY, sent, timeout=60)))
            await asyncio.sleep(0.2)
        assert (await asyncio.wait_for(waiting, 5)).reason == "SIMULATED_TIMEOUT"


async def test_an_outage_says_how_long_it_lasts(raw: RawClient, switches: Switches) -> None:
    """UNAVAILABLE with RetryInfo, and served again afterwards."""
    outage = pb.Outage(after=Duration(), duration=Duration(nanos=400_000_000))
    await switches.set_profile(pb.Profile(name="out", outages=[outage]))
    failure = await failure_of(raw.send(VERIFY, verify_request().SerializeToString()))
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAVAILABLE, "SIMULATED_OUTAGE")
    assert failure.retry_after is not None
    assert 0 < failure.retry_after <= 0.4
    await asyncio.sleep(failure.retry_after + 0.01)
    await raw.verify()


async def test_a_throttle_lets_its_burst_through(raw: RawClient, switches: Switches) -> None:
    """Then RESOURCE_EXHAUSTED, with the time until the next one fits."""
    throttle = pb.Throttle(per_second=0.5, burst=2)
    await switches.set_profile(pb.Profile(name="thin", throttle=throttle))
    await raw.verify()
    await raw.verify()
    failure = await failure_of(raw.send(VERIFY, verify_request().SerializeToString()))
    assert failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert failure.reason == "SIMULATED_THROTTLE"
    assert failure.retry_after is not None
    assert 0 < failure.retry_after <= 2


async def test_wrong_profiles_are_named_field_by_field(switches: Switches) -> None:
    """INVALID_FIELD with a violation each; none is put in force."""
    wrong = pb.Profile(name="A", timeout_share=2, latency=pb.Latency(ready_made="light"))
    with pytest.raises(Refused) as caught:
        await switches.set_profile(wrong)
    assert {one.field for one in caught.value.violations} == {"profile.latency"}
    wrong.ClearField("latency")
    with pytest.raises(Refused) as caught:
        await switches.set_profile(wrong)
    assert {one.field for one in caught.value.violations} == {"profile.name", "profile.faults"}
    assert await switches.list_profiles() == ()
    with pytest.raises(Refused) as caught:
        await switches.clear_profile("none")
    assert caught.value.reason == "PROFILE_NOT_FOUND"
    assert await switches.clear_profile("*") == ()


async def test_a_profile_is_listed_as_it_was_set(switches: Switches) -> None:
    """Every field comes back; a ready-made table is written out."""
    duration = Duration(seconds=2)
    profile = pb.Profile(
        name="all",
        caller="plain",
        rpc="Verify*",
        seed=2**64 - 1,
        latency=pb.Latency(
            log_normal=pb.LogNormalLatency(median=LATE, sigma=0.5, at_most=duration)
        ),
        faults=[pb.FaultShare(code=pb.FAULT_CODE_ABORTED, share=0.25)],
        timeout_share=0.125,
        lost_answer_share=0.0625,
        outages=[pb.Outage(after=duration, duration=LATE, every=duration)],
        throttle=pb.Throttle(per_second=10, burst=3),
        drip=pb.Latency(uniform=pb.UniformLatency(low=LATE, high=duration)),
        wrong_signature_share=0.5,
    )
    profile.outages.add(duration=LATE).at.FromJsonString("2030-01-01T00:00:00Z")
    assert (await switches.set_profile(profile)).profile == profile
    ready = pb.Profile(name="ready", latency=pb.Latency(ready_made="real-link"))
    points = (await switches.set_profile(ready)).profile.latency.percentiles.points
    assert [(one.percentile, one.latency.ToTimedelta()) for one in points][1] == (
        50,
        timedelta(milliseconds=180),
    )
    assert [one.profile.name for one in await switches.list_profiles()] == ["all", "ready"]


async def test_a_stream_drips(raw: RawClient, switches: Switches) -> None:
    """Each message of WatchChanges is held back."""
    drip = pb.Latency(constant=Duration(nanos=300_000_000))
    await switches.set_profile(pb.Profile(name="drip", rpc="WatchChanges", drip=drip))
    watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = raw.channel.unary_stream(WATCH)
    request = sync_service_pb2.WatchChangesRequest(context=request_context())
    began = time.monotonic()
    call = watch(request.SerializeToString(), timeout=10)
    await call.read()
    assert time.monotonic() - began >= 0.3
    call.cancel()
    (listed,) = await switches.list_profiles()
    assert {one.what: one.count for one in listed.counts} == {"dripped": 1}


async def test_profiles_from_the_start(data_dir: Path, tmp_path: Path) -> None:
    """A file puts profiles in force before the first call."""
    path = tmp_path / "profiles.toml"
    path.write_text('[[profile]]\nname = "late"\nlatency = 0.05\n', "utf-8")
    async with serving(data_dir, profiles=path) as running, RawClient(running) as raw:
        assert (await raw.verify()).header.simulated_effects


async def test_calls_held_back_keep_no_others_out(data_dir: Path, tmp_path: Path) -> None:
    """Started with profiles, a gateway holds more calls of one connection than it works at."""
    path = tmp_path / "profiles.toml"
    path.write_text('[[profile]]\nname = "late"\nrpc = "VerifyIdentity"\nlatency = 0.5\n', "utf-8")
    async with serving(data_dir, profiles=path) as running, RawClient(running) as raw:
        began = time.monotonic()
        await asyncio.gather(*(raw.verify() for _ in range(100)))
        assert time.monotonic() - began < 1.5  # in turns of 32 it would take 2 s


async def test_reset_brings_everybody_back(
    raw: RawClient, switches: Switches, running: Running
) -> None:
    """Who was changed is as before, the revision goes on, followers are told, the log holds."""
    lost = event(card_loss=events_pb2.CardLossEvent(person=claim()))
    reported = submitting(lost, request_context("EV-1"), 0)
    await raw.send(SUBMIT, reported)
    before = register_info(running.data_dir / "population.db")
    assert before.revision > 1
    watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = raw.channel.unary_stream(WATCH)
    request = sync_service_pb2.WatchChangesRequest(
        context=request_context(), start_revision=before.revision + 1
    )
    following = watch(request.SerializeToString(), timeout=30)
    waiting = asyncio.create_task(failure_of(following.read()))
    await asyncio.sleep(0.2)
    done = await switches.reset()
    assert done.register_revision == before.revision + 1
    assert done.changed_rows >= 1
    told = await asyncio.wait_for(waiting, 10)
    assert (told.code, told.reason) == (grpc.StatusCode.OUT_OF_RANGE, "REVISION_COMPACTED")
    assert told.told["compacted_revision"] == str(done.register_revision)
    assert (await raw.verify()).header.register_revision == done.register_revision
    again = await switches.reset()
    assert (again.register_revision, again.changed_rows) == (done.register_revision + 1, 0)
    assert audited(running.data_dir).findings == []
