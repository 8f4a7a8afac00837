"""The registry of callers, ``callers.db``: written by commands, read by the gateway at every call.

A revocation must hold from the next call on, and a query a call would cost too much. So the
file is kept in SQLite's rollback mode, where every commit changes the counter at offset 24 of
the header (file format, §1.3.7): four bytes tell whether anything must be read again. A file put
in its place is another one to the file system, and is read whole.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from gateway.core.caller import Caller, Unit, is_caller_id
from gateway.core.errors import Unavailable
from gateway.store.errors import StoreError

_COUNTER = (4, 24)  # bytes, offset
_READING = os.O_RDONLY | os.O_CLOEXEC
_WAIT = 1.0  # seconds for a command that is writing
_SELECT = "SELECT id, name, status, units, keys, certificates, generation FROM caller"
_SELECT_ONE = f"{_SELECT} WHERE id = ?"
_SELECT_DATED = (
    "SELECT id, name, status, units, keys, certificates, generation, created, changed "
    "FROM caller ORDER BY id"
)
_ACTIVE, _REVOKED = "ACTIVE", "REVOKED"

_Row = tuple[str, str, str, str, str, str, int]


class Enrolled(NamedTuple):
    """A caller with its dates, for people."""

    caller: Caller
    created: str  # ISO 8601, UTC
    changed: str


class CallerRegistry:
    """What a running gateway knows of its callers. Made by ``open_callers``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, _READING)
        self._identity = _identity(os.fstat(self._file))
        self._seen = b""
        self._callers: dict[str, Caller] = {}

    def find(self, caller_id: str) -> Caller | None:
        """The caller as it stands now.

        Raises:
            Unavailable: the registry cannot be read; nobody is let in on what it once said.
        """
        try:
            self.refresh()
        except (OSError, sqlite3.Error, ValueError, KeyError, TypeError) as error:
            raise _unavailable() from error
        return self._callers.get(caller_id)

    def refresh(self) -> None:
        """Read what changed, if anything did; errors as they come."""
        if _identity(self._path.stat()) != self._identity:
            self._open_anew()
        counter = os.pread(self._file, *_COUNTER)
        if counter != self._seen:
            self._callers = self._read()
            self._seen = counter  # read before the rows: a later change is seen again

    def close(self) -> None:
        """Close the file."""
        # SQLite's locks on it are this process's too, and end with any descriptor of it: so
        # it stays open for as long as the gateway runs, or until another takes its place
        os.close(self._file)

    def _open_anew(self) -> None:
        """Another file stands in the place of the one that is open; nothing of that one is kept."""
        file = os.open(self._path, _READING)
        os.close(self._file)
        self._file, self._identity = file, _identity(os.fstat(file))
        self._seen, self._callers = b"", {}

    def _read(self) -> dict[str, Caller]:
        """All callers; those that have not changed as they were."""
        with _connected(self._path) as db:
            rows: Iterable[_Row] = db.execute(_SELECT)
            return {row[0]: self._known(row) or _caller(row) for row in rows}

    def _known(self, row: _Row) -> Caller | None:
        known = self._callers.get(row[0])
        return known if known is not None and known.generation == row[-1] else None


@contextlib.contextmanager
def open_callers(path: Path) -> Iterator[CallerRegistry]:
    """Read the registry for the length of the block.

    Raises:
        StoreError: there is none, or it is damaged.
    """
    try:
        registry = CallerRegistry(path)
    except OSError as error:
        raise StoreError(f"cannot read the callers in {path}: {error.strerror}") from error
    try:
        with _as_store_errors(path):
            registry.refresh()  # all of it now, not at somebody's first call
        yield registry
    finally:
        registry.close()


def list_callers(path: Path) -> list[Enrolled]:
    """All callers by id; none when there is no registry.

    Raises:
        StoreError: the file is damaged or none of ours.
    """
    if not path.exists():
        return []
    with _as_store_errors(path), _connected(path) as db:
        return [Enrolled(_caller(row[:-2]), *row[-2:]) for row in db.execute(_SELECT_DATED)]


