"""Events are taken in once, stated once, and only about people who are who they are said to be."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import statement_pb2
from gateway.core import events as core_events
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
from gateway.core.events import ANNUL, SERVICE, SUBMIT, Named, Reported
from gateway.core.model import Access, Claim, Outcome
from gateway.core.policy import AUTHORITIES, Grant
from gateway.flows.event_receipts import EventReceipts
from gateway.flows.events import PopulationEvents
from gateway.flows.moment import Receipt
from gateway.store.sqlite import SqliteRecords
from mock_population_db import events
from mock_population_db.citizen import PersonName, Sex, VitalStatus
from mock_population_db.events import EventRefused, RevisionMoved
from mock_population_db.partial_date import PartialDate
from tests.support.policies import policy
from tests.support.reports import (
    EVERYTHING,
    LOSS,
    PAPER,
    SPOUSE,
    House,
    call,
    failing_commit,
    loss,
    record,
    sent,
    working_house,
)
from tests.support.scene import NOW, NUMBER, claim, person

GET = f"{SERVICE}/GetPopulationEvent"
UNKNOWN = claim("001090000015")
MISMATCH = claim(name="Lê Văn Bình")

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


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house at work, whose plain caller may report everything."""
    async with working_house(tmp_path / "gateway.db") as made:
        yield made


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
        patched.setattr(SqliteRecords, "commit", failing_commit)
        with pytest.raises(Unavailable):
            await house.submit()
    assert (len(house.taken.applied), house.logged()) == (1, [])
    house.register.people.clear()
    first = await house.submit()
    assert await house.submit() == first
    assert record(first).event_id == "BD-1"
    assert len(house.taken.applied) == len(house.logged()) == house.charged() == 1


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
