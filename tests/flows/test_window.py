"""The window: who waits together, what is shared, and who is disturbed by whom: nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from dancu.v1 import statement_pb2
from gateway.core import statement
from gateway.core.access import access_root, pseudonym
from gateway.core.errors import CallError, Internal, OutOfRange, Refused, Unavailable
from gateway.core.ledger import leaf_data
from gateway.core.model import Decision, Outcome
from gateway.flows.admission import Gate
from gateway.flows.moment import Decide, Moment, Prepared, Receipt
from gateway.flows.ports import Authority
from gateway.flows.verification import Verification
from gateway.flows.window import (
    CROWD,
    ENOUGH,
    MAX_CALLS,
    MAX_RECORDS,
    QUIET_TURNS,
    Window,
    open_window,
)
from gateway.store.sqlite import create_records, open_records
from mock_population_db.snapshot import Keys
from mock_population_db.store.errors import PopulationUnavailable
from tests.support import merkle
from tests.support.policies import DEMO_POLICY, policy
from tests.support.records import audited, authorize, certify
from tests.support.scene import (
    AS_OF,
    CALL,
    NOW,
    NUMBER,
    ORIGIN,
    REVISION,
    claim,
    person,
)
from tests.support.stores import FakeRecords, FakeRegister

NO = Decision(Outcome.NOT_VERIFIED, NUMBER)


@dataclass
class House:
    """A window between two stand-ins."""

    register: FakeRegister
    records: FakeRecords
    window: Window
    now: datetime = NOW

    def ask(
        self, number: int, decide: Decide | None = None, *, records: int = 1
    ) -> asyncio.Task[Receipt]:
        """A call that waits for the next window."""
        keys = Keys(numbers=(f"{number:012d}",))
        return asyncio.create_task(self.window.ask(keys, decide or answer, records=records))

    @property
    def windows(self) -> list[int]:
        """How many calls each window had."""
        return [len(entries) for entries in self.records.commits]


def answer(moment: Moment) -> Prepared:
    """A signed no."""
    message = statement.verification(moment.header(CALL, "test-1"), claim(), NO)
    return moment.sign(CALL, message, (moment.touched(NO),))


def failing(error: Exception) -> Decide:
    """A decision that cannot be made."""

    def decide(_moment: Moment) -> Prepared:
        raise error

    return decide


@pytest.fixture
async def house() -> AsyncIterator[House]:
    """A window at work."""
    register, records = FakeRegister(), FakeRecords()
    made = House(register, records, Window(register, records, authorize, lambda: made.now))
    async with open_window(made.window):
        yield made


async def ready() -> None:
    """Let everybody who can go on, go on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def hold(house: House) -> asyncio.Task[Receipt]:
    """A call whose window is being recorded, until ``house.records.gate`` is set."""
    house.records.gate = asyncio.Event()
    house.records.begun.clear()
    task = house.ask(1)
    await house.records.begun.wait()
    return task


def release(house: House) -> None:
    """Let the window be recorded."""
    assert house.records.gate is not None
    house.records.gate.set()


async def outcome(task: asyncio.Task[Receipt]) -> str:
    """How a call ended: the reason of its error, or ANSWERED."""
    try:
        await task
    except CallError as error:
        return error.reason
    return "ANSWERED"


def check(receipt: Receipt) -> None:
    """The receipt is of a recorded statement, proven by a verifier of its own."""
    assert merkle.proves(
        receipt.tlog_proof, leaf_data(receipt.statement.digest, receipt.access_root)
    )


async def test_a_lone_call_is_answered(house: House) -> None:
    """At once: it waits for no other and for no timer."""
    check(await asyncio.wait_for(house.ask(1), timeout=5))
    assert house.windows == [1]


async def test_calls_of_one_moment_share_one_read_and_one_commit(house: House) -> None:
    """Each with its own proof."""
    receipts = await asyncio.gather(*(house.ask(number) for number in range(20)))
    assert (len(house.register.asked), house.windows) == (1, [20])
    for position, receipt in enumerate(receipts):
        check(receipt)
        assert merkle.read_proof(receipt.tlog_proof).index == position


