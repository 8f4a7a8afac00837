"""Several processes behind one port, as callers, operators and ``kill -9`` meet them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import grpc

from clients.sdk.switches import Switches
from dancu.control.v1 import profile_pb2 as profiles
from dancu.v1 import identity_service_pb2, population_event_pb2, sync_service_pb2, usage_service_pb2
from gateway.core.profile import Profile, fate
from tests.e2e.server import PATIENCE, Server, dancu, dev
from tests.e2e.test_kill import Held, leaf_of, stored_leaves
from tests.rpc.gateways import audited
from tests.rpc.raw import (
    VERIFY,
    RawClient,
    claim,
    failure_of,
    read_failure,
    request_context,
    verify_request,
)
from tests.rpc.reconciling import Stream, record
from tests.support.events import SUBMIT, birth, event, submitting

POLICY = """
[[grant]]
callers = ["one"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]

[[quota]]
callers = ["one"]
procedures = ["*"]
per_day = 400
mismatches_per_number_per_day = 20
"""
WORKERS = ("--workers", "2")
ASK = verify_request().SerializeToString()
GUESS = verify_request(claim(full_name="Không Đúng")).SerializeToString()
MOTHER = claim("079190000002", "Hồ Thị Bích Thuỷ", (1990, 9, 2))
ROWS = [record(claim(), "a"), record(claim(full_name="Trần Minh Khai"), "b")]
USAGE = "/dancu.v1.UsageService/GetUsage"
WATCH = "/dancu.v1.SyncService/WatchChanges"
CLIENTS = 12
_READY = re.compile(r"worker_ready +pid=(\d+) worker=(\d)")


def pids(server: Server) -> dict[int, int]:
    """The process of each worker's latest life, by its number."""
    return {int(number): int(pid) for pid, number in _READY.findall(server.log.read_text("utf-8"))}


async def until_logged(server: Server, event: str, count: int) -> None:
    """Wait until the log has an event so often."""
    async with asyncio.timeout(PATIENCE):
        while server.log.read_text("utf-8").count(event) < count:  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.02)


def is_alive(pid: int) -> bool:
    """Whether there is such a process."""
    return Path(f"/proc/{pid}").exists()


def windows(server: Server) -> list[int]:
    """How many windows each worker has answered."""
    found = []
    for address in server.running.metrics.split(","):
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=10) as page:
            shown = page.read().decode()
        (count,) = re.findall(r"^dancu_window_calls_count (\d+)", shown, re.MULTILINE)
        found.append(int(count))
    return found


def client(server: Server) -> RawClient:
    """A client with a connection of its own: the kernel chooses whom it goes to."""
    return RawClient(server.running, ("grpc.use_local_subchannel_pool", 1))


@contextlib.asynccontextmanager
async def one_each(server: Server) -> AsyncIterator[list[RawClient]]:
    """A client of each worker."""
    async with contextlib.AsyncExitStack() as stack:
        found: dict[int, RawClient] = {}
        while len(found) < 2:
            raw = await stack.enter_async_context(client(server))
            before = windows(server)
            await raw.send(VERIFY, ASK)
            after = windows(server)
            (worker,) = (at for at in range(2) if after[at] > before[at])
            found.setdefault(worker, raw)
        yield [found[0], found[1]]


async def ask_on(server: Server, held: Held, stop: asyncio.Event, sent: bytes = ASK) -> None:
    """Ask, over a new connection whenever one breaks, until told to stop or out of quota."""
    while not stop.is_set():
        try:
            async with client(server) as raw:
                for _ in range(25):  # then perhaps of the other worker
                    if stop.is_set():
                        return
                    answer = await raw.send(VERIFY, sent)
                    held.keep(identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed)
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
                return


async def test_a_worker_is_killed_and_nothing_is_lost(data_dir: Path) -> None:
    """One tree: every answer that anybody received has its own place in the log."""
    held, stop = Held(), asyncio.Event()
    with dev(data_dir, *WORKERS) as server:
        asking = [asyncio.create_task(ask_on(server, held, stop)) for _ in range(CLIENTS)]
        for victim in (1, 0):
            before = len(held.receipts)
            async with asyncio.timeout(PATIENCE):
                while len(held.receipts) < before + 100:  # noqa: ASYNC110 - many tasks fill it
                    await asyncio.sleep(0.01)
            os.kill(pids(server)[victim], signal.SIGKILL)
            await until_logged(server, "worker_ended", 2 - victim)
        await until_logged(server, "worker_ready", 4)
        async with asyncio.timeout(PATIENCE):
            while min(windows(server)) == 0:  # noqa: ASYNC110 - another process counts
                await asyncio.sleep(0.05)
        stop.set()
        await asyncio.gather(*asking)
        assert server.terminate() == 0
    report = audited(data_dir, held.checkpoints)
    assert report.findings == []
    leaves = stored_leaves(data_dir)
    assert [leaves[at] for at in held.receipts] == [leaf_of(one) for one in held.receipts.values()]
    assert report.leaves >= len(held.receipts)
    assert dancu("ledger", "verify", "--data-dir", str(data_dir)).returncode == 0


