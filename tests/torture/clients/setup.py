"""What a client is told when it starts, and how it tells that it goes on or is done."""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import grpc

from clients.sdk import CallContext, Gateway, OutcomeUnknown, Refused, Trust, Unreachable
from tests.torture.clients.way import Way
from tests.torture.journal import Journal
from tests.torture.people import Cast

AUDIENCE = "plain"  # whom `dancu dev` takes everybody for
PROCEDURES = {
    "submitter": "TORTURE.EVENT",
    "reconciler": "TORTURE.RECONCILE",
    "follower": "TORTURE.FOLLOW",
    "asker": "TORTURE.ASK",
}
_TIMEOUT = 3.0  # seconds for a call: what is swallowed must not hold a client for long
_PAUSE = 0.05  # seconds before another attempt
_TEMPORARY = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


@dataclass(frozen=True, slots=True)
class Setup:
    """One client's start.

    Attributes:
        folder: of the run: the cast, the journals, and the files that end it.
        name: the client's.
        seed: the run's.
        data_dir: where the servers' root key and key set are.
        targets: for each of the client's ways HOST:PORT of its lines, one to each server, its
            own first.
    """

    folder: str
    name: str
    seed: int
    data_dir: str
    targets: tuple[tuple[str, ...], ...]

    @property
    def path(self) -> Path:
        """Of this setup."""
        return Path(self.folder, f"{self.name}.json")

    @property
    def journal_path(self) -> Path:
        """Of the journal."""
        return Path(self.folder, f"{self.name}.journal")

    def save(self) -> None:
        """Write it for the client."""
        self.path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    def cast(self) -> Cast:
        """Who plays what."""
        return Cast.load(Path(self.folder, "cast.json"))

    @asynccontextmanager
    async def connect(self, at: int = 0) -> AsyncIterator[Way]:
        """One of the client's ways."""
        async with AsyncExitStack() as stack:
            lines = [self._gateway(target) for target in self.targets[at]]
            yield Way([await stack.enter_async_context(line) for line in lines])

    def _gateway(self, target: str) -> Gateway:
        """The SDK over one line."""
        folder = Path(self.data_dir)
        trust = Trust.from_files(folder / "root.pub", folder / "keyset.binpb")
        context = CallContext(
            PROCEDURES[self.name.partition("-")[0]], "000.00.00.G01", "TORTURE", self.name
        )
        return Gateway.connect(
            target, trust=trust, context=context, audience=AUDIENCE, timeout=_TIMEOUT
        )

    def finishing(self) -> bool:
        """Whether clients are to begin nothing new."""
        return Path(self.folder, "finish").exists()

    def last_revision(self) -> int | None:
        """The register's last revision, once it is known."""
        path = Path(self.folder, "last-revision")
        return int(path.read_text("utf-8")) if path.exists() else None


def start(client: Callable[[Setup, Journal], Awaitable[None]]) -> None:
    """Run a client as a process: ``python -m tests.torture.clients.NAME SETUP``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("setup", type=Path)
    found = json.loads(parser.parse_args().setup.read_text("utf-8"))
    setup = replace(Setup(**found), targets=tuple(map(tuple, found["targets"])))
    asyncio.run(_run(client, setup))


async def _run(client: Callable[[Setup, Journal], Awaitable[None]], setup: Setup) -> None:
    await client(setup, Journal(setup.journal_path))


def is_temporary(error: Refused | Unreachable | OutcomeUnknown) -> bool:
    """Whether to try again: nobody answered, or nobody could."""
    return not isinstance(error, Refused) or error.code in _TEMPORARY


async def pause() -> None:
    """A moment before another attempt."""
    await asyncio.sleep(_PAUSE)


async def try_the_next(way: Way, error: Refused | Unreachable) -> None:
    """Go on with the next server, after a moment; raises what another attempt cannot mend."""
    if not is_temporary(error):
        raise error
    way.turn()
    await pause()


def packed(raw: bytes) -> str:
    """Bytes for a journal."""
    return base64.b64encode(raw).decode()
