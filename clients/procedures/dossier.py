"""The dossier (hồ sơ): a folder of its own, with every signed statement that was relied on.

    form.json     what was filled in, by whom it is about
    index.json    everything that happened, in order
    NN-*.receipt  the signed statements, byte for byte as they came

No statement is ever changed or taken out. Years later the folder and the gateway's key set are
enough to check every one again, without the gateway: ``verdicts``, or ``dancu receipt verify``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf import json_format

from clients import receipts
from clients.sdk import CallContext, Evidence, new_request_id
from dancu.v1.population_event_pb2 import PopulationEvent


@dataclass(frozen=True, slots=True)
class Kept:
    """One statement in the dossier."""

    what: str
    file: str
    request_id: str


class Sending(NamedTuple):
    """An event that is on its way."""

    request_id: str
    event: PopulationEvent
    expected_revision: int


class Dossier:
    """One dossier; the folder is made when there is none.

    Args:
        folder: Where it lies.
        number: Mã hồ sơ. Every call that is made for it carries it.
        procedure: Mã dịch vụ công: what it is about, and by what right anything is asked.
    """

    def __init__(self, folder: Path, number: str, procedure: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.number = number
        self.procedure = procedure

    def context(self, counter: CallContext) -> CallContext:
        """Who asks, for this dossier."""
        return replace(counter, procedure_code=self.procedure, dossier_id=self.number)

    def fill(self, who: str, values: dict[str, Any]) -> None:
        """Write values into the form."""
        form = self.folder / "form.json"
        filled = json.loads(form.read_text("utf-8")) if form.exists() else {}
        filled[who] = values
        form.write_text(json.dumps(filled, ensure_ascii=False, indent=2), "utf-8")

    def sending(self, what: str, event: PopulationEvent, revision: int) -> Sending:
        """Write down an event before it is sent, with the id that it is known by.

        After a crash the one that was written down is what is sent again, as it was: under its id
        the register takes it in once, and would refuse another one.
        """
        written = self._sent(what)
        if written is not None:
            return written
        sending = Sending(new_request_id(), event, revision)
        self._note(
            {
                "sending": what,
                "request_id": sending.request_id,
                "revision": revision,
                "event": json_format.MessageToDict(event),
            }
        )
        return sending

    def is_sent(self, what: str) -> bool:
        """Whether an event of this name is on its way, or there."""
        return self._sent(what) is not None

    def refused(self, what: str, reason: str) -> None:
        """Note that an event was not taken in: the next one of this name is another."""
        self._note({"refused": what, "reason": reason})

    def keep(self, what: str, evidence: Evidence) -> str:
        """Put a statement into the dossier, whatever it says; returns the file's name."""
        file = f"{len(self.kept()) + 1:02d}-{what}.receipt"
        (self.folder / file).write_bytes(evidence.receipt)
        self._note({"kept": what, "file": file, "request_id": evidence.request_id})
        return file

    def kept(self) -> list[Kept]:
        """What lies in it, in order."""
        return [
            Kept(line["kept"], line["file"], line["request_id"])
            for line in self._lines()
            if "kept" in line
        ]

    def verdicts(
        self, key_set: bytes, trust: receipts.Trust, at: datetime
    ) -> Iterator[tuple[Kept, receipts.Verdict]]:
        """Check every statement again, offline.

        Args:
            key_set: The gateway's, as it published it.
            trust: Whose key sets to believe.
            at: The moment of checking, aware.
        """
        for kept in self.kept():
            receipt = (self.folder / kept.file).read_bytes()
            expected = receipts.Expectations(request_id=kept.request_id)
            yield (
                kept,
                receipts.verify_offline(receipt, key_set, at=at, trust=trust, expected=expected),
            )

    def _sent(self, what: str) -> Sending | None:
        for line in reversed(self._lines()):
            if line.get("refused") == what:
                break
            if line.get("sending") == what:
                event = json_format.ParseDict(line["event"], PopulationEvent())
                return Sending(line["request_id"], event, line["revision"])
        return None

    def _lines(self) -> list[dict[str, Any]]:
        if not self._index.exists():
            return []
        lines: list[dict[str, Any]] = json.loads(self._index.read_text("utf-8"))
        return lines

    def _note(self, line: dict[str, Any]) -> None:
        """On disk, and whole, before anything else is done."""
        new = self._index.with_suffix(".new")
        with new.open("w", encoding="utf-8") as index:
            json.dump([*self._lines(), line], index, ensure_ascii=False, indent=1)
            index.flush()
            os.fsync(index.fileno())
        new.replace(self._index)

    @property
    def _index(self) -> Path:
        return self.folder / "index.json"