async def test_a_days_quota_is_one_for_all_workers(data_dir: Path, tmp_path: Path) -> None:
    """To the last record, though both let calls in, and one of them begins anew."""
    (tmp_path / "policy.toml").write_text(POLICY)
    held = Held()
    with dev(
        data_dir, *WORKERS, "--policy", str(tmp_path / "policy.toml"), "--as", "one"
    ) as server:
        never = asyncio.Event()
        asking = [asyncio.create_task(ask_on(server, held, never)) for _ in range(CLIENTS)]
        await held.news.wait()
        os.kill(pids(server)[1], signal.SIGKILL)
        await asyncio.gather(*asking)
        await until_logged(server, "worker_ready", 3)
        async with client(server) as raw:
            assert (await failure_of(raw.send(VERIFY, ASK))).reason == "QUOTA_DAY_EXCEEDED"
            answer = await raw.send(USAGE, b"")
        assert server.terminate() == 0
    (used,) = usage_service_pb2.GetUsageResponse.FromString(answer).counters
    assert used.records == 400
    # the one that was killed may have recorded what it could not give out any more
    assert 400 - CLIENTS <= len(held.receipts) <= 400
    assert audited(data_dir).findings == []


async def test_wrong_claims_are_counted_over_all_workers(data_dir: Path, tmp_path: Path) -> None:
    """Whoever guesses gains nothing by many connections."""
    (tmp_path / "policy.toml").write_text(POLICY)
    held, never = Held(), asyncio.Event()
    with dev(
        data_dir, *WORKERS, "--policy", str(tmp_path / "policy.toml"), "--as", "one"
    ) as server:
        async with one_each(server) as (first, second):
            await asyncio.gather(*(ask_on(server, held, never, GUESS) for _ in range(CLIENTS)))
            for raw in (first, second):
                failure = await failure_of(raw.send(VERIFY, GUESS))
                assert failure.reason == "QUOTA_MISMATCHES_EXCEEDED"
                assert (await failure_of(raw.send(VERIFY, ASK))).reason == failure.reason
        assert server.terminate() == 0
    assert len(held.receipts) == 20
    assert audited(data_dir).findings == []


async def test_a_retry_may_come_to_another_worker(data_dir: Path) -> None:
    """Events are taken in once, and sessions go on, wherever their streams end up."""
    events = [
        submitting(birth(MOTHER, not_a_duplicate=True), request_context(f"E-{at}"))
        for at in range(6)
    ]
    with dev(data_dir, *WORKERS) as server:
        async with one_each(server) as (first, second):
            asked = windows(server)
            told = await asyncio.gather(
                *(raw.send(SUBMIT, each) for each in events for raw in (first, second))
            )
            assert told[::2] == told[1::2]
            results = []
            for at in range(4):
                stream = Stream((first, second)[at % 2])
                standing = await stream.open()
                assert standing.next_chunk_number == at
                results.append(await stream.answer(at, ROWS))
                again = Stream((second, first)[at % 2])
                await again.open()
                assert await again.answer(at, ROWS) == results[-1]
            assert all(now > before for now, before in zip(windows(server), asked, strict=True))
        assert server.terminate() == 0
    assert audited(data_dir).findings == []


