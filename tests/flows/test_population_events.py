"""Events are taken in once, stated once, and only about people who are who they are said to be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from dancu.v1 import statement_pb2
from gateway.core import events as core_events
from gateway.core.access import pseudonym, unpack
from gateway.core.errors import (
    CallError,
    Conflict,
    NotFound,
    Obstructed,
    Outdated,
    QuotaExceeded,
    Refused,
    Unavailable,
)
from gateway.core.events import ANNUL, SERVICE, SUBMIT, Annulling, Named, Reported, Sent
from gateway.core.hmac_key import HmacKey
from gateway.core.model import Access, Call, Claim, Outcome
from gateway.core.policy import AUTHORITIES, Grant
from gateway.core.pool import Quota
from gateway.core.quota import EVERY
from gateway.flows import event_keeping
from gateway.flows.admission import Gate, open_gate
from gateway.flows.event_keeping import ON_THEIR_WAY, PAGE, EventKeeping
from gateway.flows.event_receipts import EventReceipts
from gateway.flows.events import PopulationEvents
from gateway.flows.moment import Receipt
from gateway.flows.ports import Committed
from gateway.flows.window import Window, open_window
from gateway.store.sqlite import SqliteRecords, create_records, open_records
from mock_population_db import events
from mock_population_db.citizen import PersonName, Sex, VitalStatus
from mock_population_db.events import EventRefused, RevisionMoved
from mock_population_db.partial_date import PartialDate
from tests.support.events import FakeEvents
from tests.support.policies import policy
from tests.support.records import authorize, certify, query
from tests.support.scene import CONTEXT, NOW, NUMBER, ORIGIN, claim, person
from tests.support.stores import FakeRegister

GET = f"{SERVICE}/GetPopulationEvent"
PAPER = events.LegalDocument("12/2026", date(2026, 1, 1), "UBND")
EVERYTHING = Grant(frozenset(), reports_as=frozenset(AUTHORITIES))
SPOUSE = "001190000019"
UNKNOWN = claim("001090000015")
MISMATCH = claim(name="Lê Văn Bình")

LOSS = pb.PopulationEvent(card_loss=pb.CardLossEvent())
WHATS: list[tuple[events.What, str]] = [
    (
        events.Birth(PersonName("Lê", "", "A"), date(2026, 1, 1), Sex.MALE, "25747"),
        "civil_status",
    ),
    (events.Death("", PartialDate(2026)), "civil_status"),
    (events.Death("", PartialDate(2026), VitalStatus.DECLARED_DEAD), "court"),
    (events.Death("", PartialDate(2026), VitalStatus.DECLARED_MISSING), "court"),
    (events.Marriage("", ""), "civil_status"),
    (events.Divorce(""), "court"),
    (events.ResidenceRegistration("", temporary=False), "police"),
    (events.Departure("", temporary=True), "police"),
    (events.Correction("", sex=Sex.MALE), "civil_status"),
    (events.CardIssue(""), "police"),
    (events.CardLoss(""), "police"),
    (events.Renumbering("", "SEX_CORRECTED"), "police"),
    (events.AccessDispute("", 0, 0, "vì sao"), ""),
]


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


def loss(*claims: Claim, what: events.What | None = None) -> Reported:
    """A lost card; or another event about as many people."""
    places = ("person", "member")
    named = tuple(
        Named(f"event.card_loss.{place}", place, one)
        for place, one in zip(places, claims or (claim(),), strict=False)
    )
    when = PAPER.issued
    return Reported(what or events.CardLoss(""), PAPER, when, when, named, 0, declared=False)


@dataclass
class House:
    """A gateway's events over real records, a register of two people, and a clock."""

    register: FakeRegister
    taken: FakeEvents
    records: SqliteRecords
    path: Path
    window: Window
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

    def keeping(self, delay: timedelta = timedelta()) -> EventKeeping:
        """What goes on beside the calls."""
        return EventKeeping(self.events, self.taken, self.records, lambda: self.now[0], delay)

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


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house at work, whose plain caller may report everything."""
    path = tmp_path / "gateway.db"
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
        bare=Grant(frozenset()),
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
        yield House(register, taken, records, path, window, gate, told, now)
        await told.finish()


async def test_an_event_gets_its_receipt(house: House) -> None:
    """It states the event as the register has it, and records everybody touched."""
    house.taken.changed = lambda _: (NUMBER, SPOUSE)
    receipt = await house.submit()
    said = statement_pb2.EventReceipt.FromString(receipt.statement.value)
    assert said.header.rpc == SUBMIT
    assert said.header.request_digest == hashlib.sha256(sent().raw).digest()
    assert said.record.event_id == "BD-1"
    assert said.record.event == LOSS
    assert said.record.personal_id == NUMBER
    people = [Access(house.knows(number), Outcome.VERIFIED, 0) for number in (NUMBER, SPOUSE)]
    assert house.logged() == [(SUBMIT, tuple(people))]
    (submission,) = house.taken.submissions
    assert submission.what == events.CardLoss(NUMBER)
    assert submission.signature == "header..signature"


async def test_the_same_request_gets_the_same_bytes(house: House) -> None:
    """One event, one leaf, one charge."""
    first = await house.submit()
    assert await house.submit() == first
    assert len(house.taken.applied) == len(house.logged()) == house.charged() == 1


async def test_a_crowd_of_retries_has_one_effect(house: House) -> None:
    """A hundred at once."""
    told = await asyncio.gather(*(house.submit() for _ in range(100)))
    assert len(set(told)) == 1
    assert len(house.taken.applied) == len(house.logged()) == house.charged() == 1


async def test_a_request_id_that_was_used_with_another_payload(house: House) -> None:
    """The first one stands, whether its answer is kept or only the register knows it."""
    await house.submit()
    another = sent("E-1", pb.PopulationEvent(divorce=pb.DivorceEvent()))
    for forget in (False, True):
        if forget:
            house.forget_receipts()
        with pytest.raises(Conflict) as caught:
            await house.events.submit(call(), another, loss())
        assert caught.value.reason == "REQUEST_ID_REUSED"
    assert len(house.taken.applied) == 1


@pytest.mark.parametrize("same", [True, False], ids=["same", "other payload"])
async def test_another_gateway_takes_the_request_in_first(
    house: House, monkeypatch: pytest.MonkeyPatch, *, same: bool
) -> None:
    """By what that changed somebody is not whom it names any more; all the same it is answered."""
    receipts = EventReceipts(house.taken, house.taken, house.records)
    there = PopulationEvents(house.gate, house.taken, receipts, lambda: NOW)
    find_request = house.taken.find_request
    told: list[Receipt] = []

    async def overtaken(reporter: str, rpc: str, request_id: str) -> events.Applied | None:
        found = await find_request(reporter, rpc, request_id)
        if not told:
            monkeypatch.undo()
            payload = LOSS if same else pb.PopulationEvent(divorce=pb.DivorceEvent())
            told.append(await there.submit(call(), sent("E-1", payload), loss()))
            house.register.people[NUMBER] = person(name=PersonName("Lê", "Văn", "Khác"))
        return found

    monkeypatch.setattr(house.taken, "find_request", overtaken)
    if same:
        assert await house.submit() == told[0]
    else:
        with pytest.raises(Conflict):
            await house.submit()
    assert len(house.taken.applied) == len(told) == 1


async def test_request_ids_are_each_callers_own(house: House) -> None:
    """Two callers may use the same one."""
    await house.submit()
    await house.submit(caller="other")
    assert [one.reporter for one in house.taken.applied] == ["plain", "other"]


@pytest.mark.parametrize("wrong", [UNKNOWN, MISMATCH], ids=["unknown", "mismatch"])
async def test_who_does_not_verify_is_refused_and_recorded(house: House, wrong: Claim) -> None:
    """Alike, by the field alone; nothing reaches the register."""
    other = claim(SPOUSE, "Võ Thị Bê")
    with pytest.raises(Obstructed) as caught:
        await house.submit(reported=loss(other, wrong))
    assert (caught.value.reason, caught.value.subject) == (
        "PERSON_NOT_VERIFIED",
        "event.card_loss.member",
    )
    ((rpc, rows),) = house.logged()
    assert (rpc, [row.outcome for row in rows]) == (SUBMIT, [1, 2])
    assert rows[1].subject == house.knows(wrong.personal_id)
    assert house.taken.submissions == []


async def test_guessing_by_events_is_capped(house: House) -> None:
    """A crowd of wrong birth dates for one number; after the cap even the right one is refused."""
    guesses = [claim(birth=PartialDate(1990, 5, each)) for each in range(1, 10)]
    told = await asyncio.gather(
        *(house.submit(f"E-{at}", loss(one), "capped") for at, one in enumerate(guesses)),
        return_exceptions=True,
    )
    reasons = [one.reason for one in told if isinstance(one, CallError)]
    assert sorted(reasons) == ["PERSON_NOT_VERIFIED"] * 3 + ["QUOTA_MISMATCHES_EXCEEDED"] * 6
    with pytest.raises(QuotaExceeded):
        await house.submit("E-10", loss(), "capped")
    assert house.taken.submissions == []


@pytest.mark.parametrize(("what", "competent"), WHATS, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("authority", ["", *AUTHORITIES])
async def test_who_reports_what(
    house: House, what: events.What, competent: str, authority: str
) -> None:
    """Every kind of event by every kind of authority; refusals are recorded."""
    declared = isinstance(what, events.Death) and what.status is not VitalStatus.DEAD
    grant = replace(EVERYTHING, reports_as=frozenset({authority} - {""}))
    house.gate.adopt(policy(plain=grant))
    reported = replace_places(what, declared=declared)
    if competent in ("", authority):
        await house.submit(reported=reported)
        assert len(house.taken.applied) == 1
        return
    with pytest.raises(Refused) as caught:
        await house.submit(reported=reported)
    assert (caught.value.reason, caught.value.surplus) == ("AUTHORITY_NOT_COMPETENT", (competent,))
    assert house.logged() == [(SUBMIT, ())]
    assert house.taken.submissions == []


def replace_places(what: events.What, *, declared: bool) -> Reported:
    """An event about one person, in the first place that it has for one."""
    fields = type(what).__dataclass_fields__
    place = next(one for one in ("person", "mother", "wife") if one in fields)
    named = (Named(f"event.x.{place}", place, claim()),)
    when = PAPER.issued
    return Reported(what, PAPER, when, when, named, 0, declared=declared)


async def test_what_stands_in_the_way_is_told_and_recorded(house: House) -> None:
    """By code and field; whoever it was found at is touched, and not named."""
    house.taken.refuse = EventRefused("ALREADY_MARRIED", "person", SPOUSE)
    with pytest.raises(Obstructed) as caught:
        await house.submit()
    assert (caught.value.reason, caught.value.subject) == (
        "ALREADY_MARRIED",
        "event.card_loss.person",
    )
    assert SPOUSE not in str(vars(caught.value))
    people = [Access(house.knows(number), Outcome.VERIFIED, 0) for number in (NUMBER, SPOUSE)]
    assert house.logged() == [(SUBMIT, tuple(people))]
    house.taken.refuse = None
    assert record(await house.submit()).event_id == "BD-1"  # nothing was kept


async def test_a_writer_who_decided_by_an_older_revision(house: House) -> None:
    """Is told so, and it is recorded."""
    house.taken.refuse = RevisionMoved(9)
    with pytest.raises(Outdated) as caught:
        await house.submit(reported=loss()._replace(expected_revision=8))
    assert caught.value.reason == "REVISION_MOVED"
    assert len(house.logged()) == 1


async def test_a_field_is_named_as_the_contract_names_it(house: House) -> None:
    """The register's rules have shorter words."""
    for subject, named in (
        ("registered", "event.registered_date"),
        ("person", "event.residence.person"),
        ("member", "event.residence.household_member"),
        ("relation", "event.residence.relation_to_head"),
    ):
        refused = EventRefused("HEAD_IN_PLACE", subject)
        found = core_events.obstacle(refused, events.EventKind.RESIDENCE)
        assert found.subject == named
    later = EventRefused("LATER_EVENT", "event_id")
    assert core_events.obstacle(later, events.EventKind.ANNULMENT).subject == "event_id"


