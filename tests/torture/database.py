"""The PostgreSQL of a run, which is broken, too."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.postgres_outage import Outage, own_server


class Database:
    """A server of the run's own, and the database in it; make one with ``own_database``.

    Attributes:
        url: of the database.
        turns: how often it was broken and mended, together; odd while it is broken.
    """

    def __init__(self, server: Outage) -> None:
        self._server = server
        self.url = server.cluster.create_database()
        self.turns = 0

    async def kill(self, seconds: float) -> None:
        """As by a crash: nothing is finished; started again after a while on what it stored."""
        self.turns += 1
        await asyncio.to_thread(self._server.stop)
        await asyncio.sleep(seconds)
        await asyncio.to_thread(self._server.start)
        self.turns += 1

    async def cut(self) -> None:
        """End every connection to it."""
        self.turns += 1
        await asyncio.to_thread(self._server.cluster.cut_off, self.url)
        self.turns += 1

    def save(self, folder: Path) -> None:
        """Write what it complained of, and what is in it, as ``database.log`` and ``.sql``."""
        cluster = self._server.cluster
        shutil.copyfile(cluster.directory / "log", folder / "database.log")
        with suppress(subprocess.CalledProcessError):  # it is away
            (folder / "database.sql").write_text(cluster.dump(self.url), "utf-8")


@contextmanager
def own_database() -> Iterator[Database]:
    """Start a server, with an empty database, for the length of the block.

    It is in a directory of its own, because it may have to run as another user than we do, and
    because the name of its socket must be short.

    Raises:
        LookupError: PostgreSQL is not installed, or there is no user to run it as.
    """
    with own_server() as server:
        yield Database(server)
