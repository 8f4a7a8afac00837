"""A network that fails when it is told to: TCP lines from clients to servers.

Each client has lines of its own, so that what is lost of one is not lost of all. A server's
address changes with each start; the lines' do not.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from tests.torture.schedule import SERVER

_PIECE = 65_536  # bytes read at once
_Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Far:
    """The far end of lines: where a server is now, and how much it has heard there."""

    def __init__(self) -> None:
        self.address = ("127.0.0.1", 0)
        self._pieces = 0
        self._heard = asyncio.Event()

    def connect_to(self, address: tuple[str, int]) -> None:
        """The server is there now; what it hears is counted from here."""
        self.address = address
        self._pieces = 0

    async def hear(self, pieces: int, seconds: float) -> None:
        """Wait until clients have sent so many pieces of bytes, or time is up."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._pieces < pieces:
                    await self._heard.wait()
                    self._heard.clear()

    def count(self) -> None:
        """One more piece has come."""
        self._pieces += 1
        self._heard.set()


class Line:
    """One client's way to one server.

    Attributes:
        port: where the client connects to, on 127.0.0.1.
        delay: seconds by which each piece of bytes comes late.
        deaf: what the server says is lost.
        refusing: new connections are closed at once.
        connections: how many were made.
    """

    def __init__(self, far: Far) -> None:
        self._far = far
        self._open: set[asyncio.StreamWriter] = set()
        self._lost: set[asyncio.StreamWriter] = set()  # of those: nothing passes any more
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.connections = 0
        self.mend()

    def mend(self) -> None:
        """Let everything through again, on connections that were not lost."""
        self.delay = 0.0
        self.deaf = self.refusing = False

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and cut what is open."""
        assert self._server is not None
        self._server.close()
        self.refusing = True
        self.cut()
        # not cancelled: asyncio's streams complain of handlers that were
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Reset every connection, both ways."""
        for writer in tuple(self._open):
            writer.transport.abort()

    def lose(self) -> None:
        """Let nothing pass on the connections that there are, and leave them open."""
        self._lost |= self._open

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        with self._keeping(writer), contextlib.suppress(OSError):
            # OSError: the server is not there, or was lost: the client's connection is closed
            if not self.refusing:
                there = await asyncio.open_connection(*self._far.address)
                await self._carry((reader, writer), there)

    async def _carry(self, here: _Streams, there: _Streams) -> None:
        """Carry bytes both ways until either side has gone."""
        with self._keeping(there[1]):
            ways = [
                asyncio.create_task(self._pump(here[0], there[1], there=True)),
                asyncio.create_task(self._pump(there[0], here[1], there=False)),
            ]
            if self.refusing:
                self.cut()
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, there: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if writer in self._lost or (self.deaf and not there):
                    continue
                writer.write(piece)
                await writer.drain()
                if there:
                    self._far.count()

    @contextlib.contextmanager
    def _keeping(self, writer: asyncio.StreamWriter) -> Iterator[None]:
        """One side of a connection, for as long as it is open."""
        self._open.add(writer)
        try:
            yield
        finally:
            self._open.discard(writer)
            self._lost.discard(writer)
            writer.transport.abort()


class Network:
    """Everybody's lines. Used with ``async with``.

    Attributes:
        servers: their ends, by name.
        lines: by client, number of its line, and server.
    """

    def __init__(self, servers: Sequence[str] = (SERVER,)) -> None:
        self.servers = {name: Far() for name in servers}
        self.lines: dict[tuple[str, int, str], Line] = {}

    async def line(self, client: str, number: int, server: str) -> Line:
        """Lay a line for a client."""
        line = self.lines[client, number, server] = Line(self.servers[server])
        await line.start()
        return line

    def of(self, client: str, server: str = "") -> list[Line]:
        """A client's lines, or those of them to one server."""
        return [
            line
            for (whose, _, where), line in self.lines.items()
            if whose == client and server in ("", where)
        ]

    def connections(self) -> dict[str, int]:
        """How many were made to each server."""
        made = dict.fromkeys(self.servers, 0)
        for (_, _, server), line in self.lines.items():
            made[server] += line.connections
        return made

    def mend(self) -> None:
        """Let everything through again. What was swallowed never comes, so lines are cut, too."""
        for line in self.lines.values():
            line.mend()
            line.cut()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for line in self.lines.values():
            await line.stop()
