"""Both stores as SQLite files of the data directory."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from pathlib import Path

from gateway.config import GatewayConfig, Place
from gateway.engines.engine import Progress, Stores
from gateway.flows.ports import Certify
from gateway.store.access_index import AccessIndex, keeping_index
from gateway.store.audit import Expected, Report, audit
from gateway.store.audit import Progress as AuditProgress
from gateway.store.epochs import set_aside
from gateway.store.errors import StoreError
from gateway.store.export import exported_leaves
from gateway.store.forgetting import forget
from gateway.store.locking import making_records
from gateway.store.mark import head_at
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import create_records, open_records, read_logged_revision, read_origin
from gateway.store.statistics import Figures, Key, statistics
from gateway.store.watched import SqliteWatchLists
from mock_population_db.events import Applied
from mock_population_db.store.event_rows import events_after
from mock_population_db.store.install import install_personas
from mock_population_db.store.opening import open_file
from mock_population_db.store.reading import RegisterInfo, read_info
from mock_population_db.store.rows import Rows
from mock_population_db.store.sqlite import SqlitePopulation

_PAGE = 1000  # events read at once


def register_info(path: Path) -> RegisterInfo:
    """What a register's file says of itself.

    Raises:
        PopulationError: there is no register of this version at ``path``.
    """
    with contextlib.closing(open_file(path)) as connection:
        return read_info(connection)


def submitted_events(path: Path) -> Iterator[Applied]:
    """Every event that was reported to a register's file, oldest first.

    Raises:
        PopulationError: there is no register of this version at ``path``.
    """
    after = ""
    with contextlib.closing(open_file(path)) as connection:
        while page := events_after(connection, after, _PAGE):
            yield from page
            after = page[-1].event_id


class SqliteEngine:
    """See ``Engine``.

    Args:
        config: whose data directory it is.
        log: a log elsewhere, for example one that was put aside, instead of the directory's.
    """

    def __init__(self, config: GatewayConfig, log: Path | None = None) -> None:
        self._register = config.population_path
        self._records = log or config.records_path
        self._access_index = config.access_index_path

    @property
    def register_name(self) -> str:
        """The register's file."""
        return str(self._register)

    @property
    def records_name(self) -> str:
        """The records' file."""
        return str(self._records)

    def has_register(self) -> bool:
        """Whether there is one, of whatever version."""
        return self._register.exists()

    def register_info(self) -> RegisterInfo:
        """What the register says of itself."""
        return register_info(self._register)

    def build_register(
        self, size: int, seed: int, as_of: date, extra: Rows, progress: Progress
    ) -> None:
        """Build a synthetic population where there is no register."""
        # only here: building needs NumPy, serving does not, and it is the half of a start
        from mock_population_db.generate.build import build_population  # noqa: PLC0415

        build_population(
            self._register, size=size, seed=seed, as_of=as_of, extra_rows=extra, progress=progress
        )

    def install_people(self, rows: Rows) -> None:
        """Put people into the register, or replace those that are there, all or none."""
        install_personas(self._register, rows)

    def submitted_events(self) -> Iterator[Applied]:
        """Every event that was reported to the register, oldest first."""
        return submitted_events(self._register)

    def migrate(self) -> list[str]:
        """Files have had one version so far, and others are refused; nothing is done."""
        self.register_info()
        self.origin()
        return []

    def origin(self) -> str | None:
        """The name of the log; None where there are no records yet."""
        return read_origin(self._records) if self._records.exists() else None

    def making_records(self) -> contextlib.AbstractContextManager[None]:
        """Nobody else makes records in this directory meanwhile."""
        return making_records(self._records)

    def create_records(self, origin: str, certify: Certify) -> None:
        """Make empty records whose log has this origin."""
        create_records(self._records, origin, certify)

    def logged_revision(self) -> int:
        """The latest revision of the register that anything in the log was read at."""
        return read_logged_revision(self._records)

    def head_at(self, size: int) -> tuple[int, bytes]:
        """How many leaves the log has, and the root that it had with ``size``, if it had them."""
        return head_at(self._records, size)

    def audit(self, expected: Expected, progress: AuditProgress) -> Report:
        """Check the records, which may be in use meanwhile."""
        return audit(
            self._existing(),
            checkpoints=expected.checkpoints,
            register_revision=expected.register_revision,
            is_signed=expected.is_signed,
            progress=progress,
            events=expected.events,
        )

    def leaves(self) -> Iterator[dict[str, int | str]]:
        """Every leaf in order."""
        return exported_leaves(self._existing())

    def statistics(self, first: str, last: str) -> dict[Key, Figures]:
        """The figures of the days [first, last]."""
        return statistics(self._existing(), first, last)

    def forget(self, before: str, now: datetime, *, force: bool) -> list[str]:
        """Delete the pseudonym keys of the months before one; returns the months."""
        return forget(self._existing(), before, now, force=force)

    def set_aside(self) -> str:
        """Put the log aside as ``gateway.EPOCH.db``."""
        return str(set_aside(self._existing()))

    @contextlib.asynccontextmanager
    async def open(self, place: Place, keep_revisions: int) -> AsyncIterator[Stores]:
        """Both stores for the length of the block."""
        async with (
            SqlitePopulation.open(self._register, keep_revisions=keep_revisions) as register,
            open_records(self._records) as records,
        ):
            accesses = AccessIndex(self._records, self._access_index)
            indexing = keeping_index(accesses) if place.first else contextlib.nullcontext()
            async with indexing:
                sessions, watch_lists = SqliteSessions(records), SqliteWatchLists(records)
                yield Stores(register, records, accesses, sessions, watch_lists)

    def _existing(self) -> Path:
        if not self._records.exists():
            raise StoreError(f"there is no log at {self._records}; name the --data-dir")
        return self._records
