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


def test_the_population_is_described_and_verified(server: Server, postgres_url: str) -> None:
    """Found by the data directory, or named; and it is what it says it was built as."""
    where = ("--data-dir", str(server.running.data_dir))
    for named in (where, ("--file", postgres_url)):
        info = dancu("population", "info", *named, "--json")
        assert json.loads(info.stdout)["meta"]["size"] == "500", info.stderr
        export = dancu("population", "export", "--limit", "9", "--out", "-", *named)
        assert len(export.stdout.splitlines()) == 1 + 9, export.stderr
        verified = dancu("population", "verify", *named)
        assert verified.returncode == 0, verified.stderr
        assert "ok     rows of citizen: 500\n" in verified.stdout
        assert "WRONG" not in verified.stdout


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


def test_the_register_is_brought_back(server: Server, tmp_path: Path) -> None:
    """By the same command as a file's; events that were reported stay in the log."""
    where = ("--control", server.running.control)
    lived = dancu(
        "population", "live", "--days", "3", "--data-dir", str(server.running.data_dir), "--json"
    )
    assert lived.returncode == 0, lived.stderr
    done = dancu("simulate", "reset", *where, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["data_as_of"] == "2026-01-01"
    again = json.loads(dancu("simulate", "reset", *where, "--json").stdout)
    assert again["changed_rows"] == 0
    verified = dancu("verify", *PERSON, *asking(server), "--out", str(tmp_path / "receipt"))
    assert verified.returncode == 0, verified.stderr
    assert dancu("ledger", "verify", "--data-dir", str(server.running.data_dir)).returncode == 0
