"""One run: start, break, let everything run out, compare."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from clients.sdk import ChangeFilter
from gateway.engines.sqlite import register_info
from mock_population_db.changes import Change
from mock_population_db.events import EventState
from tests.support.registers import reading
from tests.torture import journal, ledger, model
from tests.torture.breaking import Breaking
from tests.torture.checker import (
    check_feed,
    check_register,
    check_reports,
    check_snapshots,
)
from tests.torture.clients.follower import FILTERS
from tests.torture.clients.setup import Setup
from tests.torture.copies import check_copy, copy_of
from tests.torture.crew import Client
from tests.torture.people import Cast, cast
from tests.torture.proxy import Network
from tests.torture.rows import Row, file_of
from tests.torture.schedule import Fault, plan
from tests.torture.server import Server
from tests.torture.verdicts import check_chunks

PATIENCE = 120.0  # seconds for everything to run out
NUMBER_DELAY = 0.7  # seconds that a newborn's number is pending
_PROOFS = 50  # receipts that the server must prove anew
_PENDING = "SELECT 1 FROM event WHERE state = ?"
LINES = {"submitter": 2}  # ways to the server of each client, where it is not one


@dataclass(frozen=True, slots=True)
class Extent:
    """How long things go wrong, and for how many clients of each kind."""

    seconds: float = 180.0
    submitters: int = 2
    reconcilers: int = 2
    followers: int = 2
    askers: int = 1

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
    """One run of the test in a folder of its own."""

    folder: Path
    seed: int
    extent: Extent
    tell: Callable[[str], None] = lambda _: None
    _clients: list[Client] = field(default_factory=list)

    @property
    def data_dir(self) -> Path:
        """The server's."""
        return self.folder / "data"

    @property
    def schedule(self) -> tuple[Fault, ...]:
        """What goes wrong, and when."""
        return plan(self.seed, self.extent.seconds, self.extent.names())

    async def run(self) -> Outcome:
        """Run all of it. Raises ServerFailure when the server does not come up again."""
        server = Server(self.data_dir, self.folder / "server.log")
        async with AsyncExitStack() as stack:
            stack.callback(server.abandon)
            network = await stack.enter_async_context(Network())
            network.connect_to(await server.start("--number-delay", str(NUMBER_DELAY)))
            await self._start_clients(stack, network)
            breaking = Breaking(server, network, self._clients, NUMBER_DELAY, self.tell)
            await breaking.run(self.schedule)
            self.tell("quiet")
            outcome = Outcome(await self._run_out())
            held = ledger.held(model.receipts(self.folder))
            await self._prove(network, held, outcome)
            await server.stop()
        outcome.findings += [one.failure for one in self._clients if one.failure]
        register = await model.read_register(self.data_dir / "population.db")
        outcome.findings += list(self._compare(register, held, outcome))
        outcome.figures |= {
            "starts of the server": server.lives,
            "starts of clients": sum(client.lives for client in self._clients),
            "connections": sum(line.connections for line in network.lines.values()),
            "revisions": register.head,
            "receipts held": len(held),
        }
        return outcome

    async def _start_clients(self, stack: AsyncExitStack, network: Network) -> None:
        names = self.extent.names()
        submitters = [name for name in names if name.startswith("submitter")]
        cast(self.data_dir / "population.db", self.seed, submitters).save(self.folder / "cast.json")
        for name in names:
            targets = []
            for way in range(LINES.get(name.partition("-")[0], 1)):
                line = await network.line(f"{name}/{way}")
                targets.append(f"127.0.0.1:{line.port}")
            setup = Setup(str(self.folder), name, self.seed, str(self.data_dir), tuple(targets))
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
        last = await asyncio.to_thread(_last_revision, self.data_dir / "population.db")
        path = self.folder / "last-revision"
        path.with_suffix(".new").write_text(str(last), "utf-8")
        path.with_suffix(".new").rename(path)
        return findings + await _all_done(followers)

    async def _prove(self, network: Network, held: list[ledger.Held], outcome: Outcome) -> None:
        """Have the server prove what clients hold, past the broken network."""
        host, port = network.address
        folder = str(self.folder)
        setup = Setup(folder, "asker-0", self.seed, str(self.data_dir), (f"{host}:{port}",))
        async with setup.connect() as gateway:
            outcome.findings += await ledger.check_proofs(gateway, held, _PROOFS)

    def _compare(
        self, register: model.Register, held: list[ledger.Held], outcome: Outcome
    ) -> Iterator[str]:
        """Every check there is."""
        reports, chunks, closed = model.Reports(), [], {}
        for path in self.folder.glob("*.journal"):
            for entry in journal.read(path):
                reports.add(entry)
                if "chunk" in entry:
                    chunks.append(model.Chunk.of(entry))
                if "closed" in entry:
                    closed[entry["closed"]] = entry["chunks"]
        yield from check_register(register)
        yield from check_reports(reports, register)
        yield from check_snapshots(((one.who, one.revision) for one in held), register)
        yield from self._compare_followers(register)
        people = Cast.load(self.folder / "cast.json")

        def files(session: str) -> list[list[Row]]:
            return file_of(self.seed, session, people)

        yield from check_chunks(chunks, closed, files, reports.effects())
        yield from ledger.check_leaves(held, ledger.stored_leaves(self.data_dir))
        yield from ledger.check_log(self.data_dir, held)
        once = {(chunk.session, chunk.number) for chunk in chunks}
        yield from ledger.check_charges(self.data_dir, "ReconcileCitizens", len(once))
        outcome.figures |= {
            "events": len(register.events),
            "answers to events": len(reports.answered),
            "refusals": len(reports.refused),
            "sessions": len(closed),
            "chunks": len(once),
            "answers to chunks": len(chunks),
        }

    def _compare_followers(self, register: model.Register) -> Iterator[str]:
        for name, which in FILTERS.items():
            path = self.folder / f"{name}.journal"
            if not path.exists():
                continue
            followed = model.deliveries(journal.read(path))
            yield from check_feed(name, followed, register, _passing(which))
            if which == ChangeFilter():
                yield from check_copy(name, copy_of(followed), register)


def _passing(which: ChangeFilter) -> Callable[[Change], bool]:
    kinds = {kind.value for kind in which.kinds}
    return lambda change: not kinds or change.kind.value in kinds


def _last_revision(register: Path) -> int:
    """The register's, when no number waits to be confirmed any more; blocks until then."""
    end = time.monotonic() + PATIENCE
    with reading(register) as db:
        while db.execute(_PENDING, (EventState.NUMBER_PENDING,)).fetchone():
            if time.monotonic() > end:
                break  # the checker says the rest
            time.sleep(0.1)
    return register_info(register).revision


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
