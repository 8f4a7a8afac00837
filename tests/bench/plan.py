"""What a run does, and in which order."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.bench import (
    balanced,
    batch,
    building,
    feed,
    mixed,
    openloop,
    overload,
    reconcile,
    starts,
    strict,
    verify,
    workers,
)
from tests.bench.figures import Figure
from tests.bench.gateway import gateway, unrecorded_gateway
from tests.bench.process import Server
from tests.bench.records import copy_with_long_log

Tell = Callable[[str], None]


class Name(StrEnum):
    """The measurements that can be chosen."""

    STARTS = "starts"
    VERIFY = "verify"
    MIXED = "mixed"
    STRICT = "strict"
    WORKERS = "workers"
    BATCH = "batch"
    SYNC = "sync"
    FEED = "feed"
    OPEN = "open"
    OVERLOAD = "overload"
    BALANCED = "balanced"
    BUILD = "build"


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    rounds: int = 7
    calls: int = 3000  # a round, of VerifyIdentity by h2load
    mixed_calls: int = 1000  # a round, by the real client
    strict_calls: int = 2000  # a round, by several real clients
    batches: int = 30  # a round
    chunks: int = 30  # a round
    rows: int = 1_000_000  # of a file that is reconciled
    feed_rounds: int = 5
    open_rounds: int = 3
    memory_minutes: int = 10  # of the open loop; 0 leaves it out
    overload_rounds: int = 5
    overload_seconds: float = 12.0  # of each phase
    sync_register: int = 1_000_000  # citizens that records are reconciled with
    long_log: int = 10_000_000  # access rows; 0 leaves it out
    build: int = 1_000_000  # citizens; 0 leaves it out


FULL = Plan()
QUICK = Plan(
    rounds=3,
    calls=1000,
    mixed_calls=500,
    strict_calls=1000,
    batches=10,
    chunks=10,
    rows=40_000,
    feed_rounds=2,
    open_rounds=1,
    memory_minutes=0,
    overload_rounds=1,
    overload_seconds=8.0,
    sync_register=100_000,
    long_log=0,
    build=0,
)


_SERVED = frozenset({Name.VERIFY, Name.MIXED, Name.STRICT, Name.WORKERS, Name.OPEN, Name.BATCH})


def run(plan: Plan, chosen: Collection[Name], folder: Path, tell: Tell) -> Iterator[Figure]:
    """Measure what was chosen, with all files in ``folder``."""
    data_dir = folder / "data"
    served = _SERVED & set(chosen)
    if served or Name.STARTS in chosen:
        tell("first start")
        first = starts.first_start(data_dir)
        if Name.STARTS in chosen:
            tell("later starts")
            yield from starts.measure(data_dir, first)
    if served:
        yield from _served(plan, served, data_dir, tell)
    if Name.SYNC in chosen:
        yield from _synced(plan, folder / "sync", tell)
    if Name.FEED in chosen:
        tell(f"change feed, {plan.feed_rounds} rounds")
        yield from feed.measure(folder, plan.feed_rounds)
    if Name.OVERLOAD in chosen:
        tell(f"more than can be answered, {plan.overload_rounds} rounds")
        over = folder / "overload"
        yield from overload.measure(over, plan.overload_rounds, plan.overload_seconds, tell)
    if Name.BALANCED in chosen:
        tell(f"behind Envoy, {plan.rounds} rounds")
        site = folder / "balanced"
        site.mkdir()
        yield from balanced.measure(site, plan.rounds, plan.strict_calls)
    if Name.BUILD in chosen and plan.build:
        tell(f"building {plan.build:,} citizens")
        yield from building.measure(plan.build, folder / "large.db")


def skipped(plan: Plan, chosen: Collection[Name]) -> Iterator[str]:
    """What was chosen but is left out by the plan."""
    if {Name.BATCH, Name.SYNC} & set(chosen) and not plan.long_log:
        yield f"batches and chunks over an access log of {FULL.long_log:,} rows"
    if Name.BUILD in chosen and not plan.build:
        yield f"building {FULL.build:,} citizens"


def _served(plan: Plan, chosen: Collection[Name], data_dir: Path, tell: Tell) -> Iterator[Figure]:
    """Everything that is asked of a running gateway."""
    with ExitStack() as stack:
        long: Server | None = None
        if Name.BATCH in chosen and plan.long_log:
            tell(f"writing {plan.long_log:,} access rows")
            copy = copy_with_long_log(data_dir, plan.long_log)
            long = stack.enter_context(gateway(copy))
        server = stack.enter_context(gateway(data_dir))
        if Name.VERIFY in chosen:
            tell(f"VerifyIdentity, {plan.rounds} rounds")
            yield from verify.measure(server, data_dir, plan.rounds, plan.calls)
        if Name.MIXED in chosen:
            tell(f"distinct claims, {plan.rounds} rounds")
            yield from mixed.measure(server, data_dir, plan.rounds, plan.mixed_calls)
        if Name.STRICT in chosen:
            tell(f"strict, {plan.rounds} rounds")
            yield from strict.measure(server, data_dir, plan.rounds, plan.strict_calls)
        if Name.WORKERS in chosen:
            tell(f"workers, {plan.rounds} rounds")
            yield from workers.measure(data_dir, plan.rounds, plan.calls)
        if Name.OPEN in chosen:
            tell(f"open loop, {plan.open_rounds} rounds")
            yield from openloop.measure(server, data_dir, plan.open_rounds, plan.memory_minutes)
        if Name.BATCH in chosen:
            tell(f"batches, {plan.rounds} rounds")
            yield from batch.measure(server, data_dir, plan.rounds, plan.batches, long)
        yield batch.memory("gateway's memory after all that", server)


def _synced(plan: Plan, data_dir: Path, tell: Tell) -> Iterator[Figure]:
    """Reconciliation, over a register of the size that it is meant for."""
    tell(f"a register of {plan.sync_register:,} citizens")
    with ExitStack() as stack:
        starts.first_start(data_dir, plan.sync_register)
        long: Server | None = None
        if plan.long_log:
            tell(f"writing {plan.long_log:,} access rows")
            long = stack.enter_context(gateway(copy_with_long_log(data_dir, plan.long_log)))
        copy = Path(shutil.copytree(data_dir, data_dir.with_name("sync-unrecorded")))
        unrecorded = stack.enter_context(unrecorded_gateway(copy))
        server = stack.enter_context(gateway(data_dir))
        tell(f"reconciliation, {plan.rounds} rounds")
        gateways = reconcile.Gateways(server, unrecorded, long)
        yield from reconcile.measure(gateways, data_dir, plan.rounds, plan.chunks)
        tell(f"dancu sync reconcile, {plan.rows:,} rows")
        yield from reconcile.measure_file(server, data_dir, plan.rows)
        yield batch.memory("gateway's memory after all that", server)
