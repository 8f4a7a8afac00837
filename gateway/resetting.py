"""Bringing the register back to what it was built as, while the gateway answers calls.

A register is a pure function of its seed, size and day; so it is built once more beside the
one in use, by a process of its own, compared by its digest, and only the rows that differ are
put back, in one transaction.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from gateway.config import GatewayConfig
from gateway.core.errors import Obstructed
from gateway.engines.choice import store_of
from gateway.engines.engine import RegisterStore
from gateway.flows.outages import register_unavailable
from gateway.rpc.simulator import Restored
from mock_population_db.store.errors import PopulationError, PopulationUnavailable
from mock_population_db.store.resetting import reset

_BUILD = "mock_population_db.generate.again"

_log = structlog.get_logger(__name__)


class Resetting:
    """Resets one register, one time after another."""

    def __init__(self, config: GatewayConfig, register: RegisterStore) -> None:
        self._config = config
        self._register = register
        self._task: asyncio.Task[Restored] | None = None

    async def __call__(self) -> Restored:
        """Reset the register; whoever stops waiting does not stop it.

        Raises:
            Obstructed: a reset is under way, or this register cannot be built again here.
            Unavailable: the register is out of reach.
        """
        if self._task is not None and not self._task.done():
            raise Obstructed(
                "RESET_RUNNING",
                "the register is being brought back already; wait for that",
                "cơ sở dữ liệu đang được khôi phục; hãy chờ xong",
            )
        self._task = asyncio.create_task(self._reset(), name="reset")
        return await asyncio.shield(self._task)

    async def _reset(self) -> Restored:
        place = store_of(self._config) or self._config.population_path
        async with self._built_again(place) as fresh:
            try:
                done = await asyncio.to_thread(reset, place, fresh)
                about = await self._register.info()
            except (PopulationError, PopulationUnavailable) as error:
                raise register_unavailable() from error
        _log.info("register_reset", revision=done.revision, changed_rows=done.changed_rows)
        return Restored(done.revision, about.day, done.changed_rows)

    @asynccontextmanager
    async def _built_again(self, place: Path | str) -> AsyncIterator[Path]:
        """What the register was built as, in a file for the length of the block."""
        data_dir, pipe = self._config.data_dir, asyncio.subprocess.PIPE
        with tempfile.TemporaryDirectory(prefix=".reset-", dir=data_dir) as folder:
            fresh, added = Path(folder) / "population.db", self._config.added_rows_path
            build = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", _BUILD, str(fresh)),
                *([str(added)] if added.exists() else []),
                stdin=pipe,
                stderr=pipe,
            )
            _, told = await build.communicate(str(place).encode())
            if build.returncode:
                _log.error("register_not_built_again", error=told.decode("utf-8", "replace"))
                raise _not_possible()
            yield fresh


def _not_possible() -> Obstructed:
    return Obstructed(
        "RESET_NOT_POSSIBLE",
        "this register cannot be built again here; the gateway's log says why",
        "không thể dựng lại cơ sở dữ liệu này tại đây; xem nhật ký của hệ thống",
    )
