"""Reports of events, taken in over real records and a register in memory."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from dancu.v1 import statement_pb2
from gateway.core.access import pseudonym, unpack
from gateway.core.errors import Unavailable
from gateway.core.events import ANNUL, SUBMIT, Annulling, Named, Reported, Sent
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access, Call, Claim
from gateway.core.policy import AUTHORITIES, Grant
from gateway.core.pool import Quota
from gateway.core.quota import EVERY
from gateway.flows.admission import Gate, open_gate
from gateway.flows.event_keeping import EventKeeping
from gateway.flows.event_receipts import EventReceipts
from gateway.flows.events import PopulationEvents
from gateway.flows.moment import Receipt
from gateway.flows.ports import Committed
from gateway.flows.window import Window, open_window
from gateway.store.sqlite import SqliteRecords, create_records, open_records
from mock_population_db import events
from mock_population_db.citizen import PersonName
from tests.support.events import FakeEvents
from tests.support.policies import policy
from tests.support.records import authorize, certify, query
from tests.support.scene import CONTEXT, NOW, NUMBER, ORIGIN, claim, person
from tests.support.stores import FakeRegister

PAPER = events.LegalDocument("12/2026", date(2026, 1, 1), "UBND")
EVERYTHING = Grant(frozenset(), reports_as=frozenset(AUTHORITIES))
SPOUSE = "001190000019"
LOSS = pb.PopulationEvent(card_loss=pb.CardLossEvent())


def call(request_id: str = "E-1", rpc: str = SUBMIT, caller: str = "plain") -> Call:
    """A call of one of the three methods."""
    context = CONTEXT._replace(request_id=request_id)
    return Call(caller, rpc, context, hashlib.sha256(request_id.encode()).digest())


def sent(request_id: str = "E-1", reported: pb.PopulationEvent = LOSS) -> Sent:
    """A report as it came."""
    request = service.SubmitPopulationEventRequest(event=reported)
    request.context.request_id = request_id
    raw = request.SerializeToString()
    return Sent(raw, hashlib.sha256(raw).digest(), "header..signature")


def loss(*claims: Claim) -> Reported:
    """A lost card."""
    places = ("person", "member")
    named = tuple(
        Named(f"event.card_loss.{place}", place, one)
        for place, one in zip(places, claims or (claim(),), strict=False)
    )
    when = PAPER.issued
    return Reported(events.CardLoss(""), PAPER, when, when, named, 0, declared=False)


@dataclass
class House:
    """A gateway's events over real records, a register of two people, and a clock."""

    register: FakeRegister
    taken: FakeEvents
    records: SqliteRecords
    path: Path
    gate: Gate
    events: PopulationEvents
    now: list[datetime] = field(default_factory=lambda: [NOW])

    async def submit(
        self, request_id: str = "E-1", reported: Reported | None = None, caller: str = "plain"
    ) -> Receipt:
        """Report an event."""
        return await self.events.submit(
            call(request_id, caller=caller), sent(request_id), reported or loss()
        )

    async def annul(self, event_id: str, request_id: str = "A-1", caller: str = "plain") -> Receipt:
        """Annul an event."""
        request = service.AnnulPopulationEventRequest(event_id=event_id)
        request.context.request_id = request_id
        raw = request.SerializeToString()
        came = Sent(raw, hashlib.sha256(raw).digest(), "")
        annulling = Annulling(event_id, PAPER, "nhầm")
        return await self.events.annul(call(request_id, ANNUL, caller), came, annulling)

    def keeping(self) -> EventKeeping:
        """What goes on beside the calls; births' numbers do not wait."""
        return EventKeeping(self.events, self.taken, self.records, lambda: self.now[0], timedelta())

    def logged(self) -> list[tuple[str, tuple[Access, ...]]]:
        """RPC and access rows of every leaf."""
        stored = query(self.path, "SELECT accesses FROM window ORDER BY first")
        return [(one.rpc, rows) for (packed,) in stored for one, rows in unpack(packed)]

    def charged(self) -> int:
        """Records that the log was charged for."""
        ((records,),) = query(self.path, "SELECT coalesce(sum(records), 0) FROM usage")
        return int(records)

    def forget_receipts(self) -> None:
        """As if the gateway had died before it recorded them."""
        query(self.path, "DELETE FROM kept")

    def knows(self, number: str) -> bytes:
        """A person's pseudonym of the month."""
        ((key,),) = query(self.path, "SELECT key FROM pseudonym_key")
        return pseudonym(HmacKey(key), number)


def record(receipt: Receipt) -> pb.EventRecord:
    """What a receipt says."""
    return statement_pb2.EventReceipt.FromString(receipt.statement.value).record


@asynccontextmanager
async def working_house(path: Path) -> AsyncIterator[House]:
    """A house at work, whose plain caller may report everything."""
    create_records(path, ORIGIN, certify)
    register = FakeRegister(
        {NUMBER: person(), SPOUSE: person(SPOUSE, name=PersonName("Võ", "Thị", "Bê"))}
    )
    capped = Quota(mismatches_per_number_per_day=3)
    tight = Quota(per_day=1)
    rules = policy(
        {("capped", EVERY): capped, ("tight", EVERY): tight},
        plain=EVERYTHING,
        capped=EVERYTHING,
        tight=EVERYTHING,
        other=EVERYTHING,
    )
    taken = FakeEvents()
    async with (
        open_records(path) as records,
        open_window(Window(register, records, authorize, lambda: NOW)) as window,
        open_gate(Gate(rules, window, NOW.timestamp)) as gate,
    ):
        receipts = EventReceipts(taken, taken, records)
        now = [NOW]
        told = PopulationEvents(gate, taken, receipts, lambda: now[0])
        yield House(register, taken, records, path, gate, told, now)
        await told.finish()


async def failing_commit(*_given: object) -> Committed:
    """What a log answers that is out of reach."""
    raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")
