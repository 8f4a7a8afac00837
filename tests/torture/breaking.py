"""Carries out a schedule of faults; afterwards everything runs again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from tests.torture.crew import Client
from tests.torture.proxy import Line, Network
from tests.torture.schedule import SERVER, Fault, Kind
from tests.torture.server import Server

_DELAYED = 2.0  # seconds for which a line is slow
_TRAFFIC = 6.0  # seconds after which the server is killed however little it heard


class Breaking:
    """Breaks what it is told to, when it is told to. Faults of different targets overlap."""

    def __init__(
        self,
        server: Server,
        network: Network,
        clients: Sequence[Client],
        number_delay: float,
        tell: Callable[[str], None],
    ) -> None:
        self._server = server
        self._network = network
        self._clients = {client.name: client for client in clients}
        self._number_delay = number_delay
        self._tell = tell
        self._turns = {name: asyncio.Lock() for name in (SERVER, *self._clients)}

    async def run(self, schedule: Sequence[Fault]) -> None:
        """Carry out all faults. Raises ServerFailure when the server fails by itself."""
        now = asyncio.get_running_loop().time
        start = now()
        async with asyncio.TaskGroup() as group:
            for fault in schedule:
                await asyncio.sleep(max(0.0, start + fault.at - now()))
                group.create_task(self._carry_out(fault))
        self._network.mend()

    async def _carry_out(self, fault: Fault) -> None:
        async with self._turns[fault.target]:  # one after the other, each on what is whole
            self._tell(str(fault))
            if fault.target == SERVER:
                await self._break_server(fault)
            elif fault.kind is Kind.KILL:
                self._clients[fault.target].kill()
            elif fault.kind is Kind.FREEZE:
                await self._clients[fault.target].freeze(fault.seconds)
            else:
                await self._break_network(fault)

    async def _break_server(self, fault: Fault) -> None:
        if fault.kind is Kind.FREEZE:
            await self._server.freeze(fault.seconds)
            return
        await self._network.hear(fault.pieces, _TRAFFIC)
        if fault.kind is Kind.KILL:
            await asyncio.sleep(fault.seconds)
            await self._server.kill()
        else:
            await self._server.stop()
        delay = ("--number-delay", str(self._number_delay))
        self._network.connect_to(await self._server.start(*delay))

    async def _break_network(self, fault: Fault) -> None:
        lines = [
            line
            for name, line in self._network.lines.items()
            if name.partition("/")[0] == fault.target
        ]
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
