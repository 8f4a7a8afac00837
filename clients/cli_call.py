"""``dancu token`` and ``dancu call``: the credentials by themselves, and any call with them."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf import json_format
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pool import Default
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

import dancu.v1
from clients.cli_errors import UsageError, plain_errors, read_file
from clients.cli_options import (
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    CredentialsFile,
    Server,
    Timeout,
    check_server,
    credentials_of,
)
from clients.sdk.credentials import (
    DEFAULT_AUDIENCE,
    LONGEST_LIFE,
    TokenSource,
    token_source,
)
from clients.sdk.transport import Transport

_CONTROL = "dancu.control.v1.simulator_service_pb2"


def token(
    credentials: CredentialsFile = None,
    caller: Annotated[str | None, typer.Option(metavar="ID", help="Who calls.")] = None,
    key: Annotated[
        Path | None, typer.Option(metavar="PEM", help="The caller's private token key.")
    ] = None,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help="The client certificate to bind the token to."),
    ] = None,
    audience: Annotated[str, typer.Option(help="The gateway's name.")] = DEFAULT_AUDIENCE,
    ttl: Annotated[
        int, typer.Option(min=1, max=LONGEST_LIFE, help="Seconds until it expires.")
    ] = LONGEST_LIFE,
) -> None:
    """Print a session token, for other tools: `authorization: Bearer TOKEN`.

    From --credentials, or from --caller and --key.
    """
    with plain_errors():
        try:
            source = _source(credentials, caller, key, certificate, audience, ttl)
        except ValueError as error:
            raise UsageError(str(error)) from None
        typer.echo(source.token())


def call(
    method: Annotated[
        str, typer.Argument(help="VerifyIdentity, or with its service, in full or in part.")
    ],
    request: Annotated[str, typer.Argument(help="The request as JSON; - reads standard input.")],
    *,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT,
    credentials: CredentialsFile = None,
) -> None:
    """Call any method: JSON in, JSON out, with the caller's credentials.

    The answer is shown as it came: its signature is not checked here.

    Exits 0 answered, 2 bad usage, 3 refused or unreachable.
    """
    with plain_errors():
        check_server(server)
        found = _method(method)
        asked = _parse(found, sys.stdin.read() if request == "-" else request)
        answer = asyncio.run(
            _send(found, asked, lambda: Transport(server, credentials_of(credentials), timeout))
        )
        typer.echo(json_format.MessageToJson(answer, ensure_ascii=False))


def _source(
    credentials: Path | None,
    caller: str | None,
    key: Path | None,
    certificate: Path | None,
    audience: str,
    ttl: int,
) -> TokenSource:
    if credentials is not None:
        return token_source(credentials, life=ttl)
    if caller is None or key is None:
        raise UsageError("name --credentials, or --caller and --key")
    bound_to = read_file(certificate, "the certificate") if certificate else None
    private = read_file(key, "the key")
    return TokenSource(caller, private, audience=audience, certificate=bound_to, life=ttl)


async def _send(
    method: MethodDescriptor, asked: Message, connect: Callable[[], Transport]
) -> Message:
    transport = connect()  # within the loop: a channel belongs to the one it is made in
    try:
        path = f"/{method.containing_service.full_name}/{method.name}"
        raw = await transport.call(path, asked.SerializeToString())
    finally:
        await transport.close()
    return GetMessageClass(method.output_type).FromString(raw)


def _parse(method: MethodDescriptor, text: str) -> Message:
    message = GetMessageClass(method.input_type)()
    try:
        return json_format.Parse(text, message)
    except json_format.ParseError as error:
        raise UsageError(f"this is no {method.input_type.name}: {error}") from None


def _method(name: str) -> MethodDescriptor:
    """The one method that a name, or the end of one, means."""
    wanted = "/" + name.strip("/").replace(".", "/")
    known = {f"/{one.full_name.replace('.', '/')}": one for one in _methods()}
    found = [one for path, one in known.items() if path.endswith(wanted)]
    if len(found) == 1:
        return found[0]
    choices = ", ".join(sorted(one.full_name for one in found or known.values()))
    raise UsageError(f"{name}: {'which one' if found else 'no such method'}? There are {choices}")


def _methods() -> Iterator[MethodDescriptor]:
    """Every method of the contract that is installed."""
    names = [f"dancu.v1.{module.name}" for module in pkgutil.iter_modules(dancu.v1.__path__)]
    for name in [*(one for one in names if one.endswith("_service_pb2")), _CONTROL]:
        path = importlib.import_module(name).DESCRIPTOR.name
        for service in Default().FindFileByName(path).services_by_name.values():
            yield from service.methods
