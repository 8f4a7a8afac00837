"""One run: start, break, let everything run out, compare."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gateway.engines.choice import engine_in
from mock_population_db.events import EventState
from tests.support.population_stores import query
from tests.torture import ledger, model
from tests.torture.breaking import Breaking
from tests.torture.clients.setup import Setup
from tests.torture.comparison import Comparison
from tests.torture.crew import Client
from tests.torture.database import Database
from tests.torture.people import cast
from tests.torture.proxy import Network
from tests.torture.schedule import SERVER, Fault, plan
from tests.torture.server import Server
from tests.torture.stores import beside, stores_of

PATIENCE = 240.0  # seconds for everything to run out
NUMBER_DELAY = 0.7  # seconds that a newborn's number is pending
_PROOFS = 50  # receipts that the server must prove anew
_PENDING = "SELECT 1 FROM event WHERE state = ?"
WAYS = {"submitter": 2}  # of each client to a server, where it is not one


@dataclass(frozen=True, slots=True)
class Extent:
    """How long things go wrong, and for how many servers, and clients of each kind."""

    seconds: float = 180.0
    submitters: int = 2
    reconcilers: int = 2
    followers: int = 2
    askers: int = 1
    servers: int = 1

    def server_names(self) -> list[str]:
        """Of all servers."""
        several = [f"{SERVER}-{at}" for at in range(self.servers)]
        return several if self.servers > 1 else [SERVER]

    def names(self) -> list[str]:
        """Of all clients."""
        counts = {
            "submitter": self.submitters,
            "reconciler": self.reconcilers,
            "follower": self.followers,
            "asker": self.askers,
        }
        return [f"{kind}-{at}" for kind, count in counts.items() for at in range(count)]


SHORT = Extent(6.0, 1, 1, 1, 1)
"""The run of ``make test``."""
SHORT_OF_TWO = Extent(9.0, 1, 1, 1, 1, servers=2)
"""The same with two servers: while one is away the other one goes on."""


@dataclass(slots=True)
class Outcome:
    """What came of a run.

    Attributes:
        findings: what does not hold; empty when all is well.
        figures: how much there was of everything.
    """

    findings: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """One run of the test in a folder of its own, where there is a data directory, ``data``.

    Attributes:
        database: where the stores are; None for files of the data directory.
    """

    folder: Path
    seed: int
    extent: Extent
    tell: Callable[[str], None] = lambda _: None
    database: Database | None = None
    _clients: list[Client] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        """The first server's."""
        return self.folder / "data"

    @property
    def schedule(self) -> tuple[Fault, ...]:
        """What goes wrong, and when."""
        clients, servers = self.extent.names(), self.extent.server_names()
        database = self.database is not None
        return plan(self.seed, self.extent.seconds, clients, servers, database=database)

    async def run(self) -> Outcome:
        """Run all of it; a database in which something is wrong is saved in the folder.

        Raises:
            ServerFailure: a server does not come up again.
        """
        whole = False
        try:
            outcome = await self._run()
            whole = not outcome.findings
        finally:
            if self.database is not None and not whole:
                await asyncio.to_thread(self.database.save, self.folder)
        return outcome

    async def _run(self) -> Outcome:
        async with AsyncExitStack() as stack:
            network = await stack.enter_async_context(Network(self.extent.server_names()))
            servers = await self._start_servers(stack, network)
            await self._start_clients(stack, network)
            breaking = Breaking(servers, network, self._clients, self.tell, self.database)
            await breaking.run(self.schedule, self.extent.seconds)
            self.tell("quiet")
            outcome = Outcome(await self._run_out())
            held = ledger.held(model.receipts(self.folder))
            await self._prove(network, held, outcome)
            for server in servers.values():
                await server.stop()
        outcome.findings += [one.failure for one in self._clients if one.failure]
        outcome.findings += [
            f"{name}: {count} tracebacks in its log"
            for name, server in servers.items()
            if (count := server.defects())
        ]
        register = await model.read_register(self.data_dir)
        compared = Comparison(self.folder, self.seed, register)
        data_dirs = {server.data_dir for server in servers.values()}
        outcome.findings += await asyncio.to_thread(compared.findings, held, data_dirs)
        outcome.figures |= {
            **compared.figures(),
            **{f"starts of {name}": server.lives for name, server in servers.items()},
            "starts of clients": sum(client.lives for client in self._clients),
            **{f"connections to {name}": count for name, count in network.connections().items()},
            "revisions": register.head,
            "receipts held": len(held),
        }
        return outcome

    async def _start_servers(self, stack: AsyncExitStack, network: Network) -> dict[str, Server]:
        servers = {}
        for number, name in enumerate(network.servers):
            where, log = beside(self.data_dir, number), self.folder / f"{name}.log"
            servers[name] = Server(where, log, ("--number-delay", str(NUMBER_DELAY)))
            stack.callback(servers[name].abandon)
        addresses = await asyncio.gather(*(server.start() for server in servers.values()))
        for far, address in zip(network.servers.values(), addresses, strict=True):
            far.connect_to(address)
        return servers

    async def _start_clients(self, stack: AsyncExitStack, network: Network) -> None:
        names = self.extent.names()
        submitters = [name for name in names if name.startswith("submitter")]
        people = await asyncio.to_thread(
            cast, stores_of(self.data_dir).register, self.seed, submitters
        )
        people.save(self.folder / "cast.json")
        for number, name in enumerate(names):
            targets = await _lay(network, name, number)
            setup = Setup(str(self.folder), name, self.seed, str(self.data_dir), targets)
            setup.save()
            client = Client(setup)
            stack.push_async_callback(client.abandon)
            client.start()
            self._clients.append(client)

    async def _run_out(self) -> list[str]:
        """Let all clients finish: the followers last, when it is known up to where."""
        (self.folder / "finish").touch()
        followers = [one for one in self._clients if one.name.startswith("follower")]
        others = [one for one in self._clients if one not in followers]
        findings = await _all_done(others)
        last = await asyncio.to_thread(_last_revision, self.data_dir)
        path = self.folder / "last-revision"
        path.with_suffix(".new").write_text(str(last), "utf-8")
        path.with_suffix(".new").rename(path)
        return findings + await _all_done(followers)

    async def _prove(self, network: Network, held: list[ledger.Held], outcome: Outcome) -> None:
        """Have each server prove what clients hold, past the broken network."""
        for far in network.servers.values():
            host, port = far.address
            targets = ((f"{host}:{port}",),)
            setup = Setup(str(self.folder), "asker-0", self.seed, str(self.data_dir), targets)
            async with setup.connect() as way:
                outcome.findings += await ledger.check_proofs(way.gateway, held, _PROOFS)


