"""Records in PostgreSQL as they are made, migrated, put aside and audited."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence

import pytest

import gateway.store.postgres
from gateway.core.ledger import Tree
from gateway.store.errors import StoreError
from gateway.store.postgres import making
from gateway.store.postgres.making import (
    create_postgres_records,
    migrate_postgres_records,
    read_postgres_head_at,
    read_postgres_origin,
)
from gateway.store.postgres.records import open_postgres_records
from gateway.store.postgres.whole import set_aside_in_postgres
from tests.support.postgres import Cluster
from tests.support.record_stores import audited, query
from tests.support.records import certify, entries
from tests.support.scene import ORIGIN


@pytest.fixture
def url(postgres: Cluster, empty_records_url: str) -> Iterator[str]:
    """A database with empty records."""
    with postgres.database(empty_records_url) as made:
        yield made


def test_records_are_made_once(postgres_url: str) -> None:
    """Whoever comes second changes nothing."""
    assert read_postgres_origin(postgres_url) is None
    create_postgres_records(postgres_url, ORIGIN, certify)
    create_postgres_records(postgres_url, "another", certify)
    assert read_postgres_origin(postgres_url) == ORIGIN
    assert read_postgres_head_at(postgres_url, 0) == (0, Tree().root)


def test_what_is_there_is_told_by_name(postgres_url: str) -> None:
    """No records, another version, no server: one line that says what to do."""
    with pytest.raises(StoreError, match="there are no records at postgresql:///test_"):
        migrate_postgres_records(postgres_url)
    create_postgres_records(postgres_url, ORIGIN, certify)
    query(postgres_url, "UPDATE meta SET value = '7' WHERE key = 'schema_version'")
    with pytest.raises(StoreError, match="have schema version 7, this dancu reads 1; use the dan"):
        read_postgres_origin(postgres_url)
    with pytest.raises(StoreError, match=r"postgresql://nowhere\.invalid/dancu: "):
        read_postgres_origin("postgresql://somebody:secret@nowhere.invalid/dancu")


def test_without_its_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before any module needs it."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(StoreError, match=r"pip install -e '\.\[postgres\]'"):
        importlib.reload(gateway.store.postgres)


def test_a_server_that_is_too_old_is_refused(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is made on it."""
    monkeypatch.setattr(making, "OLDEST_SERVER", 99)
    with pytest.raises(StoreError, match="99 or newer is needed"):
        create_postgres_records(postgres_url, ORIGIN, certify)
    assert read_postgres_origin(postgres_url) is None


async def test_a_log_that_is_put_aside_makes_room_for_another(url: str) -> None:
    """Once nobody uses it; it keeps its leaves under its own name."""
    async with open_postgres_records(url) as records:
        await records.commit(entries(0, 3), certify)
        with pytest.raises(StoreError, match="are in use; stop every gateway first"):
            set_aside_in_postgres(url)
    name = set_aside_in_postgres(url)
    assert name == "gateway_test"
    assert read_postgres_origin(url) is None
    create_postgres_records(url, "dancu-simulator/log/next", certify)
    assert read_postgres_head_at(url, 0)[0] == 0
    assert query(url, f"SELECT size FROM {name}.head") == [(3,)]  # noqa: S608 - our own name


def test_migrations_that_are_lacking_are_done_in_order(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All or none, and a gateway of the new version refuses the old records before."""
    known: Sequence[tuple[int, str]] = making.migrations()
    second = (2, "CREATE TABLE gateway.later (id bigint)")
    monkeypatch.setattr(making, "migrations", lambda: [*known, second, (3, "no statement")])
    with pytest.raises(StoreError, match="syntax error"):
        migrate_postgres_records(url)
    assert query(url, "SELECT to_regclass('later')") == [(None,)]
    monkeypatch.setattr(
        making, "migrations", lambda: [*known, second, (3, "ALTER TABLE gateway.later ADD a int")]
    )
    with pytest.raises(StoreError, match="have schema version 1, this dancu reads 3; migrate them"):
        read_postgres_origin(url)
    assert migrate_postgres_records(url) == [2, 3]
    assert migrate_postgres_records(url) == []
    assert read_postgres_origin(url) == ORIGIN


def test_what_could_change_the_records_is_found(url: str) -> None:
    """A trigger, a rule, a key that is gone."""
    query(url, "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    query(url, "CREATE TRIGGER t BEFORE INSERT ON usage FOR EACH ROW EXECUTE FUNCTION f()")
    query(url, "CREATE RULE r AS ON DELETE TO head DO INSTEAD NOTHING")
    query(url, "ALTER TABLE kept DROP CONSTRAINT kept_pkey")
    findings = audited(url).findings
    assert {one.invariant for one in findings} == {"FILE_INTACT"}
    assert [one.message for one in findings] == [
        "there is a trigger t on gateway.usage, which no dancu made",
        "there is a rule r on head, which no dancu made",
        "the table kept has lost its key",
    ]


CHANGES = [
    ("UPDATE window SET accesses = '' WHERE first = 3", {"ACCESS_ROOT", "USAGE"}),
    ("UPDATE window SET leaves = substr(leaves, 1, 63) WHERE first = 3", {"CONTIGUOUS"}),
    ("DELETE FROM window WHERE first = 3", {"CONTIGUOUS"}),
    ("DELETE FROM window WHERE first = 303", {"HEAD", "USAGE"}),
    ("UPDATE head SET size = size - 1", {"HEAD"}),
    ("UPDATE head SET revision = 1", {"HEAD"}),
    ("UPDATE tile SET hashes = root", {"TILE"}),
    ("DELETE FROM tile", {"TILE"}),
    ("UPDATE usage SET records = records + 1", {"USAGE"}),
    ("UPDATE meta SET value = 'another log' WHERE key = 'origin'", {"HEAD"}),
]  # fmt: skip


async def test_every_change_has_its_finding(postgres: Cluster, url: str) -> None:
    """As in a file."""
    async with open_postgres_records(url) as records:
        for start, end in ((0, 3), (3, 303), (303, 305)):
            await records.commit(entries(start, end), certify)
    assert not audited(url).findings
    for change, names in CHANGES:
        with postgres.database(url) as spoilt:
            query(spoilt, change)
            assert {one.invariant for one in audited(spoilt).findings} == names, change
