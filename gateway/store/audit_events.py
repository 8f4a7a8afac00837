"""Answers that are kept, against the log; and receipts, against the register's events."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime

from gateway.core.events import ANNUL, SUBMIT
from gateway.core.ledger import leaf_data
from gateway.flows.ports import KeptKey
from gateway.store.snapshot import Snapshot
from mock_population_db.events import Applied

Found = Callable[[str, str], None]
"""Notes the invariant that does not hold, and how."""

_INDEX = re.compile(r"^index ([0-9]{1,18})$", re.MULTILINE)


def check_kept(snapshot: Snapshot, found: Found) -> None:
    """Every answer that is kept stands in the log where its proof says."""
    for key in snapshot.kept_keys():
        answer = snapshot.kept(key)
        index = _INDEX.search(answer.tlog_proof) if answer else None
        at = int(index[1]) if index else 0
        if answer is None or snapshot.leaf(at) != leaf_data(
            answer.statement.digest, answer.access_root
        ):
            found("KEPT_ANSWER", f"the answer kept for a {key.rpc} is not leaf {at} of the log")


def check_events(
    snapshot: Snapshot, found: Found, events: Iterable[Applied], until: datetime
) -> None:
    """Every event of the register has one receipt, and every receipt its event.

    Events that were recorded after ``until`` came while somebody looked, and are left out.
    """
    receipts = sum(key.rpc in (SUBMIT, ANNUL) for key in snapshot.kept_keys())
    for event in events:
        answer = snapshot.kept(KeptKey(event.reporter, event.rpc, event.request_id))
        receipts -= answer is not None
        if answer is None and event.recorded_at <= until:
            found("EVENT_RECEIPT", f"event {event.event_id} has no receipt in the log")
        elif answer is not None and answer.fingerprint != event.fingerprint:
            found("EVENT_RECEIPT", f"the receipt of event {event.event_id} is another request's")
    if receipts:
        found("EVENT_RECEIPT", f"{receipts} receipts are for events that the register has not")
