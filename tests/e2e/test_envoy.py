"""Two gateways behind the Envoy configuration of docs/deployment: balanced, drained, killed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import grpc
import pytest

from clients.sdk import Credentials, Gateway
from clients.sdk.errors import DOMAIN, Unreachable
from dancu.v1 import statement_pb2
from gateway.rpc.overload import TOO_MANY_CALLS
from tests.bench.questions import VERIFY
from tests.e2e.server import PATIENCE, dancu
from tests.rpc.raw import read_failure
from tests.support.site import ENVOY, Site, make_site

Metadata = tuple[tuple[str, str], ...]
HEALTH = "/grpc.health.v1.Health/Check"
RETRY_SECONDS = 2.0

pytestmark = pytest.mark.skipif(
    not ENVOY.exists(), reason="Envoy's binary is installed with the extra dev, on Linux"
)


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """Two gateways with one of the stores."""
    store = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    made = make_site(tmp_path, store, 1000)
    with made.stack:
        yield made


@dataclass
class Crowd:
    """Callers that ask one question after another, until they are stopped.

    Attributes:
        said: what became of the questions.
        receipts: of the answers, by their places in the log.
    """

    said: Counter[str] = field(default_factory=Counter)
    receipts: dict[int, bytes] = field(default_factory=dict)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def ask(self, site: Site, members: int) -> None:
        """Ask over one connection, which all share."""
        async with site.connect() as gateway:
            await asyncio.gather(*(self._ask(gateway) for _ in range(members)))

    async def _ask(self, gateway: Gateway) -> None:
        while not self.stop.is_set():
            try:
                answer = await gateway.verify_identity(
                    personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14"
                )
            except Unreachable as error:
                self.said[error.code.name] += 1
            else:
                self.said["verified" if answer.verified else "not verified"] += 1
                self.receipts[answer.evidence.log_index] = answer.evidence.receipt


@contextlib.asynccontextmanager
async def asking(site: Site, members: int) -> AsyncIterator[Crowd]:
    """A crowd that asks for the length of the block."""
    crowd = Crowd()
    task = asyncio.create_task(crowd.ask(site, members))
    try:
        yield crowd
    finally:
        crowd.stop.set()
        await task


@contextlib.asynccontextmanager
async def channel_to(site: Site) -> AsyncIterator[tuple[grpc.aio.Channel, Metadata]]:
    """The caller's channel through Envoy, and its token."""
    credentials = Credentials.from_file(site.credentials)
    assert credentials.channel is not None
    assert credentials.tokens is not None
    metadata = (("authorization", f"Bearer {credentials.tokens.token()}"),)
    async with grpc.aio.secure_channel(f"localhost:{site.front}", credentials.channel) as channel:
        yield channel, metadata


async def test_drained_and_killed(site: Site) -> None:
    """Calls are spread; a gateway that drains costs none, one that is killed those it had.

    In the end all that was acknowledged stands in one log, once.
    """
    members = 8
    first, _ = site.start_gateway(site.ports[0]), site.start_gateway(site.ports[1])
    site.start_envoy()
    async with asking(site, members) as before:
        while min(site.answered_by()) < 50:  # one connection, two gateways  # noqa: ASYNC110 - Envoy's page has no event
            await asyncio.sleep(0.1)
        first.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(first.wait, PATIENCE) == 0
    assert set(before.said) == {"verified"}

    again = await asyncio.to_thread(site.start_gateway, site.ports[0])
    await asyncio.to_thread(site.wait_for_healthy, 2)
    async with asking(site, members) as after:
        await asyncio.sleep(0.5)
        again.kill()
        await asyncio.to_thread(site.wait_for_healthy, 1)
        done = len(after.receipts)
        while len(after.receipts) < done + 20:  # the other one goes on  # noqa: ASYNC110 - a counter
            await asyncio.sleep(0.1)
    assert after.said["UNAVAILABLE"] <= 2 * members  # of the gateway's connection, and a retry's
    assert after.said.keys() <= {"verified", "UNAVAILABLE"}

    receipts = before.receipts | after.receipts
    assert len(receipts) == before.said["verified"] + after.said["verified"]
    assert (
        logged_digests(site).items()
        >= {index: digest_of(receipt) for index, receipt in receipts.items()}.items()
    )
    verified = dancu("ledger", "verify", "--data-dir", str(site.folder / "data"))
    assert verified.returncode == 0, verified.stdout


async def test_a_crowd(site: Site) -> None:
    """More calls at once than a gateway takes from one connection: none of them is reset."""
    for port in site.ports:
        site.start_gateway(port)
    site.start_envoy()
    async with channel_to(site) as (channel, metadata):
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{VERIFY}")

        async def some() -> None:
            for _ in range(10):
                assert await ask(site.request(), timeout=PATIENCE, metadata=metadata)

        await asyncio.gather(*(some() for _ in range(150)))


async def test_more_than_gateways_answer_in_time(site: Site) -> None:
    """Envoy refuses it at once, as a gateway would; streams and health checks it lets through."""
    for port in site.ports:
        site.start_gateway(port)
    site.start_envoy(at_once=2)
    async with channel_to(site) as (channel, metadata):
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(f"/{VERIFY}")
        check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(HEALTH)
        asked = [ask(site.request(), timeout=PATIENCE, metadata=metadata) for _ in range(100)]
        checked = [check(b"", timeout=PATIENCE) for _ in range(20)]
        ended = await asyncio.gather(*asked, return_exceptions=True)
        await asyncio.gather(*checked)
    refused = [read_failure(one) for one in ended if isinstance(one, grpc.aio.AioRpcError)]
    assert 0 < len(refused) < 100
    assert {(one.code, one.reason, one.domain, one.retry_after) for one in refused} == {
        (grpc.StatusCode.UNAVAILABLE, TOO_MANY_CALLS, DOMAIN, RETRY_SECONDS)
    }
    assert all(one.texts.keys() == {"vi", "en"} for one in refused)


def logged_digests(site: Site) -> dict[int, str]:
    """What the log has, by place: digests of statements, in base64."""
    out = site.folder / "leaves.jsonl"
    done = dancu("ledger", "export", "--data-dir", str(site.folder / "data"), "--out", str(out))
    assert done.returncode == 0, done.stderr
    leaves = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    return {leaf["index"]: leaf["statement_hash"] for leaf in leaves}


def digest_of(receipt: bytes) -> str:
    """The digest of a receipt's statement, as the log has it."""
    statement = statement_pb2.SignedStatement.FromString(receipt).statement
    kind, value = statement.type_url.encode(), statement.value
    encoding = b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(value), value)
    return base64.b64encode(hashlib.sha256(encoding).digest()).decode()
