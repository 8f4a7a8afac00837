"""``dancu health`` against a gateway that serves, drains or is not there."""

from __future__ import annotations

import asyncio

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from tests.e2e.server import dancu

STATUS = health_pb2.HealthCheckResponse


async def asked(status: int, *arguments: str) -> tuple[int, str, str]:
    """What the command does when a server's health is so."""
    servicer = health.aio.HealthServicer()
    await servicer.set("", status)
    server = grpc.aio.server()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        done = await asyncio.to_thread(dancu, "health", "--server", f"127.0.0.1:{port}", *arguments)
    finally:
        await server.stop(None)
    return done.returncode, done.stdout.strip(), done.stderr


async def test_serving() -> None:
    """0 and one word."""
    assert await asked(STATUS.SERVING) == (0, "SERVING", "")


async def test_draining() -> None:
    """1: a balancer sends its calls elsewhere."""
    assert await asked(STATUS.NOT_SERVING) == (1, "NOT_SERVING", "")


async def test_a_service_that_there_is_not() -> None:
    """A name that the server does not know is told."""
    code, _, told = await asked(STATUS.SERVING, "--service", "dancu.v1.NoService")
    assert code == 3
    assert "NOT_FOUND" in told


def test_nobody_there() -> None:
    """3, as for every command that reaches nobody."""
    done = dancu("health", "--server", "127.0.0.1:1", "--timeout", "0.5")
    assert done.returncode == 3
    assert done.stdout == ""
