"""What a witness remembers: the last checkpoint of each log, and what it caught.

witness.key          its private key
<digest>.checkpoint  the last checkpoint of one log, as the log signed it
evidence/…/          two checkpoints of one log that contradict each other
keys/                the version of the key set that was accepted
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from clients.receipts import RollbackState, StateError
from clients.receipts.tlog import Checkpoint, parse_checkpoint
from clients.witness.cosigner import Cosigner
from clients.witness.files import make_folder, write_durably


class WitnessState:
    """A directory, made when it is first used. All methods may raise OSError."""

    def __init__(self, directory: Path) -> None:
        make_folder(directory)
        self._directory = directory
        self.key_sets = RollbackState(directory / "keys")

    def cosigner(self, name: str | None = None) -> Cosigner:
        """The witness's key, made on first run. Raises StateError."""
        with self.locked():
            return Cosigner.load_or_create(self._directory / "witness.key", name)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One process at a time: two must not sign two different histories."""
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def remembered(self, origin: str) -> tuple[str, Checkpoint] | None:
        """The last checkpoint of a log and its text; None at the first meeting.

        Raises:
            StateError: it is damaged. A witness must not begin anew by itself.
        """
        path = self._path(origin)
        if not path.exists():
            return None
        try:
            note = path.read_text("utf-8")
            checkpoint = parse_checkpoint(note)
        except ValueError as error:
            raise StateError(f"{path} is damaged ({error}); restore it from a backup") from None
        if checkpoint.origin != origin:
            raise StateError(f"{path} is of another log, {checkpoint.origin}")
        return note, checkpoint

    def remember(self, note: str) -> None:
        """Keep a log's checkpoint, durably."""
        write_durably(self._path(parse_checkpoint(note).origin), note.encode())

    def keep_evidence(self, name: str, at: datetime, remembered: str, shown: str) -> Path:
        """Keep two checkpoints that contradict each other, durably; returns where."""
        digest = hashlib.sha256((remembered + shown).encode()).hexdigest()[:8]
        folder = self._directory / "evidence" / f"{at:%Y%m%dT%H%M%SZ}-{name}-{digest}"
        make_folder(folder)
        write_durably(folder / "remembered.checkpoint", remembered.encode())
        write_durably(folder / "shown.checkpoint", shown.encode())
        return folder

    def _path(self, origin: str) -> Path:
        digest = hashlib.sha256(origin.encode()).hexdigest()[:32]
        return self._directory / f"{digest}.checkpoint"
