"""Two gateways behind the Envoy configuration of docs/deployment, on one machine."""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from clients.sdk import CallContext, Credentials, Gateway, Trust
from dancu.v1.identity_service_pb2 import VerifyIdentityRequest
from gateway.config import DevConfig
from gateway.datadir import prepare
from tests.bench.questions import persona_question, verify_request
from tests.e2e.server import DANCU, PATIENCE, dancu

ENVOY = Path(sys.executable).with_name("envoy")
PAGE = Path(__file__).parents[2] / "docs" / "deployment" / "envoy.yaml"
CALLER = "H01"
CONTEXT = CallContext("TEST.VERIFY", f"000.00.00.{CALLER}", f"CB-{CALLER}-00.00-1")
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


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all of them different."""
    with contextlib.ExitStack() as held:
        every = [held.enter_context(socket.create_server(("", 0))) for _ in range(count)]
        return [listening.getsockname()[1] for listening in every]


@dataclass
class Site:
    """Two gateways, and Envoy before them.

    With a database each gateway has a data directory of its own, as on a machine of its own;
    with SQLite there is one.
    """

    folder: Path
    store: str
    ports: tuple[int, int]
    front: int
    admin: int
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

    def start_envoy(self, at_once: int = 256) -> subprocess.Popen[str]:
        """The page's configuration, with this site's paths and ports; two gateways are healthy.

        ``at_once``: how many calls it lets through to them.
        """
        text = PAGE.read_text("utf-8").replace("/etc/dancu", str(self.folder))
        assert "max_requests: 256" in text
        text = text.replace("max_requests: 256", f"max_requests: {at_once}")
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
        envoy = self._run([str(ENVOY), *arguments], "envoy.log")
        self.wait_for_healthy(2)
        return envoy

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

    @property
    def credentials(self) -> Path:
        """The caller's."""
        return self.folder / "pki" / "callers" / f"{CALLER}.toml"

    def request(self) -> bytes:
        """``VerifyIdentity`` about somebody who verifies, by an officer of the caller."""
        request = VerifyIdentityRequest.FromString(verify_request(persona_question()))
        request.context.procedure_code = CONTEXT.procedure_code
        request.context.unit_code = CONTEXT.unit_code
        request.context.officer_id = CONTEXT.officer_id
        return request.SerializeToString()

    def connect(self) -> Gateway:
        """The SDK of the caller, through Envoy."""
        data = self.folder / "data"
        return Gateway.connect(
            f"localhost:{self.front}",
            trust=Trust.from_files(data / "root.pub", data / "keyset.binpb"),
            context=CONTEXT,
            credentials=Credentials.from_file(self.credentials),
        )

    def _run(self, command: list[str], log: str) -> subprocess.Popen[str]:
        stderr = self.stack.enter_context((self.folder / log).open("a", encoding="utf-8"))
        process = self.stack.enter_context(
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)  # noqa: S603 - our own
        )
        self.stack.callback(process.kill)
        return process


def make_site(folder: Path, store: str, population: int) -> Site:
    """All that two gateways and a balancer need, made by the commands themselves."""
    config = DevConfig(data_dir=folder / "data", store=store, population=population)
    prepare(config, lambda _done: None)
    (folder / "policy.toml").write_text(POLICY, "utf-8")
    pki, data = str(folder / "pki"), str(folder / "data")
    for arguments in (
        ("keys", "init-tls", "--out", pki, "--caller", "balancer"),
        ("callers", "demo", "--data-dir", data, "--tls", pki),
    ):
        done = dancu(*arguments)
        assert done.returncode == 0, done.stderr
    first, second, front, admin = free_ports(4)
    return Site(folder, store, (first, second), front, admin)
