"""What a client knows of itself after it was killed: lines that are only ever added to.

A process that is killed loses nothing that it wrote: only a machine that loses power does. So
nothing is synced to the disk here; but the last line may be half there.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Journal:
    """One client's journal. A client that is started again goes on with it."""

    def __init__(self, path: Path) -> None:
        self.entries = read(path)
        self._path = path
        if path.exists():
            os.truncate(path, sum(len(_line(entry)) for entry in self.entries))

    def add(self, **entry: Any) -> None:
        """Write an entry; it is there when this returns."""
        with self._path.open("ab", buffering=0) as file:
            file.write(_line(entry))
        self.entries.append(entry)


def read(path: Path) -> list[Entry]:
    """The entries of a journal, without one that was not finished; none if there is no file."""
    if not path.exists():
        return []
    *whole, _torn = path.read_bytes().split(b"\n")
    return [json.loads(line) for line in whole]


def _line(entry: Entry) -> bytes:
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
