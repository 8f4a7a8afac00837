"""The register on PostgreSQL: for as many gateways as there are, on any number of machines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import ClassVar

from mock_population_db.rules.registry import RULES
from mock_population_db.store.applying import Rules
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.store.population import KEEP_REVISIONS, Population
from mock_population_db.store.postgres import partitions
from mock_population_db.store.postgres.at_once import read_snapshot
from mock_population_db.store.postgres.connections import Connections
from mock_population_db.store.postgres.listening import listen
from mock_population_db.store.postgres.opening import open_for_reading, open_for_writing

READERS = 4


class PostgresPopulation(Population):
    """Reads and writes a register; make one with ``open``.

    A few reads are served at once, writes one after another, whichever process they come from.
    """

    _look_every: ClassVar = 1.0  # only while nobody tells: the server does

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        *,
        keep_revisions: int = KEEP_REVISIONS,
        rules: Rules = RULES,
        readers: int = READERS,
    ) -> AsyncIterator[PostgresPopulation]:
        """Connect to the register, and disconnect in the end.

        Args:
            url: ``postgresql://…``, as libpq reads it.
            keep_revisions: how many revisions of the history are kept at least.
            rules: by type of event.
            readers: how many reads are served at once.

        Raises:
            PopulationError: there is no register at ``url`` that this program reads.
        """
        reading = Connections(url, open_for_reading, readers, again=True)
        await reading.connected()
        writing = Connections(url, open_for_writing, 1, again=False)
        population = cls(reading, writing, rules, keep_revisions)
        hearing = asyncio.create_task(listen(url, population._waiting.reached, population._head))
        try:
            yield population
        finally:
            await _cancelled(hearing)
            await population.close()

    def __init__(
        self, reading: Connections, writing: Connections, rules: Rules, keep_revisions: int
    ) -> None:
        super().__init__(reading, writing, rules, keep_revisions, partitions.compact, read_snapshot)
        self._writing = writing
        self._room = 0  # the first revision that may have no partition
        self._making_room: asyncio.Task[None] | None = None

    async def close(self) -> None:
        """Write what waits, then close for good."""
        if self._making_room is not None:
            await self._making_room
        await super().close()

    def _reached(self, head: int) -> None:
        super()._reached(head)
        scarce = head + partitions.REVISIONS > self._room
        if scarce and (self._making_room is None or self._making_room.done()):
            self._making_room = asyncio.create_task(self._make_room())

    async def _make_room(self) -> None:
        with suppress(PopulationUnavailable):  # the next commit tries again
            self._room = await self._writing.run(partitions.make_room)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
