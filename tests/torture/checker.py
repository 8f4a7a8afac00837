"""The model checker: what must hold, whatever was killed. Each check returns what does not."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from mock_population_db.changes import Change, ChangeCause
from tests.torture.model import CONFLICT, Answered, Delivery, Register, RegisterEvent, Reports


def check_register(register: Register) -> Iterator[str]:
    """Nothing is half there: revisions have no gap, and each change belongs to a whole event."""
    for before, after in pairwise(register.changes):
        if after.revision != before.revision + 1:
            yield f"revision {after.revision} follows {before.revision} in the register"
    if register.changes and register.changes[-1].revision != register.head:
        yield f"the register is at {register.head} without a change of that revision"
    made: defaultdict[str, list[int]] = defaultdict(list)
    for change in register.changes:
        if change.cause is ChangeCause.SUBMITTED:
            made[change.event_id].append(change.revision)
    for event in register.events:
        revisions = made.pop(event.event_id, [])
        expected = list(range(event.first, event.last + 1)) if event.first else []
        if revisions != expected:
            yield f"event {event.event_id} says revisions {expected} and made {revisions}"
    for event_id, revisions in made.items():
        yield f"revisions {revisions} are of event {event_id!r}, which is not there"


def check_reports(reports: Reports, register: Register) -> Iterator[str]:
    """Every acknowledged event is in the register once, as it was reported; no other is."""
    times = Counter(event.request_id for event in register.events)
    yield from (f"request {one} is {n} events" for one, n in times.items() if n > 1)
    events = {event.request_id: event for event in register.events}
    annulled = {event.event_id: event.annulled_by for event in register.events}
    receipts: dict[str, bytes] = {}
    for answer in reports.answered:
        yield from _check_answer(answer, reports, events.get(answer.request_id), annulled)
        if receipts.setdefault(answer.request_id, answer.receipt) != answer.receipt:
            yield f"request {answer.request_id} was answered with other bytes when sent again"
    yield from _check_refusals(reports, events)
    heard = {one.request_id for one in reports.answered}
    for request_id, event in events.items():
        if request_id not in heard:
            yield f"event {event.event_id} is of request {request_id}, which nobody was told of"
    told = {(one.request_id, one.payload) for one in reports.answered}
    told |= {(one.request_id, one.payload) for one in reports.refused}
    for request_id, payload in reports.sent.keys() - told:
        yield f"request {request_id} ({payload}) was never answered"


def _check_answer(
    answer: Answered, reports: Reports, event: RegisterEvent | None, annulled: dict[str, str]
) -> Iterator[str]:
    sent = reports.sent[answer.request_id, answer.payload]
    if event is None:
        yield f"event {answer.event_id} of request {answer.request_id} is lost"
    elif (event.event, event.annuls) != (sent.event, sent.annuls):
        yield f"request {answer.request_id} is in the register with another payload"
    elif sent.annuls:
        if (answer.event_id, annulled.get(sent.annuls)) != (sent.annuls, event.event_id):
            yield f"event {sent.annuls} is not annulled by {event.event_id}"
    elif (event.event_id, event.first, event.last) != (answer.event_id, answer.first, answer.last):
        yield f"the receipt of event {answer.event_id} is not what the register says"


def _check_refusals(reports: Reports, events: dict[str, RegisterEvent]) -> Iterator[str]:
    for one in reports.refused:
        event = events.get(one.request_id)
        sent = reports.sent[one.request_id, one.payload]
        if event is not None and (event.event, event.annuls) == (sent.event, sent.annuls):
            yield f"request {one.request_id} was refused ({one.reason}), and is in the register"
        elif event is None and one.code == CONFLICT:
            yield f"request {one.request_id} was refused for another that is not in the register"


def check_feed(
    follower: str,
    journal: Iterable[Delivery],
    register: Register,
    passes: Callable[[Change], bool],
) -> Iterator[str]:
    """Every change that passes was delivered in order, without a gap.

    A follower that died may get again what it had not finished: from where it began anew.
    """
    wanted = [change.revision for change in register.changes if passes(change)]
    at = furthest = 0
    for delivery in journal:
        if delivery.began is not None:
            at = sum(revision < delivery.began for revision in wanted)
            if at > furthest:
                yield f"{follower}: began at {delivery.began} and never saw {wanted[furthest]}"
        for change in delivery.changes:
            due = wanted[at] if at < len(wanted) else None
            if change.revision != due:
                yield f"{follower}: got revision {change.revision} where {due} was due"
                return
            at += 1
            furthest = max(furthest, at)
    if furthest < len(wanted):
        yield f"{follower}: never got {wanted[furthest:][:5]}, of {len(wanted)} changes"


def check_snapshots(revisions: Iterable[tuple[str, int]], register: Register) -> Iterator[str]:
    """No answer was read in the middle of an event, or at a revision that there is not."""
    within = {
        revision: event.event_id
        for event in register.events
        for revision in range(event.first, event.last)
        if event.first
    }
    for what, revision in revisions:
        if revision in within:
            yield f"{what} was read at revision {revision}, within event {within[revision]}"
        if revision > register.head:
            yield f"{what} was read at revision {revision}, beyond {register.head}"


def first_findings(findings: Sequence[str], most: int = 40) -> list[str]:
    """As many as a person reads."""
    more = len(findings) - most
    return [*findings[:most], *([f"... and {more} more"] if more > 0 else [])]
