"""``dancu doctor`` beside a gateway that runs: it knows its ports, and disturbs nobody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import DevConfig, GatewayConfig, ServeConfig
from gateway.doctor.examination import examine
from gateway.doctor.finding import Finding, Level
from tests.rpc.gateways import serving
from tests.rpc.raw import RawClient
from tests.rpc.strict import strictly_serving, verify


def port_of(address: str) -> int:
    """Of HOST:PORT."""
    return int(address.rpartition(":")[2])


async def examined(config: GatewayConfig) -> dict[str, Finding]:
    """What the doctor finds meanwhile."""
    found = await asyncio.to_thread(lambda: list(examine(config, datetime.now(UTC), deep=True)))
    return {one.check: one for one in found}


async def test_beside_dancu_dev(data_dir: Path) -> None:
    """Every port is held by a gateway, the log is this one, and calls go on."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        config = DevConfig(
            data_dir=data_dir,
            port=port_of(running.grpc),
            control_port=port_of(running.control),
            log_port=port_of(running.log),
            metrics_port=port_of(running.metrics),
        )
        found, _ = await asyncio.gather(examined(config), raw.verify())
        await raw.verify()
    for port in ("port_grpc", "port_control", "port_log", "port_metrics"):
        assert found[port].level is Level.OK, found[port]
        assert "free" not in found[port].found
    for check in ("register", "records", "register_and_log", "keys", "key_set", "policy"):
        assert found[check].level is Level.OK, found[check]


async def test_beside_dancu_serve(data_dir: Path) -> None:
    """Which shows it a certificate, and lets it no further."""
    async with strictly_serving(data_dir) as strict:
        pki = strict.authority.folder
        config = ServeConfig(
            data_dir=data_dir,
            port=port_of(strict.address),
            control_port=port_of(strict.control),
            log_port=0,
            metrics_port=0,
            policy=data_dir / "policy.toml",
            tls_certificate=pki / "server.pem",
            tls_key=pki / "server.key.pem",
            tls_client_ca=pki / "ca.pem",
        )
        found = await examined(config)
        async with strict.connect("H26") as gateway:
            await verify(gateway)
    for check in ("port_grpc", "port_control", "callers", "certificate", "client_ca"):
        assert found[check].level is Level.OK, found[check]
    assert "gRPC server answers" in found["port_grpc"].found
