"""Two gateways behind the Envoy configuration of docs/deployment: balanced, drained, killed."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from clients.sdk import CallContext, Credentials, Gateway, Trust
from clients.sdk.errors import Unreachable
from dancu.v1 import statement_pb2
from gateway.config import DevConfig
from gateway.datadir import prepare
from tests.e2e.server import DANCU, PATIENCE, dancu

ENVOY = Path(sys.executable).with_name("envoy")
PAGE = Path(__file__).parents[2] / "docs" / "deployment" / "envoy.yaml"
CALLER = "H01"
POLICY = f"""
[[grant]]
callers = ["{CALLER}"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]
"""
SETTINGS = """
data_dir = "{data}"
store = "{store}"
port = {port}
lame_seconds = 15
control_port = 0
log_port = 0
metrics_port = 0
policy = "policy.toml"
tls_certificate = "pki/server.pem"
tls_key = "pki/server.key.pem"
tls_client_ca = "pki/ca.pem"
tls_balancers = "pki/callers/balancer.pem"
"""

pytestmark = pytest.mark.skipif(
    not ENVOY.exists(), reason="Envoy's binary is installed with the extra dev, on Linux"
)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


@dataclass
class Site:
    """Two gateways, and Envoy before them.

    With a database each gateway has a data directory of its own, as on a machine of its own;
    with SQLite there is one.
    """

    folder: Path
    store: str = ""
    ports: tuple[int, int] = field(default_factory=lambda: (free_port(), free_port()))
    front: int = field(default_factory=free_port)
    admin: int = field(default_factory=free_port)
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start_gateway(self, port: int) -> subprocess.Popen[str]:
        """A gateway that said READY."""
        data = f"data-{port}" if self.store else "data"
        if not (self.folder / data).exists():
            shutil.copytree(self.folder / "data", self.folder / data)
        config = self.folder / f"serve-{port}.toml"
        config.write_text(SETTINGS.format(port=port, data=data, store=self.store), "utf-8")
        process = self._run([*DANCU, "serve", "--config", str(config)], f"gateway-{port}.log")
        assert process.stdout is not None
        assert process.stdout.readline().startswith("READY"), self.told(f"gateway-{port}.log")
        return process

    def start_envoy(self) -> None:
        """The page's configuration, with this site's paths and ports."""
        text = PAGE.read_text("utf-8").replace("/etc/dancu", str(self.folder))
        for written, here in (
            ("port_value: 9901", self.admin),
            ("port_value: 8443", self.front),
            ("port_value: 50051", self.ports[0]),
            ("port_value: 50061", self.ports[1]),
        ):
            assert written in text
            text = text.replace(written, f"port_value: {here}")
        config = self.folder / "envoy.yaml"
        config.write_text(text, "utf-8")
        arguments = ["-c", str(config), "--concurrency", "1", "--use-dynamic-base-id"]
        self._run([str(ENVOY), *arguments], "envoy.log")
        self.wait_for_healthy(2)

    def wait_for_healthy(self, count: int) -> None:
        """Until Envoy sends calls to so many gateways."""
        deadline = time.monotonic() + PATIENCE
        while self._healthy() != count:
            assert time.monotonic() < deadline, self.told("envoy.log")
            time.sleep(0.05)

    def _healthy(self) -> int:
        return self.figure("cluster.gateways.membership_healthy")

    def figure(self, name: str) -> int:
        """One of Envoy's statistics; -1 before it answers."""
        address = f"http://127.0.0.1:{self.admin}/stats?filter=^{name}$"
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                text: str = answer.read().decode()
        except OSError:
            return -1
        return int(text.partition(":")[2] or -1)

    def answered_by(self) -> list[int]:
        """How many calls Envoy sent to each gateway; it leaves out what is zero."""
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.admin}/clusters?format=json", timeout=5
        ) as answer:
            hosts = json.load(answer)["cluster_statuses"][0]["host_statuses"]
        return [
            int(stat.get("value", 0))
            for host in hosts
            for stat in host["stats"]
            if stat["name"] == "rq_success"
        ]

    def told(self, log: str) -> str:
        """What a process wrote."""
        return (self.folder / log).read_text("utf-8")

    def connect(self) -> Gateway:
        """The SDK of the caller, through Envoy."""
        data = self.folder / "data"
        return Gateway.connect(
            f"localhost:{self.front}",
            trust=Trust.from_files(data / "root.pub", data / "keyset.binpb"),
            context=CallContext("TEST.VERIFY", f"000.00.00.{CALLER}", f"CB-{CALLER}-00.00-1"),
            credentials=Credentials.from_file(self.folder / "pki" / "callers" / f"{CALLER}.toml"),
        )

    def _run(self, command: list[str], log: str) -> subprocess.Popen[str]:
        stderr = self.stack.enter_context((self.folder / log).open("a", encoding="utf-8"))
        process = self.stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)  # noqa: S603 - our own
        )
        self.stack.callback(process.kill)
        return process


@pytest.fixture(params=["sqlite", "postgres"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """All that two gateways and a balancer need, made by the commands themselves."""
    store = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    config = DevConfig(data_dir=tmp_path / "data", store=store, population=1000)
    prepare(config, lambda _done: None)
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    pki, data = str(tmp_path / "pki"), str(tmp_path / "data")
    for arguments in (
        ("keys", "init-tls", "--out", pki, "--caller", "balancer"),
        ("callers", "demo", "--data-dir", data, "--tls", pki),
    ):
        done = dancu(*arguments)
        assert done.returncode == 0, done.stderr
    made = Site(tmp_path, store)
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