def add_callers(path: Path, callers: Sequence[Caller], now: datetime) -> None:
    """Enrol callers, all or none; the registry is made on first use.

    Raises:
        StoreError: one of them is enrolled already, or the file cannot be written.
    """
    for caller in callers:
        if not is_caller_id(caller.id):
            raise StoreError(
                f"{caller.id!r} cannot be a caller's id; use 1 to 64 letters, digits, '.', '_', '-'"
            )
    at = _text(now)
    rows = [(*_cells(caller), at, at, 1) for caller in callers]
    with _changing(path) as db:
        for row in rows:
            if db.execute("SELECT 1 FROM caller WHERE id = ?", row[:1]).fetchone():
                raise StoreError(f"{row[0]} is enrolled already; see `dancu callers show {row[0]}`")
        db.executemany("INSERT INTO caller VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)


def change_caller(
    path: Path, caller_id: str, change: Callable[[Caller], Caller], now: datetime
) -> Caller:
    """Change one caller, and return it as it stands then.

    Raises:
        StoreError: there is no such caller, or the file cannot be written.
    """
    if not path.exists():
        raise StoreError(f"nobody is enrolled in {path}; see `dancu callers add`")
    with _changing(path) as db:
        row = db.execute(_SELECT_ONE, (caller_id,)).fetchone()
        if row is None:
            raise StoreError(f"{caller_id} is not enrolled; see `dancu callers list`")
        old = _caller(row)
        new = replace(change(old), generation=old.generation + 1)
        db.execute(
            "UPDATE caller SET name = ?, status = ?, units = ?, keys = ?, certificates = ?, "
            "changed = ?, generation = ? WHERE id = ?",
            (*_cells(new)[1:], _text(now), new.generation, caller_id),
        )
    return new


@contextlib.contextmanager
def _changing(path: Path) -> Iterator[sqlite3.Connection]:
    """One transaction on the registry, which is made if there is none."""
    with _as_store_errors(path):
        if not path.exists():
            path.touch(mode=0o600)
        with _connected(path) as db:
            db.execute("PRAGMA journal_mode = DELETE")  # in WAL mode the counter would stand
            db.execute("BEGIN IMMEDIATE")
            if not db.execute("SELECT 1 FROM sqlite_master").fetchone():
                db.execute(_schema())
            yield db
            db.execute("COMMIT")  # closing without it rolls back


@contextlib.contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as db:
        yield db


@contextlib.contextmanager
def _as_store_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"cannot use the callers in {path}: {error}") from error


def _identity(file: os.stat_result) -> tuple[int, int]:
    """What tells a file from another of the same name."""
    return file.st_dev, file.st_ino


def _schema() -> str:
    return (resources.files(__package__) / "schema" / "callers.sql").read_text("utf-8")


def _caller(row: _Row) -> Caller:
    units = json.loads(row[3])
    return Caller(
        row[0],
        row[1],
        {code: Unit(one["name"], frozenset(one["officers"])) for code, one in units.items()},
        tuple(json.loads(row[4])),
        frozenset(json.loads(row[5])),
        row[2] == _ACTIVE,
        row[6],
    )


def _cells(caller: Caller) -> tuple[str, str, str, str, str, str]:
    units = {
        code: {"name": unit.name, "officers": sorted(unit.officers)}
        for code, unit in (caller.units or {}).items()
    }
    return (
        caller.id,
        caller.name,
        _ACTIVE if caller.active else _REVOKED,
        json.dumps(units, ensure_ascii=False),
        json.dumps(caller.keys),
        json.dumps(sorted(caller.certificates)),
    )


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _unavailable() -> Unavailable:
    return Unavailable(
        "CALLERS_UNAVAILABLE",
        "the registry of callers cannot be read now; nothing was answered, try again",
        "hiện không đọc được danh sách hệ thống kết nối; chưa có kết quả, hãy thử lại",
    )
