"""Envoy before one gateway, by the page of docs/deployment, in plain text on loopback."""

from __future__ import annotations

import re
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.errors import BenchError
from tests.support.site import ENVOY, PAGE, free_ports

PATIENCE = 20.0  # seconds, until it found the gateway well


def require() -> None:
    """Raise BenchError when Envoy is not installed."""
    if not ENVOY.exists():
        raise BenchError("Envoy's binary is missing; the extra dev installs it, on Linux")


@contextmanager
def before(gateway: str, data_dir: Path) -> Iterator[str]:
    """Run Envoy before the gateway of an address; gives the address to call instead.

    Raises:
        BenchError: it does not get ready.
    """
    require()
    front, admin = free_ports(2)
    config, log = data_dir.with_suffix(".envoy.yaml"), data_dir.with_suffix(".envoy.log")
    config.write_text(_plain(PAGE.read_text("utf-8"), gateway, front, admin), "utf-8")
    command = [str(ENVOY), "-c", str(config), "--concurrency", "1", "--use-dynamic-base-id"]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as process:  # noqa: S603 - our own
        try:
            _wait_for_gateway(admin, log)
            yield f"127.0.0.1:{front}"
        finally:
            process.terminate()


def _plain(text: str, gateway: str, front: int, admin: int) -> str:
    """The page for one gateway, without TLS on either side."""
    port = gateway.rpartition(":")[2]
    for written, here in (
        (r"- transport_socket:\n(?: {12}.*\n)+ {10}filters:", "- filters:"),  # of the callers
        (r" {6}transport_socket:\n(?: {8}.*\n)+", ""),  # of the gateways
        (r"port_value: 9901", f"port_value: {admin}"),
        (r"port_value: 8443", f"port_value: {front}"),
        (r"port_value: 50051", f"port_value: {port}"),
        (r" +- endpoint: .*port_value: 50061.*\n", ""),
        (r"max_requests: 256", "max_requests: 128"),
    ):
        text, count = re.subn(written, here, text)
        if count != 1:
            raise BenchError(f"docs/deployment/envoy.yaml has not one {written}")
    return text


def _wait_for_gateway(admin: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if _told(admin).strip().endswith(": 1"):
            return
        time.sleep(0.1)
    raise BenchError(f"Envoy did not get ready: {log.read_text('utf-8')[-300:]}")


def _told(admin: int) -> str:
    address = f"http://127.0.0.1:{admin}/stats?filter=cluster.gateways.membership_healthy"
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            told: str = answer.read().decode()
            return told
    except urllib.error.URLError:  # not up yet
        return ""
