"""Both stores in one PostgreSQL database, for any number of gateways on any number of machines."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import date, datetime
from functools import partial

from gateway.config import Place
from gateway.engines.engine import Progress, Stores
from gateway.flows.ports import Certify
from gateway.store.audit import Expected, Report
from gateway.store.audit import Progress as AuditProgress
from gateway.store.postgres.accesses import PostgresAccessLog, keeping_access_log
from gateway.store.postgres.database import shown
from gateway.store.postgres.making import (
    check_postgres_unused,
    create_postgres_records,
    holds_postgres_records,
    making_postgres_records,
    migrate_postgres_records,
    read_postgres_head_at,
    read_postgres_logged_revision,
    read_postgres_origin,
)
from gateway.store.postgres.records import open_postgres_records
from gateway.store.postgres.sessions import PostgresSessions
from gateway.store.postgres.snapshot import audit_postgres_records
from gateway.store.postgres.watched import PostgresWatchLists
from gateway.store.postgres.whole import (
    exported_postgres_leaves,
    forget_in_postgres,
    postgres_statistics,
    set_aside_in_postgres,
)
from gateway.store.statistics import Figures, Key
from mock_population_db.events import Applied
from mock_population_db.store.event_rows import events_after
from mock_population_db.store.postgres.install import install_personas
from mock_population_db.store.postgres.opening import (
    holds_register,
    migrate_register,
    open_for_reading,
)
from mock_population_db.store.postgres.population import PostgresPopulation
from mock_population_db.store.reading import RegisterInfo, read_info
from mock_population_db.store.rows import Rows

_PAGE = 1000  # events read at once


class PostgresEngine:
    """See ``Engine``; ``url`` is ``postgresql://…``, as libpq reads it."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def register_name(self) -> str:
        """The database, without a password."""
        return shown(self._url)

    @property
    def records_name(self) -> str:
        """The database, without a password."""
        return shown(self._url)

    def has_register(self) -> bool:
        """Whether there is one, of whatever version."""
        return holds_register(self._url)

    def register_info(self) -> RegisterInfo:
        """What the register says of itself."""
        with contextlib.closing(open_for_reading(self._url)) as session:
            return read_info(session)

    def build_register(
        self, size: int, seed: int, as_of: date, extra: Rows, progress: Progress
    ) -> None:
        """Build a synthetic population where there is no register; or wait for who does."""
        # only here: building needs NumPy, serving does not, and it is the half of a start
        from mock_population_db.generate.build_postgres import (  # noqa: PLC0415
            RegisterThere,
            build_in_postgres,
        )

        with contextlib.suppress(RegisterThere):  # another gateway's, built meanwhile
            build_in_postgres(
                self._url,
                size=size,
                seed=seed,
                as_of=as_of,
                extra_rows=extra,
                progress=progress,
                replace=False,
            )

    def install_people(self, rows: Rows) -> None:
        """Put people into the register, or replace those that are there, all or none."""
        install_personas(self._url, rows)

    def submitted_events(self) -> Iterator[Applied]:
        """Every event that was reported to the register, oldest first."""
        after = ""
        with contextlib.closing(open_for_reading(self._url)) as session:
            while page := events_after(session, after, _PAGE):
                yield from page
                after = page[-1].event_id

    def migrate(self) -> list[str]:
        """Bring both stores to this version's tables, while nobody uses them; what was done."""
        numbers = migrate_register(self._url, partial(check_postgres_unused, self._url))
        done = [f"register: migration {number}" for number in numbers]
        if holds_postgres_records(self._url):
            numbers = migrate_postgres_records(self._url)
            done += [f"records: migration {number}" for number in numbers]
        return done

    def origin(self) -> str | None:
        """The name of the log; None where there are no records yet."""
        return read_postgres_origin(self._url)

    def making_records(self) -> contextlib.AbstractContextManager[None]:
        """Nobody else makes records in this database meanwhile."""
        return making_postgres_records(self._url)

    def create_records(self, origin: str, certify: Certify) -> None:
        """Make empty records whose log has this origin."""
        create_postgres_records(self._url, origin, certify)

    def logged_revision(self) -> int:
        """The latest revision of the register that anything in the log was read at."""
        return read_postgres_logged_revision(self._url)

    def head_at(self, size: int) -> tuple[int, bytes]:
        """How many leaves the log has, and the root that it had with ``size``, if it had them."""
        return read_postgres_head_at(self._url, size)

    def audit(self, expected: Expected, progress: AuditProgress) -> Report:
        """Check the records, which may be in use meanwhile."""
        return audit_postgres_records(self._url, expected, progress)

    def leaves(self) -> Iterator[dict[str, int | str]]:
        """Every leaf in order."""
        return exported_postgres_leaves(self._url)

    def statistics(self, first: str, last: str) -> dict[Key, Figures]:
        """The figures of the days [first, last]."""
        return postgres_statistics(self._url, first, last)

    def forget(self, before: str, now: datetime, *, force: bool) -> list[str]:
        """Delete the pseudonym keys of the months before one; returns the months."""
        return forget_in_postgres(self._url, before, now, force=force)

    def set_aside(self) -> str:
        """Put the log aside as the schema ``gateway_EPOCH``."""
        return f"schema {set_aside_in_postgres(self._url)} of {self.records_name}"

    @contextlib.asynccontextmanager
    async def open(self, place: Place, keep_revisions: int) -> AsyncIterator[Stores]:
        """Both stores for the length of the block."""
        async with (
            PostgresPopulation.open(self._url, keep_revisions=keep_revisions) as register,
            open_postgres_records(self._url) as records,
        ):
            accesses = PostgresAccessLog(records)
            indexing = keeping_access_log(accesses) if place.first else contextlib.nullcontext()
            async with indexing:
                sessions, watch_lists = PostgresSessions(records), PostgresWatchLists(records)
                yield Stores(register, records, accesses, sessions, watch_lists)
