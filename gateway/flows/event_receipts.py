"""Receipts of events: kept, found again, and made of what the register keeps.

A receipt is made of the event alone, so it can be made whenever the register has the event:
at once, when the same request comes again, or when the gateway starts after a crash.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence

from gateway.core import event_receipt, events
from gateway.core.event_receipt import Original
from gateway.core.events import Sent
from gateway.core.model import Access, Call, Effect, Outcome
from gateway.flows.moment import Decide, Keep, Moment, Prepared, Receipt
from gateway.flows.outages import AnsweredMeanwhile, register_unavailable
from gateway.flows.ports import ChangeFeed, EventRegister, KeptKey, Records
from mock_population_db.changes import ChangeQuery, Compacted
from mock_population_db.events import Applied, EventUnknown
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable

Ask = Callable[[Keys, Decide], Awaitable[Receipt]]
"""Joins the next window."""


class EventReceipts:
    """Finds receipts and makes them."""

    def __init__(self, register: EventRegister, feed: ChangeFeed, records: Records) -> None:
        self._register = register
        self._feed = feed
        self._records = records

    async def remembered(self, call: Call, sent: Sent) -> Receipt | None:
        """What the same request was answered with before.

        Raises:
            Conflict: another request had this id.
        """
        kept = await self._records.kept(key_of(call))
        if kept is None:
            return None
        if kept.fingerprint != sent.fingerprint:
            raise events.request_id_reused()
        return Receipt(kept.statement, kept.tlog_proof, kept.access_root)

    async def unstated(self, call: Call, sent: Sent) -> Applied | None:
        """The event that the same request made before it could be stated.

        Looked for before anybody is verified: by what the event itself changed, those whom it
        names may not verify any more.

        Raises:
            Conflict: another request had this id.
        """
        with register_within_reach():
            found = await self._register.find_request(*key_of(call)[:3])
        if found is not None and found.fingerprint != sent.fingerprint:
            raise events.request_id_reused()
        return found

    async def own(self, call: Call, event_id: str) -> Applied:
        """An event that the caller reported. Raises NotFound."""
        found = await self._find(event_id)
        if (found.reporter, found.rpc) != (call.caller, events.SUBMIT):
            raise events.event_not_found()
        return found

    async def missing(self, applied: Applied) -> bool:
        """Whether the event has no receipt yet."""
        key = KeptKey(applied.reporter, applied.rpc, applied.request_id)
        return await self._records.kept(key) is None

    async def state(self, ask: Ask, applied: Applied, effects: tuple[Effect, ...] = ()) -> Receipt:
        """Sign, record and keep the receipt of an event, or of an annulment.

        ``effects`` are those of the call's simulation.

        Where another gateway was faster, which had the same request, its receipt is the one.

        Raises:
            ValueError: the register does not hold the request.
            CallError: out of reach.
        """
        call, sent = reporting(applied)
        call = call._replace(effects=effects)
        annulled = event_receipt.annulled_event_of(applied.rpc, sent.request)
        found = await self._find(annulled) if annulled else applied
        people = once(*sent.named, found.personal_id, *await self._changed_by(applied))
        keep = Keep(key_of(call), applied.fingerprint)
        try:
            return await ask(Keys(), stating(call, sent.policy_version, found, people, keep))
        except AnsweredMeanwhile:
            kept = await self._records.kept(keep.key)
            if kept is None:
                raise
            return Receipt(kept.statement, kept.tlog_proof, kept.access_root)

    async def _changed_by(self, applied: Applied) -> list[str]:
        """Whose records an event changed, as far as the register still tells."""
        if not applied.first_revision:
            return []
        count = applied.last_revision - applied.first_revision + 1
        query = ChangeQuery(applied.first_revision, limit=count, scan=count)
        try:
            with register_within_reach():
                page = await self._feed.find_changes(query)
        except Compacted:
            return []
        return [change.personal_id for change in page.changes]

    async def _find(self, event_id: str) -> Applied:
        try:
            with register_within_reach():
                return await self._register.find_event(event_id)
        except EventUnknown:
            raise events.event_not_found() from None


def reporting(applied: Applied) -> tuple[Call, Original]:
    """The call that an event came with.

    Raises:
        ValueError: the register does not hold the request.
    """
    sent = Original.unpack(applied.original)
    context = event_receipt.context_of(applied.rpc, sent.request)
    digest = hashlib.sha256(sent.request).digest()
    return Call(applied.reporter, applied.rpc, context, digest), sent


def stating(
    call: Call, version: str, found: Applied, people: Sequence[str], keep: Keep | None = None
) -> Decide:
    """Steps (6) and (7) of an event that the register has."""
    reported = Original.unpack(found.original).request

    def judge(moment: Moment) -> Prepared:
        message = event_receipt.receipt(moment.header(call, version), found, reported)
        return moment.sign(call, message, touched(moment, people), keep)

    return judge


def touched(moment: Moment, people: Sequence[str]) -> list[Access]:
    """The access rows of people who were verified, or follow from those who were."""
    return [moment.touched_person(number, Outcome.VERIFIED, 0) for number in people]


def once(*people: str) -> tuple[str, ...]:
    """Everybody once, in order."""
    return tuple(one for one in dict.fromkeys(people) if one)


def key_of(call: Call) -> KeptKey:
    """What a request is known by."""
    return KeptKey(call.caller, call.rpc, call.context.request_id)


@contextlib.contextmanager
def register_within_reach() -> Iterator[None]:
    """Raises Unavailable when the block cannot use the register."""
    try:
        yield
    except PopulationUnavailable as error:
        raise register_unavailable() from error