async def test_a_number_asked_twice_is_sought_once(house: House) -> None:
    """One read for all, each key once, in the order of arrival."""
    await asyncio.gather(*(house.ask(number) for number in (3, 1, 3, 2)))
    (asked,) = house.register.asked
    assert asked == Keys(numbers=tuple(f"{number:012d}" for number in (3, 1, 2)))


async def pair(house: House, turns: int) -> None:
    """Two calls, the second some turns of the loop after the first."""
    first = house.ask(1)
    for _ in range(turns):
        await asyncio.sleep(0)
    await asyncio.gather(first, house.ask(2))


@pytest.mark.parametrize(
    ("before", "windows"), [(CROWD, [2]), (CROWD - 1, [1, 1])], ids=["crowd", "few"]
)
async def test_after_a_crowd_those_on_their_way_join(
    house: House, before: int, windows: list[int]
) -> None:
    """A few turns of the loop are waited for them; after few calls nobody is waited for."""
    await asyncio.gather(*(house.ask(number) for number in range(before)))
    await pair(house, QUIET_TURNS // 2)
    assert house.windows == [before, *windows]


async def test_a_lone_call_after_a_crowd_is_answered(house: House) -> None:
    """Turns of the loop end its wait, not another call; the next one waits for nobody again."""
    await asyncio.gather(*(house.ask(number) for number in range(CROWD)))
    await asyncio.wait_for(house.ask(1), timeout=5)
    await pair(house, QUIET_TURNS // 2)
    assert house.windows == [CROWD, 1, 1, 1]


async def test_a_crowd_without_end_is_not_waited_for(house: House) -> None:
    """While somebody comes with every turn, a window begins all the same."""
    calls = [house.ask(number) for number in range(CROWD)]
    await asyncio.gather(*calls)
    for number in range(2 * ENOUGH):
        calls.append(house.ask(number))
        await asyncio.sleep(0)
    await asyncio.gather(*calls)
    assert ENOUGH <= house.windows[1] <= ENOUGH + 2


async def test_who_comes_while_a_window_is_at_work_makes_the_next(house: House) -> None:
    """They gather; nobody is left behind."""
    first = await hold(house)
    later = [house.ask(number) for number in range(2, 7)]
    await ready()
    assert not first.done()
    release(house)
    for receipt in await asyncio.gather(first, *later):
        check(receipt)
    assert house.windows == [1, 5]


async def test_a_decision_rests_on_one_moment(house: House) -> None:
    """Snapshot, time and pseudonym key are the window's."""
    moments: list[Moment] = []

    def look(moment: Moment) -> Prepared:
        moments.append(moment)
        return answer(moment)

    await asyncio.gather(house.ask(1, look), house.ask(2, look))
    house.now = NOW + timedelta(days=31)
    await house.ask(3, look)
    assert moments[0] is moments[1]
    assert [moment.at for moment in moments[1:]] == [NOW, NOW + timedelta(days=31)]
    assert house.records.months == ["2026-03", "2026-04"]
    assert moments[1].touched(NO).subject == pseudonym(moments[1].pseudonym_key, NUMBER)
    assert moments[1].touched(NO) != moments[2].touched(NO)


async def test_a_receipt_commits_to_who_was_touched(house: House) -> None:
    """The rows of the entry make its access root; the statement tells the same moment."""
    receipt = await house.ask(1)
    ((entry,),) = house.records.commits
    assert (entry.statement_digest, entry.access_root) == (
        receipt.statement.digest,
        receipt.access_root,
    )
    assert access_root(entry.call, entry.rows) == receipt.access_root
    assert (entry.call.at, entry.call.register_revision) == (NOW, REVISION)
    said = statement_pb2.IdentityVerification.FromString(receipt.statement.value).header
    assert said.issued_at.ToDatetime() == NOW.replace(tzinfo=None)
    assert said.data_as_of.year == AS_OF.year


async def test_no_two_statements_have_one_salt(house: House) -> None:
    """Leaves are public: the same question twice must not show."""
    one, other = await asyncio.gather(house.ask(1), house.ask(1))
    assert one.statement.value != other.statement.value
    assert one.statement.digest != other.statement.digest


async def test_a_call_that_leaves_while_waiting_leaves_nothing(house: House) -> None:
    """Neither read nor recorded; those beside it are."""
    first = await hold(house)
    gone, stays = house.ask(2), house.ask(3)
    await ready()
    gone.cancel()
    release(house)
    check(await stays)
    await first
    assert house.windows == [1, 1]
    assert house.register.asked[1] == Keys(numbers=("000000000003",))
    assert gone.cancelled()


async def test_a_window_that_all_have_left_does_nothing(house: House) -> None:
    """No read, no commit."""
    first = await hold(house)
    gone = [house.ask(number) for number in (2, 3)]
    await ready()
    for task in gone:
        task.cancel()
    release(house)
    await first
    await ready()
    assert (len(house.register.asked), house.windows) == (1, [1])


async def test_a_call_that_leaves_later_has_its_leaf(house: House) -> None:
    """It was being recorded: the leaf stands, and the others get their answers."""
    house.records.gate = asyncio.Event()
    gone, stays = house.ask(1), house.ask(2)
    await house.records.begun.wait()
    gone.cancel()
    await ready()
    assert gone.cancelled()
    release(house)
    receipt = await stays
    check(receipt)
    assert merkle.read_proof(receipt.tlog_proof).index == 1
    assert house.windows == [2]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ValueError("a defect"), "INTERNAL"),
        (OutOfRange("LEAF_OUT_OF_RANGE", "no", "không"), "LEAF_OUT_OF_RANGE"),
        (PopulationUnavailable("damaged"), "REGISTER_UNAVAILABLE"),
    ],
)
async def test_a_decision_that_fails_fails_alone(
    house: House, error: Exception, reason: str
) -> None:
    """The others of its window are answered; nothing of it is recorded."""
    before, bad, after = house.ask(1), house.ask(2, failing(error)), house.ask(3)
    assert await outcome(bad) == reason
    check(await before)
    check(await after)
    assert house.windows == [2]