async def test_a_policy_is_read_again_by_all(data_dir: Path, tmp_path: Path) -> None:
    """One SIGHUP to the one process that the operator knows."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY)
    with dev(data_dir, *WORKERS, "--policy", str(policy), "--as", "one") as server:
        async with one_each(server) as clients:
            policy.write_text(POLICY.replace("VerifyIdentity", "ResolveIdentifier"))
            server.process.send_signal(signal.SIGHUP)
            await until_logged(server, "policy_reloaded", 2)
            for raw in clients:
                assert (await failure_of(raw.send(VERIFY, ASK))).reason == "RPC_NOT_GRANTED"


async def counted(server: Server) -> list[tuple[str, int, dict[str, int]]]:
    """What ``dancu simulate list`` shows: name, calls, and what they met."""
    async with Switches(server.running.control) as switches:
        found = await switches.list_profiles()
    return [
        (one.profile.name, one.calls, {count.what: count.count for count in one.counts})
        for one in found
    ]


async def test_a_live_profile_holds_in_every_worker(data_dir: Path) -> None:
    """As soon as it is set, also in one that begins anew; and the list is of all calls."""
    down = profiles.Profile(
        name="down",
        rpc="GetUsage",
        faults=[profiles.FaultShare(code=profiles.FAULT_CODE_UNAVAILABLE, share=1)],
    )

    async def met(server: Server) -> list[str]:
        async with one_each(server) as clients:
            return [(await failure_of(raw.send(USAGE, b""))).reason for raw in clients]

    with dev(data_dir, *WORKERS) as server:
        async with one_each(server) as clients, Switches(server.running.control) as switches:
            await switches.set_profile(down)
            for raw in clients:
                assert (await failure_of(raw.send(USAGE, b""))).reason == "SIMULATED_UNAVAILABLE"
            assert await counted(server) == [("down", 2, {"unavailable": 2})]
        for victim in (1, 0):
            os.kill(pids(server)[victim], signal.SIGKILL)
            await until_logged(server, "worker_ready", 4 - victim)
            assert await met(server) == ["SIMULATED_UNAVAILABLE"] * 2
        # one worker was killed before the other, and each took its own count with it
        assert await counted(server) == [("down", 3, {"unavailable": 3})]
        async with one_each(server) as clients, Switches(server.running.control) as switches:
            assert await switches.clear_profile("*") == ("down",)
            for raw in clients:
                await raw.send(USAGE, b"")
        assert await counted(server) == []


async def test_no_two_workers_draw_the_same(data_dir: Path, tmp_path: Path) -> None:
    """Call n of worker k, of two, meets what is drawn for call 2n + k; from the start, too."""
    path = tmp_path / "profiles.toml"
    path.write_text(
        '[[profile]]\nname = "faulty"\nrpc = "GetUsage"\nseed = 11\nfaults = { INTERNAL = 0.5 }\n'
    )
    profile = Profile("faulty", seed=11, faults=(("INTERNAL", 0.5),))
    with dev(data_dir, *WORKERS, "--profiles", str(path)) as server:
        async with one_each(server) as clients:
            for worker, raw in enumerate(clients):
                met = []
                for _ in range(12):
                    try:
                        await raw.send(USAGE, b"")
                        met.append("")
                    except grpc.aio.AioRpcError as error:
                        met.append(read_failure(error).reason.removeprefix("SIMULATED_"))
                assert met == [fate(profile, 2 * number + worker).ending for number in range(12)]
        ((name, calls, _),) = await counted(server)
        assert (name, calls) == ("faulty", 24)
        assert server.terminate() == 0
        assert "Fatal" not in server.log.read_text("utf-8")  # Python's own, of a worker that ends


async def test_a_reset_is_seen_by_every_worker(data_dir: Path) -> None:
    """Both answer from what was built, and whoever follows through the other one is told."""
    lost = event(card_loss=population_event_pb2.CardLossEvent(person=claim()))
    with dev(data_dir, *WORKERS) as server:
        async with one_each(server) as (first, second), Switches(server.running.control) as control:
            before = (await first.verify()).header.register_revision
            await second.send(SUBMIT, submitting(lost, request_context("EV-1"), 0))
            changed = (await first.verify()).header.register_revision
            assert changed > before
            watch: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = second.channel.unary_stream(
                WATCH
            )
            request = sync_service_pb2.WatchChangesRequest(
                context=request_context(), start_revision=changed + 1
            )
            following = watch(request.SerializeToString(), timeout=PATIENCE)
            told = asyncio.create_task(failure_of(following.read()))
            done = await control.reset()
            assert done.changed_rows >= 1
            assert (await told).reason == "REVISION_COMPACTED"
            for raw in (first, second):
                assert (await raw.verify()).header.register_revision == done.register_revision
        assert server.terminate() == 0
    assert audited(data_dir).findings == []


async def test_workers_do_not_outlive_who_keeps_them(data_dir: Path) -> None:
    """They drain by themselves, and another gateway can have the ports."""
    with dev(data_dir, *WORKERS) as server:
        theirs = pids(server).values()
        server.kill()
        async with asyncio.timeout(PATIENCE):
            while any(map(is_alive, theirs)):  # noqa: ASYNC110 - others' processes
                await asyncio.sleep(0.05)
    port = server.running.grpc.rpartition(":")[2]
    with dev(data_dir, *WORKERS, "--port", port) as again:
        assert again.running.grpc == server.running.grpc
        async with client(again) as raw:
            await raw.send(VERIFY, ASK)


def test_the_ports_of_others_are_not_shared(data_dir: Path) -> None:
    """A second gateway on the same port, with workers or without, says what to do."""
    with dev(data_dir, *WORKERS) as server:
        port = server.running.grpc.rpartition(":")[2]
        places = ("--data-dir", str(data_dir), "--port", port, "--control-port", "0")
        for more in (WORKERS, ()):
            done = dancu("dev", *places, *more)
            assert done.returncode == 1
            assert f"error: cannot listen on 127.0.0.1:{port}: the port is in use" in done.stderr
            assert "READY" not in done.stdout
