"""What every store of the register tells of its history."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from mock_population_db.changes import (
    Change,
    ChangeKind,
    ChangeQuery,
    Compacted,
    NotReached,
)
from mock_population_db.citizen import PersonName
from mock_population_db.events import (
    Correction,
    Death,
    Marriage,
    Renumbering,
    ResidenceRegistration,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys
from mock_population_db.store.population import Population
from tests.support.population_stores import Place, opened
from tests.support.reporter import BRIDE, COMMUNE, GROOM, NOW, Reporter, birth

MOVER = "048090000016"  # lives alone in 20194, Đà Nẵng (48)
HERMIT = "062089000019"  # in 23293, Quảng Ngãi (51)
HEAD = 7  # of the register as it was made


@pytest.fixture
def reporter() -> Reporter:
    """An office."""
    return Reporter()


@pytest.fixture
async def told(population: Population, reporter: Reporter) -> Population:
    """A register with some history: revisions 8 to 11, an hour between two."""
    whats: list[What] = [
        ResidenceRegistration(MOVER, temporary=False, commune=COMMUNE),
        Death(HERMIT, PartialDate(2026, 2)),
        Renumbering(MOVER, "WRONG_YEAR"),
        Correction(HERMIT, name=PersonName("", "", "Thơi")),
    ]
    for hours, what in enumerate(whats):
        at = NOW + timedelta(hours=hours)
        await population.apply(replace(reporter.reports(what), recorded_at=at))
    return population


async def _found(population: Population, query: ChangeQuery) -> list[int]:
    return [one.revision for one in (await population.find_changes(query)).changes]


async def test_all_changes_in_order(told: Population) -> None:
    """Without a filter, each is there once."""
    page = await told.find_changes(ChangeQuery(1, limit=100))
    assert [one.revision for one in page.changes] == [8, 9, 10, 11]
    assert (page.through, page.head, page.compacted) == (11, 11, 0)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_pages_follow_each_other_without_gap(told: Population, limit: int) -> None:
    """Going on after ``through`` finds everything once."""
    found: list[Change] = []
    start = 1
    while start <= 11:
        page = await told.find_changes(ChangeQuery(start, limit))
        assert len(page.changes) <= limit
        found += page.changes
        start = page.through + 1
    assert [one.revision for one in found] == [8, 9, 10, 11]


async def test_the_next_revision_may_be_asked_for(told: Population) -> None:
    """There is nothing yet; beyond that is an error."""
    page = await told.find_changes(ChangeQuery(12, limit=1))
    assert (page.changes, page.through) == ((), 11)
    with pytest.raises(NotReached) as caught:
        await told.find_changes(ChangeQuery(13, limit=1))
    assert caught.value.head == 11


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (ChangeQuery(1, 100, kinds=frozenset({ChangeKind.DEATH})), [9]),
        (ChangeQuery(1, 100, kinds=frozenset({ChangeKind.DEATH, ChangeKind.RENUMBERED})), [9, 10]),
        (ChangeQuery(1, 100, provinces=frozenset({"79"})), [8, 10]),
        (ChangeQuery(1, 100, provinces=frozenset({"48"})), [8]),
        (ChangeQuery(1, 100, provinces=frozenset({"48", "51"})), [8, 9, 11]),
        (ChangeQuery(1, 100, provinces=frozenset({"02"})), []),
        (ChangeQuery(1, 100, communes=frozenset({"26737"})), [8, 10]),
        (ChangeQuery(1, 100, communes=frozenset({"20194"})), [8]),
        (ChangeQuery(1, 100, communes=frozenset({"00000"})), []),
        (ChangeQuery(1, 100, provinces=frozenset({"79"}), communes=frozenset({"20194"})), [8]),
        (ChangeQuery(1, 100, since=NOW + timedelta(hours=1)), [9, 10, 11]),
        (ChangeQuery(1, 100, before=NOW + timedelta(hours=1)), [8]),
        (
            ChangeQuery(1, 100, since=NOW + timedelta(hours=1), before=NOW + timedelta(hours=3)),
            [9, 10],
        ),
        (ChangeQuery(1, 100, numbers=frozenset({HERMIT})), [9, 11]),
        (ChangeQuery(1, 100, numbers=frozenset[str]()), []),
        (
            ChangeQuery(1, 100, numbers=frozenset({HERMIT}), kinds=frozenset({ChangeKind.DEATH})),
            [9],
        ),
    ],
)
async def test_a_filter_lets_through_what_it_says(
    told: Population, query: ChangeQuery, expected: list[int]
) -> None:
    """Each part must agree; residence before and after both count."""
    page = await told.find_changes(query)
    assert [one.revision for one in page.changes] == expected
    assert page.through == 11


async def test_changes_under_former_numbers_are_found_by_the_present_one(
    told: Population,
) -> None:
    """And each number of a change is told with the one its person has now."""
    (renumbered,) = [
        one
        for one in (await told.find_changes(ChangeQuery(10, limit=1))).changes
        if one.former_personal_id == MOVER
    ]
    number = renumbered.personal_id
    page = await told.find_changes(ChangeQuery(1, limit=9, numbers=frozenset({number})))
    assert [one.revision for one in page.changes] == [8, 10]
    assert page.current == {MOVER: number, number: number}
    assert await _found(told, ChangeQuery(1, limit=9, numbers=frozenset({MOVER}))) == []


async def test_who_was_withdrawn_is_found_by_the_last_number(
    population: Population, reporter: Reporter
) -> None:
    """Whoever follows the child must hear that it is gone."""
    child = await population.apply(reporter.reports(birth()))
    await population.apply(reporter.annuls(child.event_id))
    query = ChangeQuery(1, limit=9, numbers=frozenset({child.personal_id}))
    assert await _found(population, query) == [8, 9]


@pytest.mark.parametrize("numbers", [None, frozenset({HERMIT})])
async def test_a_filter_that_hits_little_looks_through_so_many(
    told: Population, numbers: frozenset[str] | None
) -> None:
    """The page ends where it has looked to, even if it found nothing."""
    kinds = frozenset({ChangeKind.CORRECTION})
    query = ChangeQuery(8, limit=5, kinds=kinds, numbers=numbers, scan=2)
    page = await told.find_changes(query)
    assert (page.changes, page.through) == ((), 9)
    page = await told.find_changes(replace(query, start=10))
    assert ([one.revision for one in page.changes], page.through) == ([11], 11)


async def test_a_full_page_ends_with_its_last_change(told: Population) -> None:
    """Also where numbers are asked for: what comes after it has not been looked at."""
    query = ChangeQuery(1, limit=1, numbers=frozenset({HERMIT}))
    page = await told.find_changes(query)
    assert ([one.revision for one in page.changes], page.through) == ([9], 9)


async def test_what_is_compacted_is_refused(told: Population) -> None:
    """With the revision that tells where to begin; events and records stay."""
    assert await told.compact(10) == 9
    with pytest.raises(Compacted) as caught:
        await told.find_changes(ChangeQuery(9, limit=1))
    assert caught.value.compacted == 9
    page = await told.find_changes(ChangeQuery(10, limit=9))
    assert ([one.revision for one in page.changes], page.compacted) == ([10, 11], 9)
    assert (await told.info()).compacted == 9
    assert len(await told.events_after("", limit=9)) == 4


async def test_compaction_never_goes_back_nor_beyond_the_head(told: Population) -> None:
    """Whatever is asked for; the next revision stays readable."""
    assert await told.compact(1_000) == 11
    assert await told.compact(3) == 11
    page = await told.find_changes(ChangeQuery(12, limit=1))
    assert (page.through, page.head) == (11, 11)


async def test_a_window_of_the_history_is_kept(place: Place, reporter: Reporter) -> None:
    """At least as many revisions as asked for, and not many more."""
    async with opened(place, keep_revisions=5) as population:
        for turn in range(10):
            name = PersonName("Lê", "Thị", "Mai" if turn % 2 else "Lan")
            await population.apply(reporter.reports(Correction(GROOM, name=name)))
        info = await population.info()
        assert info.revision == HEAD + 10
        assert info.revision - 6 <= info.compacted <= info.revision - 5


async def test_a_commit_wakes_those_who_wait_at_once(
    population: Population, reporter: Reporter
) -> None:
    """A hundred of them, each told the register's revision."""
    waiting = [asyncio.ensure_future(population.wait_beyond(HEAD)) for _ in range(100)]
    await asyncio.sleep(0.12)
    assert not any(one.done() for one in waiting)
    applied = await population.apply(reporter.reports(Marriage(BRIDE, GROOM)))
    async with asyncio.timeout(0.04):
        assert set(await asyncio.gather(*waiting)) == {applied.last_revision}