async def test_a_defects_message_stays_inside(house: House) -> None:
    """It may carry what was asked."""
    with pytest.raises(Internal) as caught:
        await house.ask(1, failing(ValueError(NUMBER)))
    assert NUMBER not in caught.value.message_en + caught.value.message_vi
    assert house.windows == []


async def test_without_the_records_nobody_is_answered(house: House) -> None:
    """No record, no answer; and the next window works."""
    house.records.down = True
    tasks = [house.ask(number) for number in range(5)]
    assert [await outcome(task) for task in tasks] == ["RECORD_STORE_UNAVAILABLE"] * 5
    house.records.down = False
    check(await house.ask(6))
    assert house.windows == [1]


async def test_without_the_register_nobody_is_answered(house: House) -> None:
    """The same, before anything was decided."""
    house.register.down = True
    tasks = [house.ask(number) for number in range(5)]
    assert [await outcome(task) for task in tasks] == ["REGISTER_UNAVAILABLE"] * 5
    house.register.down = False
    check(await house.ask(6))


async def test_the_window_outlives_a_defect_of_a_store(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody thought of is INTERNAL for its window only."""

    async def break_down(_month: str) -> bytes:
        raise RuntimeError("unthought of")

    with monkeypatch.context() as patch:
        patch.setattr(house.records, "pseudonym_key", break_down)
        assert await outcome(house.ask(1)) == "INTERNAL"
    assert await outcome(house.ask(2)) == "ANSWERED"


async def test_a_window_takes_so_many_calls(house: House) -> None:
    """The others go into the next ones, in order."""
    tasks = [house.ask(number) for number in range(2 * MAX_CALLS + 7)]
    receipts = await asyncio.gather(*tasks)
    assert house.windows == [MAX_CALLS, MAX_CALLS, 7]
    indices = [merkle.read_proof(receipt.tlog_proof).index for receipt in receipts]
    assert indices == list(range(len(tasks)))


async def test_a_window_takes_so_many_records(house: House) -> None:
    """Batches fill it sooner: it ends with the one that reaches the limit."""
    half = MAX_RECORDS // 2
    tasks = [house.ask(number, records=half) for number in range(5)]
    await asyncio.gather(*tasks)
    assert house.windows == [2, 2, 1]


async def test_a_batch_larger_than_a_window_still_goes(house: House) -> None:
    """Alone."""
    await asyncio.gather(*(house.ask(number, records=MAX_RECORDS + 1) for number in range(2)))
    assert house.windows == [1, 1]


async def test_closing_fails_who_is_at_work_and_who_waits() -> None:
    """With a reason to try elsewhere; nobody hangs."""
    register, records = FakeRegister(), FakeRecords()
    window = Window(register, records, authorize, lambda: NOW)
    house = House(register, records, window)
    async with open_window(window):
        at_work = await hold(house)
        waiting = [house.ask(number) for number in range(3)]
        await ready()
    assert [await outcome(task) for task in (at_work, *waiting)] == ["STOPPING"] * 4
    assert house.windows == []


async def test_a_refusal_is_recorded_before_it_is_told(house: House) -> None:
    """It names the caller and nobody else."""
    verification = Verification(Gate(policy(), house.window, NOW.timestamp))
    house.records.gate = asyncio.Event()
    refused = asyncio.create_task(verification.verify_identity(CALL, claim()))
    await house.records.begun.wait()
    await ready()
    assert not refused.done()
    release(house)
    with pytest.raises(Refused, match="no grant"):
        await refused
    ((entry,),) = house.records.commits
    assert (entry.rows, entry.access_root, entry.call.caller) == ((), bytes(32), "plain")
    assert house.register.asked == [Keys()]


async def test_a_refusal_that_cannot_be_recorded_is_not_told(house: House) -> None:
    """The caller only learns that the records are out of reach."""
    house.records.down = True
    with pytest.raises(Unavailable):
        await Verification(Gate(policy(), house.window, NOW.timestamp)).verify_identity(
            CALL, claim()
        )


async def test_a_story_told_with_real_records(tmp_path: Path) -> None:
    """Calls from many tasks, a third of them cancelled: every answer has its leaf."""
    path = tmp_path / "gateway.db"
    create_records(path, ORIGIN, certify)
    register = FakeRegister({NUMBER: person()})
    async with AsyncExitStack() as stack:
        records = await stack.enter_async_context(open_records(path))
        window = await stack.enter_async_context(
            open_window(Window(register, records, authorize, lambda: NOW))
        )
        verification = Verification(Gate(DEMO_POLICY, window, NOW.timestamp))
        tasks = [
            asyncio.create_task(verification.verify_identity(CALL, claim())) for _ in range(60)
        ]
        for position, task in enumerate(tasks):
            await asyncio.sleep(0)
            if position % 3 == 0:
                task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
    receipts = [one for one in done if isinstance(one, Receipt)]
    assert len(receipts) >= 40
    for receipt in receipts:
        check(receipt)
        said = statement_pb2.IdentityVerification.FromString(receipt.statement.value)
        assert int(said.outcome) == Outcome.VERIFIED
    report = audited(path)
    assert report.findings == []
    assert report.leaves >= len(receipts)
    indices = {merkle.read_proof(receipt.tlog_proof).index for receipt in receipts}
    assert len(indices) == len(receipts)


async def test_a_window_is_signed_once_all_of_it_are_decided() -> None:
    """One after the other would cost more; and each statement has a salt of its own."""
    done: list[str] = []
    salts: set[bytes] = set()

    class Pen:
        key_id = "key"

        def sign(self, _message: bytes) -> bytes:
            done.append("signed")
            return bytes(64)

    def signed_by_pen(at: datetime) -> Authority:
        authority = authorize(at)
        return authority._replace(issuer=replace(authority.issuer, signers=(Pen(),)))

    def decide(moment: Moment) -> Prepared:
        done.append("decided")
        salts.add(moment.header(CALL, "test-1").salt)
        return answer(moment)

    window = Window(FakeRegister(), FakeRecords(), signed_by_pen, lambda: NOW)
    calls = [asyncio.create_task(window.ask(Keys(), decide)) for _ in range(40)]
    await ready()
    async with open_window(window):
        await asyncio.gather(*calls)
    assert done == ["decided"] * 40 + ["signed"] * 40
    assert len(salts) == 40
