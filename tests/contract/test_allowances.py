"""What a record store says to entries that do not fit into their callers' quotas any more."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta

import pytest

from gateway.core.allowance import Allowance, Bounds, OverQuota
from gateway.core.model import Access, AccessCall
from gateway.flows.ports import Entry
from tests.support.record_stores import Place, Store, audited, opened, query
from tests.support.records import COMMON, certify, entry

YES, NO = Access(b"y" * 16, 1, 0), Access(b"n" * 16, 2, 0)
TEN = Allowance(Bounds(10, None))
DAY = timedelta(days=1)


@pytest.fixture
async def pair(record_place: Place) -> AsyncIterator[tuple[Store, Store]]:
    """Two gateways' stores at one place; afterwards the log must hold."""
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(opened(record_place))
        other = await stack.enter_async_context(opened(record_place))
        yield one, other
    assert audited(record_place).findings == []


def asked(
    number: int, rows: Sequence[Access], procedure: str = "1.001", at: datetime = COMMON.at
) -> Entry:
    """One call's entry."""
    context = COMMON.context._replace(procedure_code=procedure)
    return entry(number, rows, COMMON._replace(context=context, at=at))


def capped(number: bytes, claims: int, wrong: int) -> Allowance:
    """Three wrong claims a number are let through."""
    return Allowance(Bounds(None, 3), {number: claims}, [number] * wrong)


async def fails(store: Store, entries: Sequence[Entry], **limits: Allowance) -> OverQuota:
    """A commit that must be refused; ``limits`` by position, as ``at0=…``."""
    allowances = {int(name.removeprefix("at")): one for name, one in limits.items()}
    with pytest.raises(OverQuota) as caught:
        await store.commit(entries, certify, allowances)
    return caught.value


async def test_the_days_records_of_all_gateways_count(pair: tuple[Store, Store]) -> None:
    """Up to the last one, and what is over is refused whoever comes with it."""
    one, other = pair
    await one.commit([asked(1, [YES] * 6)], certify, {0: TEN})
    committed = await other.commit([asked(2, [NO] * 3)], certify, {0: TEN})
    ((account, tally),) = committed.used.items()
    assert (account[1], tally.before) == (COMMON.caller, {"1.001": 6})
    refused = await fails(one, [asked(3, [YES] * 2)], at0=TEN)
    (tally,) = refused.used.values()
    assert (refused.positions, dict(tally.before)) == (frozenset({0}), {"1.001": 9})
    await one.commit([asked(4, [YES])], certify, {0: TEN})
    await fails(other, [asked(5, [YES])], at0=TEN)


async def test_of_one_commit_those_are_named_that_do_not_fit(pair: tuple[Store, Store]) -> None:
    """In the order of the entries; nothing of it was recorded."""
    entries = [asked(1, [YES] * 6), asked(2, [YES] * 6), asked(3, [YES] * 4), asked(4, [])]
    refused = await fails(pair[0], entries, at0=TEN, at1=TEN, at2=TEN, at3=TEN)
    assert refused.positions == {1}
    first = (await pair[1].commit(entries[:1] + entries[2:], certify, {0: TEN, 1: TEN})).first_index
    assert first == 0


async def test_what_has_happened_is_recorded_and_counts(pair: tuple[Store, Store]) -> None:
    """An entry without an allowance is never refused; others find less room for it."""
    entries = [asked(1, [YES] * 9), asked(2, [YES] * 2)]
    assert (await fails(pair[0], entries, at1=TEN)).positions == {1}
    await pair[0].commit(entries, certify, {})
    await fails(pair[1], [asked(3, [YES])], at0=TEN)


async def test_procedures_of_one_quota_share_it(pair: tuple[Store, Store]) -> None:
    """Those with quotas of their own are apart, in both directions."""
    rest = Allowance(Bounds(4, None, apart=frozenset({"own"})))
    own = Allowance(Bounds(2, None, "own"))
    await pair[0].commit([asked(1, [YES] * 2, "a"), asked(2, [YES] * 2, "own")], certify, {0: rest})
    await pair[1].commit([asked(3, [YES] * 2, "b")], certify, {0: rest})
    await fails(pair[0], [asked(4, [YES], "c")], at0=rest)
    await fails(pair[0], [asked(5, [YES], "own")], at0=own)


async def test_another_day_and_another_caller_begin_anew(pair: tuple[Store, Store]) -> None:
    """What was used is of one caller and one day in Viet Nam."""
    await pair[0].commit([asked(1, [YES] * 10)], certify, {0: TEN})
    await pair[1].commit([asked(2, [YES] * 10, at=COMMON.at + DAY)], certify, {0: TEN})
    other: AccessCall = COMMON._replace(caller="other")
    await pair[1].commit([entry(3, [YES] * 10, other)], certify, {0: TEN})
    await fails(pair[1], [asked(4, [YES])], at0=TEN)


async def test_wrong_claims_about_one_number_are_counted_together(
    pair: tuple[Store, Store],
) -> None:
    """Once the cap is reached a right claim is refused like a wrong one; other numbers are not."""
    one, other = pair
    await one.commit([asked(1, [NO])], certify, {0: capped(b"n", 1, 1)})
    await other.commit([asked(2, [NO, NO])], certify, {0: capped(b"n", 2, 2)})
    refused = await fails(one, [asked(3, [YES])], at0=capped(b"n", 1, 0))
    (tally,) = refused.used.values()
    assert tally.mismatches == {b"n": 3}
    await fails(other, [asked(4, [NO])], at0=capped(b"n", 1, 1))
    await one.commit([asked(5, [NO])], certify, {0: capped(b"m", 1, 1)})


async def test_guesses_of_one_commit_do_not_pass_together(pair: tuple[Store, Store]) -> None:
    """Each finds those before it counted; claims that were right leave nothing behind."""
    guess = capped(b"n", 1, 1)
    limits = dict.fromkeys([f"at{at}" for at in range(5)], guess)
    refused = await fails(pair[0], [asked(at, [NO]) for at in range(5)], **limits)
    assert refused.positions == {3, 4}
    right = capped(b"n", 3, 0)
    for at in range(5):
        await pair[at % 2].commit([asked(at, [YES])], certify, {0: right})
    await pair[0].commit([asked(9, [NO] * 3)], certify, {0: capped(b"n", 3, 3)})


async def test_mismatches_of_past_days_are_forgotten(
    pair: tuple[Store, Store], record_place: Place
) -> None:
    """A day's cap needs them no longer, and they would tell who was sought."""
    for days in (0, 1, 5):
        call = asked(days, [NO], at=COMMON.at + days * DAY)
        await pair[0].commit([call], certify, {0: capped(b"n", 1, 1)})
    assert query(record_place, "SELECT count(*) FROM mismatch") == [(1,)]
