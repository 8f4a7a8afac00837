"""What every store of the register does with events: all or nothing, once, and back again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from mock_population_db.changes import ChangeCause, ChangeKind, ChangePage, ChangeQuery
from mock_population_db.citizen import DocumentStatus, PersonName, Sex
from mock_population_db.events import (
    AccessDispute,
    Applied,
    Correction,
    Death,
    EventKind,
    EventRefused,
    EventState,
    EventUnknown,
    Marriage,
    RequestReused,
    RevisionMoved,
    What,
)
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import Keys
from mock_population_db.store.encode import as_kin
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.store.population import Population
from tests.support.population_stores import Place, dump, query
from tests.support.reporter import (
    BRIDE,
    DAY,
    FATHER,
    GROOM,
    MOTHER,
    NOW,
    Reporter,
    birth,
    citizen,
)

WEDDING = Marriage(BRIDE, GROOM)
NAME = PersonName("Trần", "Minh", "Khang")
LONG_AGO = date(2026, 1, 1)


@pytest.fixture
def reporter() -> Reporter:
    """An office."""
    return Reporter()


async def _changes(population: Population, start: int = 8) -> ChangePage:
    return await population.find_changes(ChangeQuery(start, limit=100))


async def _revision(population: Population) -> int:
    return (await population.read(Keys())).revision


async def test_an_event_changes_whom_it_is_about(
    population: Population, reporter: Reporter
) -> None:
    """Both are married afterwards, each by a change with a revision of its own."""
    applied = await population.apply(reporter.reports(WEDDING))
    assert (applied.kind, applied.state, applied.personal_id) == (
        EventKind.MARRIAGE,
        EventState.APPLIED,
        BRIDE,
    )
    assert (applied.first_revision, applied.last_revision) == (8, 9)
    assert (await citizen(population, BRIDE)).spouse == as_kin(await citizen(population, GROOM))
    page = await _changes(population)
    assert [(one.revision, one.personal_id, one.kind) for one in page.changes] == [
        (8, BRIDE, ChangeKind.MARITAL_STATUS),
        (9, GROOM, ChangeKind.MARITAL_STATUS),
    ]
    assert {one.event_id for one in page.changes} == {applied.event_id}
    assert page.changes[0].fields == ("marital_status", "spouse")
    assert (page.changes[0].recorded_at, page.changes[0].effective) == (NOW, DAY)


async def test_an_event_is_found_as_it_was_reported(
    population: Population, reporter: Reporter
) -> None:
    """Request, signature and all that became of it."""
    submission = reporter.reports(WEDDING)
    applied = await population.apply(submission)
    assert await population.find_event(applied.event_id) == applied
    assert (applied.original, applied.signature) == (submission.original, submission.signature)
    assert (applied.reporter, applied.rpc, applied.request_id, applied.fingerprint) == (
        submission.reporter,
        submission.rpc,
        submission.request_id,
        submission.fingerprint,
    )


@pytest.mark.parametrize("name", ["", "BD-0000000099", "BD-1", "BD-00000000001", "'; --", "BD-٠٠"])
async def test_an_unknown_event_is_unknown(population: Population, name: str) -> None:
    """Names that no event has, or could have."""
    with pytest.raises(EventUnknown):
        await population.find_event(name)


async def test_the_same_request_has_one_effect(population: Population, reporter: Reporter) -> None:
    """A hundred at once: one is applied, the others are told what became of it."""
    submission = reporter.reports(WEDDING)
    answers = await asyncio.gather(*[population.apply(submission) for _ in range(100)])
    assert sum(not one.repeated for one in answers) == 1
    assert len({replace(one, repeated=False) for one in answers}) == 1
    assert await _revision(population) == 9


async def test_a_request_id_belongs_to_one_request(
    population: Population, reporter: Reporter
) -> None:
    """With another payload it is refused; under another reporter or method it is another one."""
    submission = reporter.reports(birth())
    await population.apply(submission)
    with pytest.raises(RequestReused):
        await population.apply(replace(submission, fingerprint=b"x" * 32))
    others = [
        replace(submission, reporter="another", fingerprint=b"1" * 32),
        replace(submission, rpc="Another", fingerprint=b"2" * 32),
    ]
    for other in others:
        assert not (await population.apply(other)).repeated


async def test_a_refused_event_leaves_nothing(
    population: Population, reporter: Reporter, place: Place
) -> None:
    """No change, no event; and its request id stays free."""
    await population.apply(reporter.reports(WEDDING))
    before = dump(place)
    submission = reporter.reports(WEDDING)
    with pytest.raises(EventRefused, match="ALREADY_MARRIED"):
        await population.apply(submission)
    assert dump(place) == before
    again = await population.apply(replace(submission, what=birth()))
    assert not again.repeated


async def test_events_that_wait_together_are_decided_one_by_one(
    population: Population, reporter: Reporter
) -> None:
    """Each sees what those before it did; one that is refused does not disturb the others."""
    whats: list[What] = [
        WEDDING,
        WEDDING,
        Death(GROOM, PartialDate(2026, 2, 28)),
        Correction(BRIDE, name=NAME),
        birth(),
    ]
    outcomes = await population.apply_many([reporter.reports(what) for what in whats])
    assert [getattr(one, "code", None) for one in outcomes] == [
        None,
        "ALREADY_MARRIED",
        None,
        None,
        None,
    ]
    applied = [one for one in outcomes if isinstance(one, Applied)]
    assert [one.first_revision for one in applied] == [8, 10, 12, 15]
    assert (await citizen(population, GROOM)).spouse == as_kin(await citizen(population, BRIDE))


@pytest.mark.parametrize("changed", [FATHER, MOTHER])
async def test_who_was_changed_after_the_expected_revision_is_not_changed(
    population: Population, reporter: Reporter, changed: str
) -> None:
    """Only those the event names count, whatever else happened, and it may be up to date."""
    first = await population.apply(reporter.reports(Correction(changed, name=NAME)))
    await population.apply(reporter.reports(WEDDING))
    late = replace(reporter.reports(birth()), expected_revision=first.first_revision - 1)
    with pytest.raises(RevisionMoved) as caught:
        await population.apply(late)
    assert caught.value.revision >= first.first_revision
    await population.apply(replace(late, expected_revision=caught.value.revision))


async def test_an_expected_revision_holds_after_compaction(
    population: Population, reporter: Reporter
) -> None:
    """Whoever was changed is known, even if how is not any more."""
    await population.apply(reporter.reports(Correction(BRIDE, name=NAME)))
    await population.compact(1_000)
    with pytest.raises(RevisionMoved):
        await population.apply(replace(reporter.reports(WEDDING), expected_revision=7))


async def test_the_registers_day_moves_with_what_is_registered(
    population: Population, reporter: Reporter
) -> None:
    """Forward only; as_of stays what was built, and an event out of the future is refused."""
    await population.apply(reporter.reports(WEDDING))
    assert (await population.read(Keys())).as_of == DAY
    earlier = reporter.reports(birth())
    await population.apply(replace(earlier, registered=date(2026, 2, 25), effective=LONG_AGO))
    info = await population.info()
    assert (info.day, info.as_of) == (DAY, LONG_AGO)
    ahead = replace(reporter.reports(birth("Lan")), registered=DAY + timedelta(days=3))
    with pytest.raises(EventRefused, match="REGISTERED_IN_FUTURE"):
        await population.apply(ahead)
    await population.apply(replace(ahead, cause=ChangeCause.LIFE))
    assert (await population.info()).day == DAY + timedelta(days=3)


async def test_a_dispute_changes_nobody(population: Population, reporter: Reporter) -> None:
    """It is kept as an event, without a revision."""
    applied = await population.apply(reporter.reports(AccessDispute(BRIDE, 5, 0, "not me")))
    assert (applied.first_revision, applied.last_revision) == (0, 0)
    assert await _revision(population) == 7
    annulled = await population.apply(reporter.annuls(applied.event_id))
    assert annulled.first_revision == 0


async def test_submitted_events_are_listed_in_order(
    population: Population, reporter: Reporter
) -> None:
    """From the first, or after any; what the simulated life brings is not among them."""
    mine = [
        await population.apply(reporter.reports(what))
        for what in (WEDDING, birth("Lan"), birth("Mai"))
    ]
    life = replace(reporter.reports(birth("Đào")), cause=ChangeCause.LIFE)
    await population.apply(life)
    assert await population.events_after("", limit=10) == mine
    assert await population.events_after("", limit=2) == mine[:2]
    assert await population.events_after(mine[0].event_id, limit=10) == mine[1:]
    assert await population.events_after(mine[2].event_id, limit=10) == []


async def test_a_card_that_expired_meanwhile_stays_as_it_was_issued(
    population: Population, reporter: Reporter, place: Place
) -> None:
    """An event shows it as expired and writes nothing of that."""
    far = date(2095, 1, 1)
    columns = "SELECT document, issued, expires FROM citizen WHERE id = ?"
    before = query(place, columns, int(MOTHER))
    late = replace(reporter.reports(Correction(MOTHER, name=NAME)), cause=ChangeCause.LIFE)
    await population.apply(replace(late, registered=far, effective=far))
    assert query(place, columns, int(MOTHER)) == before
    (card,) = (await citizen(population, MOTHER)).documents
    assert card.status is DocumentStatus.EXPIRED


async def test_damage_concerns_only_whom_it_is_about(
    population: Population, reporter: Reporter, place: Place
) -> None:
    """An event about a damaged record is unavailable; those beside it are applied."""
    query(place, "UPDATE citizen SET vital = 77 WHERE id = ?", int(FATHER))
    whats: list[What] = [
        WEDDING,
        Correction(FATHER, name=NAME),
        Correction(GROOM, sex=Sex.MALE, name=NAME),
    ]
    first, second, third = await population.apply_many([reporter.reports(what) for what in whats])
    assert isinstance(first, Applied)
    assert isinstance(second, PopulationUnavailable)
    assert isinstance(third, Applied)
