"""A log with ten million access rows, made in seconds through the gateway's own store."""

from __future__ import annotations

import asyncio
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import DevConfig
from gateway.core import access
from gateway.core.model import Access, AccessCall, Context
from gateway.datadir import certifier, prepare
from gateway.flows.ports import Entry
from gateway.store.sqlite import open_records

_ROWS = 1000  # of one statement, as of a full batch
_STATEMENTS = 50  # of one commit


def copy_with_long_log(data_dir: Path, rows: int) -> Path:
    """Copy the data directory of a gateway that is not running, and lengthen the copy's log.

    The log stays whole, but commits to statements that nobody ever got.
    """
    copy = data_dir.with_name(f"{data_dir.name}-long")
    shutil.copytree(data_dir, copy)
    asyncio.run(_lengthen(copy, rows))
    return copy


async def _lengthen(data_dir: Path, rows: int) -> None:
    config = DevConfig(data_dir=data_dir)
    prepared = prepare(config, lambda _: None)
    certify = certifier(prepared.keys.checkpoint(datetime.now(UTC)), prepared.origin)
    entries = [_entry()] * _STATEMENTS  # the same again and again: only their number counts
    async with open_records(config.records_path) as records:
        for _ in range(0, rows, _ROWS * _STATEMENTS):
            await records.commit(entries, certify)


def _entry() -> Entry:
    context = Context("bench", "1.001", "bench", "bench", "")
    call = AccessCall(datetime.now(UTC), "plain", "bench", context, register_revision=0)
    rows = [Access(os.urandom(access.PSEUDONYM_SIZE), 1, 0) for _ in range(_ROWS)]
    return Entry(os.urandom(32), access.access_root(call, rows), call, rows)
