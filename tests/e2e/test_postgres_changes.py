"""Two gateways on one PostgreSQL change one register; one is killed in the middle of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from clients.sdk import Claim, Gateway, OutcomeUnknown, Refused, Unreachable
from clients.sdk.event_forms import Paper, founding
from clients.sdk.events import EventAnswer
from tests.e2e.server import PATIENCE, Server, dancu

REPORTERS = 3  # of each gateway
TURNS = 8  # of each reporter
COMMUNE = "25747"
PAPER = Paper("1/2026", "2026-01-01", "Công an phường")
PEOPLE = (  # two who live alone; everybody changes both
    Claim(personal_id="062098000045", full_name="A Thuận", birth_date="1998-12-24"),
    Claim(personal_id="276198000011", full_name="Phan Quỳnh Chi", birth_date="1998-11-05"),
)


@dataclass
class Story:
    """What the clients saw."""

    answers: list[EventAnswer] = field(default_factory=list)
    moved: int = 0  # how often somebody else had been first


async def test_no_update_is_lost_and_changes_have_one_order(pair: tuple[Server, Server]) -> None:
    """Everybody reads a counter and reports the next one, at both gateways; one is killed.

    Each event counts once, also those that had to be reported again at the other gateway; the
    feeds of both tell the same changes in the same order.
    """
    one, other = pair
    story = Story()
    async with one.running.connect(timeout=30) as here, other.running.connect(timeout=30) as there:
        first = (await _counter(here, PEOPLE[0]))[1]
        until = asyncio.get_running_loop().create_future()
        feeds = [
            asyncio.create_task(_follow(ways, first + 1, until))
            for ways in ((here, here), (there, here))
        ]
        reporting = [
            asyncio.create_task(_report(ways, f"{name}-{at}", story))
            for name, ways in (("one", (here, there)), ("other", (there, here)))
            for at in range(REPORTERS)
        ]
        await _grown(story, REPORTERS * TURNS // 2)
        other.kill()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*reporting)
        assert story.moved > 0  # they did get in each other's way
        until.set_result(max(answer.last_revision for answer in story.answers))
        async with asyncio.timeout(PATIENCE):
            await _hold(here, story, first, [await feed for feed in feeds])
    assert one.terminate() == 0
    where = ("--data-dir", str(one.running.data_dir))
    assert json.loads(dancu("ledger", "verify", *where, "--json").stdout)["holds"]


async def _hold(sdk: Gateway, story: Story, first: int, feeds: list[list[tuple[int, str]]]) -> None:
    assert len({answer.event_id for answer in story.answers}) == REPORTERS * 2 * TURNS
    for person in PEOPLE:
        counted = sum(answer.personal_id == person.personal_id for answer in story.answers)
        assert (await _counter(sdk, person))[0] == counted
    made = [range(answer.first_revision, answer.last_revision + 1) for answer in story.answers]
    revisions = sorted(revision for one in made for revision in one)
    assert revisions == list(range(first + 1, first + 1 + len(revisions)))
    events = {
        revision: answer.event_id
        for answer, its in zip(story.answers, made, strict=True)
        for revision in its
    }
    for seen in feeds:
        assert seen == [(revision, events[revision]) for revision in revisions]


async def _report(ways: Sequence[Gateway], name: str, story: Story) -> None:
    """Count a person on, again and again; at another gateway where one is gone."""
    for turn in range(TURNS):
        person = PEOPLE[turn % len(PEOPLE)]
        for attempt in range(1000):
            try:
                count, revision = await _first_that_answers(ways, person)
                answer = await _submit(
                    ways, person, count + 1, revision, f"{name}-{turn}-{attempt}"
                )
            except Refused as refused:
                if refused.reason != "REVISION_MOVED":
                    raise
                story.moved += 1
            else:
                story.answers.append(answer)
                break


async def _grown(story: Story, wanted: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while len(story.answers) < wanted:  # noqa: ASYNC110 - many tasks fill it
            await asyncio.sleep(0.01)


async def _follow(
    ways: Sequence[Gateway], start: int, until: asyncio.Future[int]
) -> list[tuple[int, str]]:
    """Revision and event of each change, up to the one that is told at last.

    The first gateway is left when it is gone, and the next one goes on where it ended.
    """
    seen: list[tuple[int, str]] = []
    for way in ways:
        follower = way.follower(start + len(seen), progress_seconds=1, patience=5)
        with contextlib.suppress(Unreachable):
            async with aclosing(follower.batches()) as batches:
                async for batch in batches:
                    seen.extend((one.revision, one.event_id) for one in batch.changes)
                    if until.done() and seen and seen[-1][0] >= until.result():
                        return seen
    raise AssertionError("nobody answers")


async def _first_that_answers(ways: Sequence[Gateway], person: Claim) -> tuple[int, int]:
    for way in ways:
        with contextlib.suppress(Unreachable):
            return await _counter(way, person)
    raise AssertionError("nobody answers")


async def _submit(
    ways: Sequence[Gateway], person: Claim, count: int, revision: int, request_id: str
) -> EventAnswer:
    """Report under one id, at the other gateway where the first does not say what became of it."""
    event = founding(PAPER, person=person, commune=COMMUNE, address=f"Số {count}")
    for way in ways:
        with contextlib.suppress(OutcomeUnknown, Unreachable):
            return await way.submit_event(
                event, expected_revision=revision, request_id=request_id, patience=0
            )
    raise AssertionError("nobody answers")


async def _counter(sdk: Gateway, person: Claim) -> tuple[int, int]:
    """The number of the house that somebody lives in, and the revision at which it was read."""
    answer = await sdk.confirm_residence(
        personal_id=person.personal_id, full_name=person.full_name, birth_date=person.birth_date
    )
    assert answer.permanent is not None
    detail = answer.permanent.address.detail
    count = int(detail.removeprefix("Số ")) if detail.startswith("Số ") else 0
    return count, answer.evidence.register_revision
