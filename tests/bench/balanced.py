"""Through Envoy to two gateways on one PostgreSQL, beside one of them asked directly.

Mutual TLS before and behind it, tokens, calls balanced one by one: as in ``docs/deployment``. The
same clients in Python ask both ways.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import grpc

from clients.sdk.credentials import Credentials
from tests.bench import envoy, machine
from tests.bench.crowd import Crowd
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, ratios
from tests.bench.questions import VERIFY
from tests.support.postgres import running_cluster
from tests.support.site import Site, make_site

PEOPLE = 20_000
WARM_UP = 500  # calls
LONE_CALLS = 200  # one after the other


def measure(folder: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each, then calls one by one.

    Raises:
        BenchError: PostgreSQL or Envoy is not installed.
    """
    envoy.require()
    try:
        with running_cluster(fsync=True) as cluster, cluster.database() as store:
            site = make_site(folder, store, PEOPLE)
            with site.stack:
                return list(_figures(site, rounds, calls))
    except LookupError as error:
        raise BenchError(str(error)) from error


def _figures(site: Site, rounds: int, calls: int) -> Iterator[Figure]:
    gateways = [site.start_gateway(port).pid for port in site.ports]
    balancer = site.start_envoy().pid
    body = site.folder / "request.bin"
    body.write_bytes(site.request())
    ways = [
        Crowd(f"localhost:{port}", VERIFY, body, site.credentials)
        for port in (site.ports[0], site.front)
    ]
    for crowd in ways:
        crowd.rate(WARM_UP)
    direct, through, work, share = [], [], [], []
    for _ in range(rounds):
        direct.append(ways[0].rate(calls))
        used = [machine.cpu_seconds(pid) for pid in (balancer, *gateways)]
        through.append(ways[1].rate(calls))
        used = [
            machine.cpu_seconds(pid) - was
            for pid, was in zip((balancer, *gateways), used, strict=True)
        ]
        work.append(used[0] / calls * 1e6)
        share.append(min(used[1:]) / sum(used[1:]))
    lone = [_lone(crowd.address, site.credentials, body) for crowd in ways]
    yield Figure(
        "Envoy, two gateways, PostgreSQL: rate / one gateway's", "×", ratios(through, direct)
    )
    yield Figure("  rate through Envoy", "calls/s", through)
    yield Figure("  rate of one gateway, asked directly", "calls/s", direct)
    yield Figure("  Envoy's CPU a call", "µs", work)
    yield Figure("  share of the gateway that did less", "×", share)
    yield Figure("  a lone call through Envoy, p50", "ms", [lone[1]])
    yield Figure("  a lone call directly, p50", "ms", [lone[0]])


def _lone(address: str, credentials: Path, body: Path) -> float:
    """The median of calls that are made one after the other, in milliseconds."""
    return asyncio.run(_ask_alone(address, Credentials.from_file(credentials), body.read_bytes()))


async def _ask_alone(address: str, credentials: Credentials, request: bytes) -> float:
    assert credentials.channel is not None
    assert credentials.tokens is not None
    metadata = (("authorization", f"Bearer {credentials.tokens.token()}"),)
    taken = []
    async with grpc.aio.secure_channel(address, credentials.channel) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{VERIFY}")
        for _ in range(LONE_CALLS):
            began = time.monotonic()
            await ask(request, timeout=30, metadata=metadata)
            taken.append(1000 * (time.monotonic() - began))
    return statistics.median(taken)
