"""Answers that are kept, and receipts of events: what does not hold is named."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.core import statement
from gateway.core.access import access_root
from gateway.core.events import ANNUL, SUBMIT
from gateway.flows.ports import Entry, KeptKey, ToKeep
from gateway.store.audit import audit
from gateway.store.sqlite import create_records, open_records
from mock_population_db.events import Applied, EventKind, EventState
from tests.support.records import ANYBODY, COMMON, certify, entry, is_signed, query
from tests.support.scene import ISSUER, NOW, ORIGIN

FINGERPRINT = hashlib.sha256(b"request").digest()


def applied(number: int, rpc: str = SUBMIT) -> Applied:
    """An event of the register."""
    kind = EventKind.CARD_LOSS if rpc == SUBMIT else EventKind.ANNULMENT
    return Applied(
        f"BD-{number}",
        kind,
        EventState.APPLIED,
        "001090000013",
        number,
        number,
        NOW,
        "plain",
        rpc,
        f"E-{number}",
        FINGERPRINT,
    )


EVENTS = [applied(1), applied(2), applied(3, ANNUL)]


def kept(one: Applied) -> Entry:
    """The receipt of an event on its way into the log."""
    message = statement.refusal(statement.Header(), one.event_id, 1)  # any message will do
    signed = statement.sign(message, ISSUER.signers)
    common = COMMON._replace(rpc=one.rpc)
    keep = ToKeep(KeptKey(one.reporter, one.rpc, one.request_id), one.fingerprint, signed, b"")
    return Entry(signed.digest, access_root(common, (ANYBODY,)), common, (ANYBODY,), keep)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Records with the receipts of three events, among other answers."""
    found = tmp_path / "gateway.db"
    create_records(found, ORIGIN, certify)

    async def write() -> None:
        async with open_records(found) as records:
            for number, one in enumerate(EVENTS):
                await records.commit([entry(number), kept(one), entry(100 + number)], certify)

    asyncio.run(write())
    return found


def findings(path: Path, events: Iterable[Applied] | None = EVENTS) -> list[tuple[str, str]]:
    """What an audit finds."""
    report = audit(
        path,
        checkpoints={},
        register_revision=None,
        is_signed=is_signed,
        progress=lambda _done, _total: None,
        events=None if events is None else lambda: events,
    )
    return [(one.invariant, one.message) for one in report.findings]


def test_events_and_receipts_are_one_to_one(path: Path) -> None:
    """Nothing is found where they are; without a register there is nothing to compare with."""
    assert findings(path) == []
    assert findings(path, None) == []


def test_an_event_without_receipt(path: Path) -> None:
    """It is named by its id; one that came while somebody looked is none yet."""
    message = "event BD-9 has no receipt in the log"
    assert findings(path, [*EVENTS, applied(9)]) == [("EVENT_RECEIPT", message)]
    later = replace(applied(9), recorded_at=datetime.now(UTC) + timedelta(seconds=1))
    assert findings(path, [*EVENTS, later]) == []


def test_a_receipt_that_is_gone(path: Path) -> None:
    """Its leaf alone is not enough: nobody could say what it was for."""
    query(path, "DELETE FROM kept WHERE request = 'E-2'")
    assert findings(path) == [("EVENT_RECEIPT", "event BD-2 has no receipt in the log")]


def test_a_receipt_without_event(path: Path) -> None:
    """The register was restored from a backup: reports and annulments count."""
    message = "2 receipts are for events that the register has not"
    assert findings(path, EVENTS[:1]) == [("EVENT_RECEIPT", message)]


def test_a_receipt_of_another_request(path: Path) -> None:
    """Request id alike, payload not."""
    other = replace(EVENTS[0], fingerprint=b"x" * 32)
    message = "the receipt of event BD-1 is another request's"
    assert findings(path, [other, *EVENTS[1:]]) == [("EVENT_RECEIPT", message)]


@pytest.mark.parametrize(
    "change",
    [
        "value = x'00'",
        "type_url = 'another'",
        "access_root = zeroblob(32)",
        "proof = replace(proof, 'index 4', 'index 3')",
        "proof = ''",
    ],
)
def test_a_kept_answer_that_is_not_its_leaf(path: Path, change: str) -> None:
    """A changed answer would be given out with a proof of another one."""
    query(path, f"UPDATE kept SET {change} WHERE request = 'E-2'")  # noqa: S608 - our own text
    ((invariant, message),) = findings(path)
    assert invariant == "KEPT_ANSWER"
    assert message.startswith(f"the answer kept for a {SUBMIT} is not leaf")
