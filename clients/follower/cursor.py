"""Where a follower goes on: one number in a file, that survives whatever is killed."""

from __future__ import annotations

import json
from pathlib import Path

from clients.witness.files import write_durably


class CursorError(Exception):
    """The file is no cursor."""


class Cursor:
    """The revision to go on from, in a file of its own; for one follower at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved: int | None = None

    def load(self) -> int | None:
        """The revision to go on from; None when there is no file yet.

        Raises:
            CursorError: The file holds something else.
            OSError: It cannot be read.
        """
        try:
            content = json.loads(self._path.read_bytes())
            revision = content["next_revision"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            raise CursorError(f"{self._path} is no cursor; name another file") from error
        if not isinstance(revision, int) or isinstance(revision, bool) or revision < 0:
            raise CursorError(f"{self._path} is no cursor; name another file")
        self._saved = revision
        return revision

    def save(self, revision: int) -> None:
        """Go on from here the next time: on disk before this returns, whole or not at all.

        Raises:
            OSError: It cannot be written; the old one stands.
        """
        if revision == self._saved:
            return
        write_durably(self._path, json.dumps({"next_revision": revision}).encode() + b"\n")
        self._saved = revision