async def test_who_comes_late_does_not_wait(told: Population) -> None:
    """A revision that is reached already is told at once."""
    async with asyncio.timeout(1):
        assert await told.wait_beyond(10) == 11
        assert await told.wait_beyond(0) == 11


async def test_a_commit_of_another_process_is_seen(place: Place, reporter: Reporter) -> None:
    """Two who opened the same file: what one writes wakes those who wait at the other."""
    async with (
        opened(place) as reader,
        opened(place) as writer,
    ):
        waiting = asyncio.ensure_future(reader.wait_beyond(HEAD))
        await asyncio.sleep(0.05)
        started = time.monotonic()
        await writer.apply(reporter.reports(Correction(GROOM, name=PersonName("A", "", "B"))))
        assert await waiting == HEAD + 1
        assert time.monotonic() - started < 2
        assert (await reader.read(Keys())).revision == HEAD + 1


async def test_who_stops_waiting_leaves_nothing(population: Population) -> None:
    """No task is left, and those who go on waiting are not disturbed."""
    before = asyncio.all_tasks()
    waiting = [asyncio.ensure_future(population.wait_beyond(HEAD)) for _ in range(20)]
    await asyncio.sleep(0.01)
    for one in waiting[1:]:
        one.cancel()
    await asyncio.sleep(0.06)
    assert not waiting[0].done()
    waiting[0].cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await waiting[0]
    await asyncio.sleep(0.01)
    assert asyncio.all_tasks() <= before