async def _lay(network: Network, client: str, number: int) -> tuple[tuple[str, ...], ...]:
    """Lay a client's lines: HOST:PORT by way, each way with another server first."""
    servers = list(network.servers)
    ways = []
    for way in range(WAYS.get(client.partition("-")[0], 1)):
        first = (number + way) % len(servers)
        order = servers[first:] + servers[:first]
        lines = [await network.line(client, way, server) for server in order]
        ways.append(tuple(f"127.0.0.1:{line.port}" for line in lines))
    return tuple(ways)


def _last_revision(data_dir: Path) -> int:
    """The register's, when no number waits to be confirmed any more; blocks until then."""
    end = time.monotonic() + PATIENCE
    register = stores_of(data_dir).register
    while query(register, _PENDING, EventState.NUMBER_PENDING):
        if time.monotonic() > end:
            break  # the checker says the rest
        time.sleep(0.1)
    return engine_in(data_dir).register_info().revision


async def _all_done(clients: list[Client]) -> list[str]:
    """Wait until these are done; names those who are not in time."""
    end = time.monotonic() + PATIENCE
    late = []
    for client in clients:
        try:
            await asyncio.wait_for(client.done(), max(0.0, end - time.monotonic()))
        except TimeoutError:
            late.append(f"{client.name} does not come to an end")
    return late
