"""What the clients wrote down and what the register holds, as plain values to be compared."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dancu.v1 import change_pb2
from dancu.v1 import population_event_service_pb2 as service
from gateway.core.event_receipt import Original
from gateway.engines.choice import engine_in
from mock_population_db.changes import Change, ChangeQuery
from mock_population_db.citizen import Citizen
from mock_population_db.events import Applied, EventKind
from mock_population_db.snapshot import Keys
from tests.support.population_stores import opened
from tests.torture import journal
from tests.torture.journal import Entry
from tests.torture.stores import stores_of

CONFLICT = "ALREADY_EXISTS"


@dataclass(frozen=True, slots=True)
class Sent:
    """A report that was sent: ``event`` is empty for an annulment."""

    request_id: str
    payload: str
    event: bytes
    annuls: str = ""
    effect: tuple[str, str] | None = None  # whom, by the number in the cast, and how


@dataclass(frozen=True, slots=True)
class Answered:
    """A receipt for a report."""

    request_id: str
    payload: str
    event_id: str
    first: int
    last: int
    receipt: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A report that was refused for good."""

    request_id: str
    payload: str
    code: str
    reason: str


@dataclass(slots=True)
class Reports:
    """All that submitters sent and heard."""

    sent: dict[tuple[str, str], Sent] = field(default_factory=dict)
    answered: list[Answered] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Take in a line of a journal."""
        if "sent" in entry:
            effect = tuple(entry["effect"]) if entry["effect"] else None
            key = (entry["sent"], entry["payload"])
            self.sent[key] = Sent(*key, _raw(entry["event"]), entry["annuls"], effect)
        if "answered" in entry:
            names = ("payload", "event_id", "first", "last")
            told = {name: entry[name] for name in names}
            receipt = _raw(entry["receipt"])
            self.answered.append(Answered(entry["answered"], receipt=receipt, **told))
        if "refused" in entry:
            values = (entry[name] for name in ("refused", "payload", "code", "reason"))
            self.refused.append(Refused(*values))

    def effects(self) -> dict[str, dict[str, int]]:
        """What befell people: from which revision on, by number in the cast and by effect."""
        found: dict[str, dict[str, int]] = {}
        for one in self.answered:
            effect = self.sent[one.request_id, one.payload].effect
            if effect is not None:
                found.setdefault(effect[0], {}).setdefault(effect[1], one.last)
        return found


@dataclass(frozen=True, slots=True)
class Chunk:
    """The answer to one chunk, as it came once."""

    session: str
    number: int
    response: str  # SHA-256
    receipt: bytes
    verdicts: Sequence[tuple[str, frozenset[str], tuple[tuple[str, str], ...]]]

    @classmethod
    def of(cls, entry: Entry) -> Chunk:
        """Read a line of a journal."""
        verdicts = [
            (verdict, frozenset(flags), tuple((name, level) for name, level in fields))
            for verdict, flags, fields in entry["verdicts"]
        ]
        return cls(
            entry["session"], entry["chunk"], entry["response"], _raw(entry["receipt"]), verdicts
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a follower did, one of: began at a revision, or was handed changes."""

    began: int | None = None
    through: int = 0
    changes: Sequence[change_pb2.Change] = ()


@dataclass(frozen=True, slots=True)
class RegisterEvent:
    """An event in the register."""

    event_id: str
    request_id: str
    event: bytes  # as it was reported; empty for an annulment
    annuls: str
    first: int
    last: int
    annulled_by: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it is in the end."""

    head: int
    changes: Sequence[Change]
    events: Sequence[RegisterEvent]
    people: Mapping[str, Citizen]  # who was ever changed and still is on file, by present number


def deliveries(entries: Iterable[Entry]) -> list[Delivery]:
    """A follower's journal."""
    found = []
    for entry in entries:
        if "life" in entry:
            found.append(Delivery(began=entry["life"]))
        if "changes" in entry:
            changes = [change_pb2.Change.FromString(_raw(one)) for one in entry["changes"]]
            found.append(Delivery(through=entry["through"], changes=changes))
    return found


def receipts(folder: Path) -> dict[bytes, str]:
    """Every receipt that any client holds, and whose it is."""
    return {
        _raw(entry["receipt"]): path.stem
        for path in sorted(folder.glob("*.journal"))
        for entry in journal.read(path)
        if "receipt" in entry
    }


async def read_register(data_dir: Path) -> Register:
    """All that the checker needs of a register."""
    async with opened(stores_of(data_dir).register) as population:
        head = (await population.read(Keys())).revision
        changes: list[Change] = []
        start, current = 1, dict[str, str]()
        while start <= head:
            page = await population.find_changes(ChangeQuery(start, limit=1_000))
            changes += page.changes
            current |= page.current
            start = page.through + 1
        numbers = tuple(sorted(set(current.values())))
        found = (await population.read(Keys(details=numbers))).citizens if numbers else {}
    people = {
        number: citizen
        for number in numbers
        for citizen in found[number]
        if citizen.identity.personal_id == number
    }
    submitted = await asyncio.to_thread(lambda: list(engine_in(data_dir).submitted_events()))
    events = [_event(one) for one in submitted]
    return Register(head, changes, events, people)


def _event(applied: Applied) -> RegisterEvent:
    request = Original.unpack(applied.original).request
    event, annuls = b"", ""
    if applied.kind is EventKind.ANNULMENT:
        annuls = service.AnnulPopulationEventRequest.FromString(request).event_id
    else:
        told = service.SubmitPopulationEventRequest.FromString(request)
        event = told.event.SerializeToString(deterministic=True)
    return RegisterEvent(
        applied.event_id,
        applied.request_id,
        event,
        annuls,
        applied.first_revision,
        applied.last_revision,
        applied.annulled_by,
    )


def _raw(text: Any) -> bytes:
    return base64.b64decode(text)
