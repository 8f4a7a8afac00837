"""Figures over the access log: by caller, unit, officer, procedure and RPC.

The ``usage`` table has no units and officers; the packed access rows have. Reads the whole
log, or its newest part back to a day; nothing waits for it.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gateway.core.model import Access, AccessCall, Outcome
from gateway.store.errors import StoreError
from gateway.store.sqlite import read_origin
from gateway.store.usage import account_of, calls_since


class Key(NamedTuple):
    """Who asked, and what."""

    caller: str
    unit: str
    officer: str
    procedure: str
    rpc: str


@dataclass(slots=True)
class Figures:
    """What was asked under one key."""

    answers: int = 0  # entries of the log, a batch as one
    records: int = 0
    verified: int = 0
    refusals: int = 0  # calls; a minute's for want of quota are one entry, of the first's key

    def add(self, other: Figures) -> None:
        """Take another's figures in."""
        self.answers += other.answers
        self.records += other.records
        self.verified += other.verified
        self.refusals += other.refusals


def statistics(path: Path, first: str, last: str) -> dict[Key, Figures]:
    """The figures of the days [first, last], YYYY-MM-DD in Viet Nam.

    Raises:
        StoreError: the record store cannot be read.
    """
    read_origin(path)  # is it a record store of this version?
    try:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
            db.execute("PRAGMA query_only = ON")
            return figures_of(calls_since(db, first), first, last)
    except (sqlite3.Error, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}; try `dancu ledger verify`") from error


def figures_of(
    calls: Iterable[tuple[AccessCall, Sequence[Access]]], first: str, last: str
) -> dict[Key, Figures]:
    """The figures of those calls that are of the days [first, last]."""
    found: dict[Key, Figures] = defaultdict(Figures)
    for call, rows in calls:
        if first <= account_of(call)[0] <= last:
            verified = sum([row.outcome == Outcome.VERIFIED for row in rows])
            answers = 0 if call.refused else 1
            found[_key(call)].add(Figures(answers, len(rows), verified, call.refused))
    return dict(found)


def _key(call: AccessCall) -> Key:
    context = call.context
    return Key(call.caller, context.unit_code, context.officer_id, context.procedure_code, call.rpc)
