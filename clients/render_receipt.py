"""What a verified receipt says, whatever it is about."""

from __future__ import annotations

from typing import Any, NamedTuple

from rich.console import RenderableType

from clients.receipts import Verdict
from clients.render import Row, details, said_json, verdict_rows
from clients.render_events import event_heading, event_json, event_rows
from clients.render_records import record_json, record_rows
from clients.sdk import EventAnswer, Evidence, ItemAnswer
from clients.sdk.answers import item_answer
from clients.sdk.events import event_answer
from clients.sdk.reading import Answer, read_statement
from clients.sdk.reconciled import RecordAnswer
from dancu.v1 import reconciliation_pb2, statement_pb2

Said = Answer | ItemAnswer | RecordAnswer | EventAnswer


class Shown(NamedTuple):
    """Heading, rows, and what stands under them."""

    heading: str
    rows: list[Row]
    more: RenderableType | None = None


def said_by(verdict: Verdict, evidence: Evidence) -> Said | None:
    """What is said of one person or event; None of a batch, and where there is no statement."""
    statement, item = verdict.statement, verdict.item
    if isinstance(item, reconciliation_pb2.ReconciledRecord):
        return RecordAnswer.of(item)
    if item is not None:
        return item_answer(item)
    if isinstance(statement, statement_pb2.EventReceipt):
        return event_answer(statement, evidence)
    return read_statement(statement, evidence) if statement else None


def shown(said: Said | None, verdict: Verdict) -> Shown:
    """For people."""
    match said:
        case None:
            return _batch(verdict)
        case RecordAnswer():
            return Shown(said.verdict.name.replace("_", " "), record_rows(said))
        case EventAnswer():
            return Shown(event_heading(said), event_rows(said))
        case _:
            return Shown(said.outcome.name.replace("_", " "), verdict_rows(said), details(said))


def as_json(said: Said | None) -> dict[str, Any]:
    """For scripts."""
    match said:
        case None:
            return {}
        case RecordAnswer():
            return record_json(said)
        case EventAnswer():
            return event_json(said)
        case _:
            return said_json(said)


def _batch(verdict: Verdict) -> Shown:
    """A statement about several people."""
    match verdict.statement:
        case statement_pb2.ChangeBatch() as said:
            passed = f"{said.start_revision} to {said.through_revision}"
            rows = [("changes", str(len(said.changes))), ("revisions", passed)]
            return Shown("CHANGES", rows)
        case statement_pb2.WatchedCitizens() as said:
            return Shown("WATCHED CITIZENS", [("on the list", str(said.watched_count))])
    return Shown("BATCH", [("about", "several people, none of them named here")])
