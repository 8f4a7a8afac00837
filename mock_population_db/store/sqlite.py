"""The register on SQLite: the embedded default."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from mock_population_db.rules.registry import RULES
from mock_population_db.store.applying import Rules
from mock_population_db.store.connections import Connection
from mock_population_db.store.opening import open_file, open_for_writing
from mock_population_db.store.population import KEEP_REVISIONS, Population


class SqlitePopulation(Population):
    """Reads and writes a register; make one with ``open``.

    Reads are served one after another, and so are writes, but no read waits for a write. After a
    failure the file is opened anew by the next call.
    """

    @classmethod
    @asynccontextmanager
    async def open(
        cls, path: Path, *, keep_revisions: int = KEEP_REVISIONS, rules: Rules = RULES
    ) -> AsyncIterator[SqlitePopulation]:
        """Open the register, and close it in the end. It is not written to before an event comes.

        Args:
            path: of the file.
            keep_revisions: how many revisions of the history are kept at least.
            rules: by type of event.

        Raises:
            PopulationError: there is no register at ``path`` that this program reads.
        """
        reading, writing = Connection(path, open_file), Connection(path, open_for_writing)
        await reading.connected()
        population = cls(reading, writing, rules, keep_revisions)
        try:
            yield population
        finally:
            await population.close()
