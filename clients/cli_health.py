"""``dancu health``: whether a gateway takes calls, as an exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

import typer
from grpc_health.v1 import health_pb2

from clients.cli_errors import plain_errors
from clients.cli_options import CredentialsFile, Server, Timeout, check_server, credentials_of
from clients.sdk.transport import Transport

DEFAULT_CONTROL = "127.0.0.1:50053"
_CHECK = "/grpc.health.v1.Health/Check"
EXIT_NOT_SERVING = 1


def health(
    *,
    server: Server = DEFAULT_CONTROL,
    service: Annotated[
        str, typer.Option(metavar="NAME", help="One service in full; by default the whole server.")
    ] = "",
    timeout: Timeout = 2.0,
    credentials: CredentialsFile = None,
) -> None:
    """Ask whether a gateway takes calls (grpc.health.v1): for containers and balancers.

    By default on the control port of this machine, which needs no certificate.

    Exits 0 serving, 1 not, for example while it drains, 2 bad usage, 3 unreachable.
    """
    with plain_errors():
        check_server(server)
        request = health_pb2.HealthCheckRequest(service=service).SerializeToString()
        raw = asyncio.run(
            _ask(lambda: Transport(server, credentials_of(credentials), timeout), request)
        )
        status = health_pb2.HealthCheckResponse.FromString(raw).status
        typer.echo(health_pb2.HealthCheckResponse.ServingStatus.Name(status))
        if status != health_pb2.HealthCheckResponse.SERVING:
            raise typer.Exit(EXIT_NOT_SERVING)


async def _ask(connect: Callable[[], Transport], request: bytes) -> bytes:
    transport = connect()  # within the loop: a channel belongs to the one it is made in
    try:
        return await transport.call(_CHECK, request)
    finally:
        await transport.close()