async def test_a_log_that_fails_after_the_register_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller hears that nothing is answered; the same request is answered later, once.

    By then the event itself has changed what its people verify by.
    """
    with monkeypatch.context() as patched:
        patched.setattr(SqliteRecords, "commit", _fails)
        with pytest.raises(Unavailable):
            await house.submit()
    assert (len(house.taken.applied), house.logged()) == (1, [])
    house.register.people.clear()
    first = await house.submit()
    assert await house.submit() == first
    assert record(first).event_id == "BD-1"
    assert len(house.taken.applied) == len(house.logged()) == house.charged() == 1


async def _fails(*_given: object) -> Committed:
    raise Unavailable("RECORD_STORE_UNAVAILABLE", "down", "down")


async def test_a_register_out_of_reach(house: House) -> None:
    """Nothing is recorded or charged, and the same request is taken in later."""
    house.taken.down = True
    with pytest.raises(Unavailable) as caught:
        await house.submit()
    assert caught.value.reason == "REGISTER_UNAVAILABLE"
    assert house.logged() == []
    house.taken.down = False
    await house.submit()
    assert house.charged() == 1


async def test_a_caller_that_goes_away_does_not_stop_it(house: House) -> None:
    """Whenever it hangs up: either nothing happened, or event and receipt are both there."""
    for step in range(40):
        request_id = f"E-{step}"
        task = asyncio.create_task(house.submit(request_id))
        for _ in range(step):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await house.events.finish()
    assert len(house.taken.applied) == len(house.logged())
    assert len(house.taken.applied) > 0


async def test_a_used_up_quota_does_not_hide_an_answer(house: House) -> None:
    """The request that used it up is answered again; another one is not."""
    first = await house.submit(caller="tight")
    assert await house.submit(caller="tight") == first
    with pytest.raises(QuotaExceeded):
        await house.submit("E-2", caller="tight")
    assert len(house.taken.applied) == 1


async def test_numbers_wait_where_they_are_to(house: House) -> None:
    """Births alone are submitted as pending."""
    receipts = EventReceipts(house.taken, house.taken, house.records)
    waiting = PopulationEvents(house.gate, house.taken, receipts, lambda: NOW, numbers_wait=True)
    birth = replace_places(WHATS[0][0], declared=False)
    await waiting.submit(call("E-1"), sent("E-1"), birth)
    await house.submit("E-2", birth)
    pending = [
        one.what.pending for one in house.taken.submissions if isinstance(one.what, events.Birth)
    ]
    assert pending == [True, False]


async def test_an_annulment_is_stated_as_the_annulled_event(house: House) -> None:
    """Once, whatever is sent again, and whoever was touched by the event is touched by it."""
    await house.submit()
    first = await house.annul("BD-1")
    said = record(first)
    assert (said.event_id, said.state, said.annulled_by) == (
        "BD-1",
        pb.EVENT_STATE_ANNULLED,
        "BD-2",
    )
    assert said.event == LOSS
    assert await house.annul("BD-1") == first
    assert [one.what for one in house.taken.submissions[1:]] == [events.Annulment("BD-1", "nhầm")]
    assert house.logged()[1] == (ANNUL, (Access(house.knows(NUMBER), Outcome.VERIFIED, 0),))
    assert len(house.logged()) == 2


async def test_events_of_others_are_not_found(house: House) -> None:
    """Nor those that never were, nor annulments: nobody can tell one from the other."""
    await house.submit()
    await house.annul("BD-1")
    for caller, event_id in (("other", "BD-1"), ("plain", "BD-2"), ("plain", "BD-9")):
        for asking in (
            house.annul(event_id, "A-9", caller),
            house.events.get(call("G-1", GET, caller), event_id),
        ):
            with pytest.raises(NotFound) as caught:
                await asking
            assert caught.value.reason == "EVENT_NOT_FOUND"
    assert len(house.taken.applied) == 2


async def test_annulling_needs_the_same_authority(house: House) -> None:
    """A grant that was narrowed since counts."""
    await house.submit()
    house.gate.adopt(policy(plain=Grant(frozenset(), reports_as=frozenset({"court"}))))
    with pytest.raises(Refused) as caught:
        await house.annul("BD-1")
    assert caught.value.reason == "AUTHORITY_NOT_COMPETENT"
    assert house.logged()[1:] == [(ANNUL, ())]


async def test_asking_for_an_event_tells_its_state_of_now(house: House) -> None:
    """Each time anew, and each is recorded."""
    await house.submit()
    before = record(await house.events.get(call("G-1", GET), "BD-1"))
    await house.annul("BD-1")
    after = record(await house.events.get(call("G-1", GET), "BD-1"))
    assert (before.state, after.state) == (pb.EVENT_STATE_APPLIED, pb.EVENT_STATE_ANNULLED)
    assert [rpc for rpc, _ in house.logged()] == [SUBMIT, GET, ANNUL, GET]


async def test_a_start_makes_the_receipts_that_are_missing(house: House) -> None:
    """For reports and annulments, once; the same request then finds it."""
    await house.submit("E-1")
    await house.submit("E-2")
    await house.annul("BD-1")
    leaves = len(house.logged())
    query(house.path, "DELETE FROM kept WHERE request <> 'E-2'")
    keeping = house.keeping()
    assert await keeping.catch_up() == 3
    assert len(house.logged()) == leaves + 2
    assert await keeping.catch_up() == 0
    assert record(await house.submit("E-1")).state == pb.EVENT_STATE_ANNULLED
    assert record(await house.annul("BD-1")).annulled_by == "BD-3"
    assert len(house.logged()) == leaves + 2


async def test_a_long_history_is_not_read_again(house: House) -> None:
    """The mark moves page by page, and survives."""
    for at in range(PAGE + 1):
        await house.submit(f"E-{at:04}")
    house.taken.applied = [
        replace(one, event_id=f"BD-{at:04}") for at, one in enumerate(house.taken.applied)
    ]
    assert await house.keeping().catch_up() == PAGE + 1
    assert await house.keeping().catch_up() == 0
    assert house.taken.pages == ["", f"BD-{PAGE - 1:04}", f"BD-{PAGE:04}"]


async def test_events_on_their_way_are_left_alone(house: House) -> None:
    """A sweep makes up only for what is older than any call takes."""
    await house.submit()
    house.forget_receipts()
    assert await house.keeping().catch_up(NOW) == 0
    assert await house.keeping().catch_up(NOW + ON_THEIR_WAY) == 1
    assert len(house.logged()) == 2


async def test_an_event_without_its_request_stops_nobody(house: House) -> None:
    """It is logged; the others get their receipts."""
    for request_id in ("E-1", "E-2"):
        await house.submit(request_id)
    house.taken.applied[0] = replace(house.taken.applied[0], original=b"{}")
    house.forget_receipts()
    await house.keeping().catch_up()
    assert [row[0] for row in query(house.path, "SELECT request FROM kept")] == ["E-2"]


async def test_a_sweep_makes_up_for_a_log_that_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By itself, without a restart, once the stores answer again; waiting numbers are confirmed."""
    monkeypatch.setattr(event_keeping, "SWEEP_SECONDS", 0.01)
    await house.submit("E-0")
    await house.keeping().catch_up()
    with monkeypatch.context() as patched:
        patched.setattr(SqliteRecords, "commit", _fails)
        with pytest.raises(Unavailable):
            await house.submit("E-1")
    house.now[0] = NOW + 2 * ON_THEIR_WAY
    house.taken.down = True
    sweeping = asyncio.create_task(house.keeping().run())
    await asyncio.sleep(0.05)
    assert len(house.logged()) == 1
    house.taken.down = False
    for _ in range(200):
        await asyncio.sleep(0.01)
        if len(house.logged()) == 2:
            break
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert [row[0] for row in query(house.path, "SELECT request FROM kept")] == ["E-0", "E-1"]
    assert house.taken.confirmed_before[0] == house.now[0]


async def test_a_register_without_events_is_not_written_to(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Confirming numbers would open it for writing."""
    monkeypatch.setattr(event_keeping, "SWEEP_SECONDS", 0.01)
    sweeping = asyncio.create_task(house.keeping().run())
    await asyncio.sleep(0.1)
    sweeping.cancel()
    await asyncio.gather(sweeping, return_exceptions=True)
    assert house.taken.confirmed_before == []
    assert len(house.taken.pages) > 1
