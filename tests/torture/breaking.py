"""Carries out a schedule of faults; afterwards everything runs again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tests.torture.crew import Client
from tests.torture.database import Database
from tests.torture.proxy import Line, Network
from tests.torture.schedule import DATABASE, Fault, Kind
from tests.torture.server import Server, ServerFailure

_DELAYED = 2.0  # seconds for which a line is slow
_TRAFFIC = 6.0  # seconds after which a server is killed however little it heard


class Breaking:
    """Breaks what it is told to, when it is told to.

    Faults of different targets overlap, but of servers one is broken at a time: so of several
    there is mostly one that goes on.
    """

    def __init__(
        self,
        servers: Mapping[str, Server],
        network: Network,
        clients: Sequence[Client],
        tell: Callable[[str], None],
        database: Database | None = None,
    ) -> None:
        self._servers = servers
        self._network = network
        self._clients = {client.name: client for client in clients}
        self._tell = tell
        self._database = database
        self._end = 0.0
        self._turns = {name: asyncio.Lock() for name in (DATABASE, *self._clients)}
        self._turns |= dict.fromkeys(servers, asyncio.Lock())

    async def run(self, schedule: Sequence[Fault], seconds: float) -> None:
        """Carry out all faults whose turn comes within the time of the schedule.

        Raises:
            ServerFailure: a server failed by itself.
        """
        now = asyncio.get_running_loop().time
        start = now()
        self._end = start + seconds
        async with asyncio.TaskGroup() as group:
            for fault in schedule:
                await asyncio.sleep(max(0.0, start + fault.at - now()))
                group.create_task(self._carry_out(fault))
        self._network.mend()

    async def _carry_out(self, fault: Fault) -> None:
        async with self._turns[fault.target]:  # one after the other, each on what is whole
            if asyncio.get_running_loop().time() > self._end:
                return
            self._tell(str(fault))
            if fault.target == DATABASE:
                await self._break_database(fault)
            elif fault.target in self._servers:
                await self._break_server(fault)
            elif fault.kind is Kind.KILL:
                self._clients[fault.target].kill()
            elif fault.kind is Kind.FREEZE:
                await self._clients[fault.target].freeze(fault.seconds)
            else:
                await self._break_network(fault)

    async def _break_server(self, fault: Fault) -> None:
        server, far = self._servers[fault.target], self._network.servers[fault.target]
        if fault.kind is Kind.FREEZE:
            await server.freeze(fault.seconds)
            return
        await far.hear(fault.pieces, _TRAFFIC)
        if fault.kind is Kind.KILL:
            await asyncio.sleep(fault.seconds)
            await server.kill()
        else:
            await server.stop()
        await asyncio.sleep(fault.down)
        far.connect_to(await self._start(server))
        self._tell(f"           up     {fault.target}")

    async def _start(self, server: Server) -> tuple[str, int]:
        """Start a server; again, while it is the database that fails."""
        while True:
            before = self._broken()
            try:
                return await server.start()
            except ServerFailure:
                if not before % 2 and before == self._broken():
                    raise

    def _broken(self) -> int:
        """How often the database was broken and mended; odd while it is broken."""
        return self._database.turns if self._database else 0

    async def _break_database(self, fault: Fault) -> None:
        assert self._database is not None
        if fault.kind is Kind.KILL:
            await self._database.kill(fault.seconds)
        else:
            await self._database.cut()

    async def _break_network(self, fault: Fault) -> None:
        lines = self._network.of(fault.target, fault.towards)
        for line in lines:
            _spoil(line, fault)
        await asyncio.sleep(_DELAYED if fault.kind is Kind.DELAY else fault.seconds)
        for line in lines:
            line.mend()
            if fault.kind is not Kind.DELAY:
                line.cut()


def _spoil(line: Line, fault: Fault) -> None:
    if fault.kind is Kind.DELAY:
        line.delay = fault.seconds
    elif fault.kind is Kind.HOLE:
        line.lose()
    elif fault.kind is Kind.DEAF:
        line.deaf = True
    elif fault.kind is Kind.REFUSE:
        line.refusing = True
        line.cut()
    else:
        line.cut()
