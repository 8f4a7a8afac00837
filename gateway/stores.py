"""Opening the two stores: the register, and the gateway's own records."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.config import GatewayConfig
from gateway.flows.event_keeping import EventRecords, EventStore
from gateway.flows.ports import AccessLog, Register, Sessions, UsageRecords, WatchLists
from gateway.store.access_index import AccessIndex, keeping_index
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import open_records
from gateway.store.watched import SqliteWatchLists
from mock_population_db.events import Applied, Submission
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.sqlite import SqlitePopulation


class RegisterStore(Register, EventStore, Protocol):
    """All that the gateway asks of the register."""

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""
        ...

    async def apply_many(self, submissions: Sequence[Submission], /) -> list[Applied | Exception]:
        """Take events in, in order, each as ``apply`` does."""
        ...


class RecordStore(EventRecords, UsageRecords, Protocol):
    """All that the gateway asks of its own records, but for what stands beside it here."""


@dataclass(frozen=True, slots=True)
class Stores:
    """Both stores, open."""

    register: RegisterStore
    records: RecordStore
    accesses: AccessLog
    sessions: Sessions
    watch_lists: WatchLists


@contextlib.asynccontextmanager
async def open_stores(config: GatewayConfig) -> AsyncIterator[Stores]:
    """Both stores for the length of the block.

    Raises:
        StoreError, PopulationError, Unavailable: a store cannot be read.
    """
    async with contextlib.AsyncExitStack() as stack:
        register = await stack.enter_async_context(SqlitePopulation.open(config.population_path))
        records = await stack.enter_async_context(open_records(config.records_path))
        accesses = AccessIndex(config.records_path, config.access_index_path)
        await stack.enter_async_context(keeping_index(accesses))
        yield Stores(
            register, records, accesses, SqliteSessions(records), SqliteWatchLists(records)
        )
