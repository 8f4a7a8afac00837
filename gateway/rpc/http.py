"""A very small HTTP/1.1 server for public, read-only files: GET alone, one request a connection.

It reads a request line and headers, and nothing that could follow them. What it does not
understand it refuses and hangs up; there is no body, range, encoding or pipeline to confuse.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from gateway.reserving import PortTaken

TEXT = "text/plain; charset=utf-8"

_HEAD_END = b"\r\n\r\n"
# printable ASCII only: a path with anything else, and a header continued on a line of its
# own, are not understood
_HEAD = re.compile(
    rb"(?P<method>[A-Z]{1,16}) (?P<path>/[!-~]*) HTTP/1\.(?P<minor>[01])\r\n"
    rb"(?P<headers>(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~]*\r\n)*)\r\n"
)
_LINGER = 64 * 1024  # bytes of a refused request that are read away, so that it hears why

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class HttpLimits:
    """What one peer may cost."""

    head_bytes: int = 8 * 1024
    seconds: float = 5.0  # for a whole connection, from its first byte to its last
    connections: int = 64  # at work; so many more are told to come back, and then none


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered to a path."""

    status: HTTPStatus
    body: bytes
    content_type: str = TEXT
    cache: str = "no-cache"


Answer = Callable[[str], Awaitable[Response]]
"""The response to the path of a GET."""


class HttpServer:
    """One server on one address."""

    def __init__(self, answer: Answer, limits: HttpLimits) -> None:
        self._answer = answer
        self._limits = limits
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, *, shared: bool = False) -> int:
        """Listen, and return the port; ``shared``: others may listen on it, too.

        Raises:
            PortTaken: the address is in use or does not exist.
        """
        try:
            self._server = await asyncio.start_server(
                self._connected,
                host,
                port,
                limit=self._limits.head_bytes,
                reuse_port=shared,
            )
        except (OSError, OverflowError) as error:  # the latter: no such port
            raise PortTaken(host, port) from error
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    async def close(self) -> None:
        """Stop listening and hang up."""
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._connections) >= 2 * self._limits.connections:
            writer.transport.abort()  # even saying no would keep files open for too many
            return
        task = asyncio.create_task(self._serve(reader, writer), name="http")
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(self._limits.seconds):
                await self._talk(reader, writer)
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
            pass  # too slow, or gone: there is nobody to tell
        finally:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one response."""
        method, response = await self._respond(reader)
        writer.write(_head_of(response))
        if method != "HEAD":
            writer.write(response.body)
        await writer.drain()
        writer.write_eof()
        # closing with bytes unread would reset the connection, and take the response with it
        unread = _LINGER
        while unread > 0 and (data := await reader.read(unread)):
            unread -= len(data)
        writer.close()
        await writer.wait_closed()

    async def _respond(self, reader: asyncio.StreamReader) -> tuple[str, Response]:
        if len(self._connections) > self._limits.connections:
            return "", refusal(HTTPStatus.SERVICE_UNAVAILABLE)
        try:
            head = _HEAD.fullmatch(await reader.readuntil(_HEAD_END))
        except asyncio.LimitOverrunError:
            return "", refusal(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        if head is None or not _has_good_headers(head):
            return "", refusal(HTTPStatus.BAD_REQUEST)
        method, path = head["method"].decode(), head["path"].decode()
        if method != "GET":
            return method, refusal(HTTPStatus.METHOD_NOT_ALLOWED)
        return method, await self._answered(path)

    async def _answered(self, path: str) -> Response:
        try:
            return await self._answer(path)
        except Exception:  # noqa: BLE001 - one request's defect must not leave its peer waiting
            _log.exception("http_failed")
            return refusal(HTTPStatus.INTERNAL_SERVER_ERROR)


def refusal(status: HTTPStatus) -> Response:
    """A response that says no more than its status."""
    return Response(status, f"{status.phrase}\n".encode())


def _has_good_headers(head: re.Match[bytes]) -> bool:
    """One Host, as HTTP/1.1 demands, and no body."""
    names = [line.partition(b":") for line in head["headers"].lower().split(b"\r\n")]
    hosts = sum(name == b"host" for name, _, _ in names)
    body = any(
        name == b"transfer-encoding" or (name == b"content-length" and value.strip() != b"0")
        for name, _, value in names
    )
    return not body and (hosts == 1 or (hosts == 0 and head["minor"] == b"0"))


def _head_of(response: Response) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status.value} {response.status.phrase}",
        f"Content-Type: {response.content_type}",
        f"Content-Length: {len(response.body)}",
        f"Cache-Control: {response.cache}",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
    ]
    if response.status is HTTPStatus.METHOD_NOT_ALLOWED:
        lines.append("Allow: GET")
    return "\r\n".join([*lines, "", ""]).encode()
