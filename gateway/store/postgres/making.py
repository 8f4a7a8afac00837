"""Making the records of a database, and looking what is there: migrations and versions.

A migration is a file ``schema/postgres/NNNN_*.sql``. They are done in order, in one transaction,
and the number of the last one is the schema's version. A gateway serves the version it knows and
no other.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable

from gateway.core.ledger import Tree
from gateway.flows.ports import Certify
from gateway.store.errors import StoreError
from gateway.store.postgres import log, partitions
from gateway.store.postgres.database import APPLICATION, Db, shown
from gateway.store.postgres.waiting import Waiting, waiting

OLDEST_SERVER = 13  # the oldest whose partitions are attached while others read
_LOCK = 0x64616E637500  # advisory: who makes or migrates
_FIRST_START = 0x64616E637502  # likewise: who makes keys and records
_FIRST_START_SECONDS = 60  # a start that waits for another's
_OTHERS = """
SELECT pid FROM pg_stat_activity
WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()
"""


def migrations() -> list[tuple[int, str]]:
    """Number and text of every migration, in order."""
    found = sorted(_files(), key=lambda one: one.name)
    return [(int(one.name[:4]), one.read_text("utf-8")) for one in found]


def schema_version() -> int:
    """The version that this dancu reads and writes."""
    return migrations()[-1][0]


@contextlib.contextmanager
def making_postgres_records(url: str) -> Iterator[None]:
    """Nobody else is in such a block meanwhile: whoever looks again in it may make the records.

    Raises:
        StoreError: the server cannot be reached, or another has been in it for too long.
    """
    with waiting(url) as store, store.transaction():
        store.rows("SELECT set_config('lock_timeout', $1, true)", f"{_FIRST_START_SECONDS}s")
        store.rows("SELECT pg_advisory_xact_lock($1)", _FIRST_START)
        yield


def create_postgres_records(url: str, origin: str, certify: Certify) -> None:
    """Make empty records whose log has this origin, in a database that has none.

    Whoever comes second finds them made, and changes nothing.

    Raises:
        StoreError: they cannot be made.
    """
    with waiting(url) as store, store.transaction():
        _check_server(store, url)
        store.rows("SELECT pg_advisory_xact_lock($1)", _LOCK)
        if _stored_version(store) is None:
            store.run(_create, origin, certify)


def migrate_postgres_records(url: str) -> list[int]:
    """Do the migrations that are lacking, all or none; returns their numbers.

    Raises:
        StoreError: there are no records, or a newer dancu's, a gateway is using them, or a
            migration fails.
    """
    with waiting(url) as store, store.transaction():
        store.rows("SELECT pg_advisory_xact_lock($1)", _LOCK)
        stored = _stored_version(store)
        if stored is None or stored > schema_version():
            _check_version(url, stored)
        lacking = [one for one in migrations() if one[0] > (stored or 0)]
        if lacking:
            check_unused(store, url)
            store.run(_migrate, lacking)
    return [number for number, _ in lacking]


def holds_postgres_records(url: str) -> bool:
    """Whether there are records, of whatever version. Raises StoreError."""
    with waiting(url) as store:
        return _stored_version(store) is not None


def check_postgres_unused(url: str) -> None:
    """Raises StoreError while a gateway, or a command, is connected to the database."""
    with waiting(url) as store:
        check_unused(store, url)


def check_unused(store: Waiting, url: str) -> None:
    """Raises StoreError while others than this connection are connected to the database."""
    if store.rows(_OTHERS, APPLICATION):
        raise StoreError(f"the records at {shown(url)} are in use; stop every gateway first")


def read_postgres_origin(url: str) -> str | None:
    """The origin of the log; None where there are no records yet.

    Raises:
        StoreError: they are of another version, or damaged.
    """
    with waiting(url) as store:
        return None if _stored_version(store) is None else read_origin(store, url)


def read_origin(store: Waiting, url: str) -> str:
    """The origin of the log.

    Raises:
        StoreError: there is none, or one of another version, or it is damaged.
    """
    _check_version(url, _stored_version(store))
    ((origin,),) = store.rows("SELECT value FROM gateway.meta WHERE key = 'origin'")
    store.run(log.read_head)
    return str(origin)


def read_postgres_logged_revision(url: str) -> int:
    """The latest revision of the register that anything in the log was read at.

    Raises:
        StoreError: it cannot be read.
    """
    with waiting(url) as store:
        return store.run(log.read_revision)


def read_postgres_head_at(url: str, size: int) -> tuple[int, bytes]:
    """How many leaves the log has, and the root that it had with ``size`` (if it has so many).

    Raises:
        StoreError: it cannot be read.
    """
    with waiting(url) as store:
        return store.run(_head_at, size)


def _files() -> Iterator[Traversable]:
    folder = resources.files("gateway.store") / "schema" / "postgres"
    return (one for one in folder.iterdir() if one.name.endswith(".sql"))


def _check_server(store: Waiting, url: str) -> None:
    """Raises StoreError for a server that lacks what is asked of it."""
    ((number,),) = store.rows("SELECT current_setting('server_version_num')::int")
    if number < OLDEST_SERVER * 10_000:
        raise StoreError(
            f"{shown(url)} is PostgreSQL {number // 10_000}; {OLDEST_SERVER} or newer is needed"
        )


def _stored_version(store: Waiting) -> int | None:
    """The version of the records in the database; None if there are none."""
    ((table,),) = store.rows("SELECT to_regclass('gateway.meta')")
    if table is None:
        return None
    rows = store.rows("SELECT value FROM gateway.meta WHERE key = 'schema_version'")
    return int(rows[0][0]) if rows else None


def _check_version(url: str, stored: int | None) -> None:
    """Raises StoreError unless these are records that this dancu serves."""
    if stored == schema_version():
        return
    if stored is None:
        raise StoreError(f"there are no records at {shown(url)}")
    cure = (
        "migrate them: stop every gateway, then `dancu migrate`"
        if stored < schema_version()
        else "use the dancu that wrote them"
    )
    raise StoreError(
        f"the records at {shown(url)} have schema version {stored}, this dancu reads "
        f"{schema_version()}; {cure}"
    )


async def _create(db: Db, origin: str, certify: Certify) -> None:
    await db.execute("CREATE SCHEMA IF NOT EXISTS gateway")
    await _migrate(db, migrations())
    await db.execute("INSERT INTO gateway.meta VALUES ('origin', $1)", origin)
    tree = Tree()
    await db.execute(
        "INSERT INTO gateway.head VALUES (1, 0, $1, '', $2, 0)", tree.root, certify(tree)
    )
    await partitions.extend_log(db, 0)


async def _migrate(db: Db, lacking: list[tuple[int, str]]) -> None:
    for number, script in lacking:
        await db.execute(script)
        await db.execute(
            "INSERT INTO gateway.meta VALUES ('schema_version', $1) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            str(number),
        )


async def _head_at(db: Db, size: int) -> tuple[int, bytes]:
    tree, _ = await log.read_head(db)
    return tree.size, await log.root_at(db, size) if size <= tree.size else b""
