"""``dancu`` on PostgreSQL, as a user runs it: both stores in one database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.server import Server, dancu, dev

PERSON = ("079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14")


@pytest.fixture
def server(postgres_url: str, tmp_path: Path) -> Iterator[Server]:
    """A gateway on an empty database, which it fills."""
    with dev(tmp_path / "data", "--store", postgres_url, "--population", "500") as started:
        yield started


def asking(server: Server) -> tuple[str, ...]:
    """Where to ask."""
    return ("--server", server.running.grpc, "--data-dir", str(server.running.data_dir))


def test_from_nothing_to_an_answer(server: Server, tmp_path: Path) -> None:
    """Built, answered, recorded; the data directory's commands find the database by themselves."""
    data_dir = server.running.data_dir
    assert not list(data_dir.glob("*.db"))
    verified = dancu("verify", *PERSON, *asking(server), "--out", str(tmp_path / "receipt"))
    assert verified.returncode == 0, verified.stderr
    keys = str(data_dir / "keyset.binpb")
    checked = dancu("receipt", "verify", str(tmp_path / "receipt"), "--keys", keys)
    assert checked.returncode == 0, checked.stderr

    where = ("--data-dir", str(data_dir))
    assert json.loads(dancu("ledger", "verify", *where, "--json").stdout)["leaves"] == 1
    (row,) = json.loads(dancu("stats", *where, "--json").stdout)["rows"]
    assert (row["rpc"].rpartition("/")[2], row["verified"]) == ("VerifyIdentity", 1)
    assert "079088000001" in dancu("personas", *where).stdout


def test_started_again(server: Server) -> None:
    """Without --store the data directory's own database is used, and another is refused."""
    data_dir = server.running.data_dir
    assert server.terminate() == 0
    with dev(data_dir) as again:
        assert dancu("verify", *PERSON, *asking(again)).returncode == 0
    other = dancu("dev", "--data-dir", str(data_dir), "--store", "postgresql://127.0.0.1:1/other")
    assert other.returncode == 1
    assert "belongs to another store" in other.stderr


def test_what_works_on_files_alone(server: Server) -> None:
    """Says so, in one line."""
    where = ("--data-dir", str(server.running.data_dir))
    for command in (("info",), ("export", "--limit", "1", "--out", "-")):
        done = dancu("population", *command, *where)
        assert done.returncode == 1
        assert done.stderr.splitlines()[-1].endswith("this works on a register in a file")


@pytest.mark.parametrize(
    ("store", "complaint"),
    [
        ("mysql://127.0.0.1/dancu", "a store is postgresql://"),
        ("postgresql://dancu:secret@127.0.0.1:1/dancu", "127.0.0.1:1"),
    ],
)
def test_stores_that_are_not_there(store: str, complaint: str, tmp_path: Path) -> None:
    """One line that names the place, and no password."""
    done = dancu("dev", "--data-dir", str(tmp_path / "data"), "--store", store)
    assert done.returncode == 1
    assert complaint in done.stderr.splitlines()[-1]
    assert "secret" not in done.stderr
