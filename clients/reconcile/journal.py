"""Where a reconciliation stands, so that it goes on after any end: ``RESULT.journal``.

The result grows in ``RESULT.part``, the bundle in ``BUNDLE.part``. The journal says how much of
each is whole; it is replaced whole, and only after the files were synced. What was written since
is cut off when the work is taken up, and fetched again: the same chunks get the same answers.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from clients.reconcile.errors import FileError
from clients.reconcile.tally import Tally

_VERSION = 1
_HEAD_BYTES = 1024 * 1024
_NO_DIGEST = bytes(32).hex()


@dataclass(slots=True)
class State:
    """What a journal holds.

    Attributes:
        session: The session's id.
        source: What the file and the options were; all of it must be the same to go on.
        next_chunk: The first chunk whose rows are not written.
        digest: Of the chunk before it, in hexadecimal.
        lengths: How much of each file is whole, in bytes, by what it is.
        finished: Whether all that is left to do is to rename the files.
        tally: Of the rows that are written.
    """

    session: str
    source: dict[str, Any]
    next_chunk: int = 0
    digest: str = _NO_DIGEST
    lengths: dict[str, int] = field(default_factory=dict)
    finished: bool = False
    tally: Tally = field(default_factory=Tally)

    def to_json(self) -> dict[str, Any]:
        """For the file."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return {"version": _VERSION} | kept | {"tally": self.tally.to_json()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        """What ``to_json`` made; KeyError, TypeError or ValueError for anything else."""
        if kept["version"] != _VERSION:
            raise ValueError(f"version {kept['version']}")
        names = [each.name for each in fields(cls)]
        return cls(**{name: kept[name] for name in names} | {"tally": Tally.of_json(kept["tally"])})


def source_of(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """What must not change between two runs: the file, by its size and head, and the settings."""
    with path.open("rb") as file:
        head = hashlib.sha256(file.read(_HEAD_BYTES)).hexdigest()
    return {"path": str(path.absolute()), "size": path.stat().st_size, "head": head, **settings}


def new_session(source: Mapping[str, Any]) -> str:
    """A session id for this file, and for this time that it is reconciled, 37 characters."""
    digest = hashlib.sha256(json.dumps(source, sort_keys=True).encode()).hexdigest()
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    return f"{digest[:16]}-{now}-{secrets.token_hex(2)}"


def load(path: Path, source: Mapping[str, Any], session: str | None) -> State | None:
    """What an earlier run left; None when there is nothing.

    Raises:
        FileError: It is of another file, session or options, or cannot be read.
    """
    try:
        state = State.of_json(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise FileError(f"{path} is damaged; delete it to begin anew") from None
    changed = [name for name in source if state.source.get(name) != source[name]]
    if session not in (None, state.session):
        changed.append("session")
    if changed:
        raise FileError(
            f"{path} is of a run that is not finished, with another {', '.join(changed)};"
            " give the same file and options to go on, or delete it to begin anew"
        )
    return state


def save(path: Path, state: State) -> None:
    """Replace the journal, durably."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        json.dump(state.to_json(), file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make renames in a directory durable."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
