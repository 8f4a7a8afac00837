"""Life beside a running gateway: at a pace, through failures, and to a clean end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mock_population_db.events import Applied, Submission
from mock_population_db.life.account import lived
from mock_population_db.life.living import Tally
from mock_population_db.life.running import living
from mock_population_db.store.errors import PopulationUnavailable
from mock_population_db.store.reading import RegisterInfo
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.registers import build_register, copy_register, digest_of

AS_OF = date(2026, 1, 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register that nobody changes."""
    return build_register(tmp_path_factory.mktemp("life") / "population.db", 10_000, AS_OF)


@pytest.fixture
def path(built: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return copy_register(built, tmp_path / "population.db")


class Days:
    """Notes the days that are over, before the next one begins."""

    def __init__(self, look: Callable[[date], object] = lambda _: None) -> None:
        self._look = look
        self.tallies: dict[date, Tally] = {}
        self._over = asyncio.Event()

    def __call__(self, day: date, tally: Tally) -> None:
        """Note a day."""
        self._look(day)
        self.tallies[day] = tally
        self._over.set()

    async def wait_for(self, count: int) -> None:
        """Come back when so many days are over."""
        async with asyncio.timeout(30):
            while len(self.tallies) < count:
                self._over.clear()
                await self._over.wait()

    @property
    def events(self) -> int:
        """How many events there were."""
        return sum(tally.events for tally in self.tallies.values())


class Unreliable:
    """A register whose first writes fail."""

    def __init__(self, register: SqlitePopulation, failures: int) -> None:
        self._register = register
        self._failures = failures
        self.batches: list[int] = []

    async def info(self) -> RegisterInfo:
        """What the register says of itself."""
        return await self._register.info()

    async def apply_many(self, submissions: Sequence[Submission], /) -> list[Applied | Exception]:
        """Take events in, or fail."""
        self.batches.append(len(submissions))
        if self._failures:
            self._failures -= 1
            return [PopulationUnavailable("disk full") for _ in submissions]
        return await self._register.apply_many(submissions)


def _now() -> datetime:
    return datetime.now(UTC)


async def test_days_pass(path: Path) -> None:
    """Days follow each other at the pace, their events are in the register."""
    days = Days()
    loop = asyncio.get_running_loop()
    async with SqlitePopulation.open(path) as register:
        start = loop.time()
        async with living(register, path, 0.2, _now, days):
            await days.wait_for(5)
        assert loop.time() - start >= 4 * 0.2
        info = await register.info()
    assert list(days.tallies)[:2] == [AS_OF + timedelta(days=1), AS_OF + timedelta(days=2)]
    assert info.day >= AS_OF + timedelta(days=5)
    assert info.revision > days.events > 0


@pytest.mark.parametrize("pace", [0.0001, 0.4])
async def test_it_is_the_life_that_passes_offline(path: Path, built: Path, pace: float) -> None:
    """The same days come to the same register, whether spread over time or not."""
    offline = copy_register(built, path.with_name("offline.db"))
    account = await lived(offline, 3, lambda _: _now(), lambda _: None)
    digests: dict[date, str] = {}
    days = Days(lambda day: digests.setdefault(day, digest_of(path)))
    async with SqlitePopulation.open(path) as register, living(register, path, pace, _now, days):
        await days.wait_for(3)
    assert digests[account.last] == account.digest


async def test_events_are_spread_over_the_day(path: Path) -> None:
    """At a slow pace events come in several batches."""
    days = Days()
    async with SqlitePopulation.open(path) as register:
        watched = Unreliable(register, 0)
        async with living(watched, path, 1.0, _now, days):
            await days.wait_for(2)
    assert days.events >= 4
    assert len(watched.batches) > len(days.tallies)
    assert all(watched.batches)


async def test_a_failing_register_is_outlived(path: Path) -> None:
    """When writes fail the rest of that day is lost, and the next days go on."""
    days = Days()
    async with (
        SqlitePopulation.open(path) as register,
        living(Unreliable(register, 1), path, 0.05, _now, days),
    ):
        await days.wait_for(3)
    lost, *later = days.tallies.values()
    assert lost.events == 0
    assert sum(tally.events for tally in later) > 0


async def test_the_end_comes_at_once(path: Path) -> None:
    """Leaving the block in the middle of a day does not wait for its end."""
    days = Days()
    async with (
        asyncio.timeout(10),
        SqlitePopulation.open(path) as register,
        living(register, path, 3_600.0, _now, days),
    ):
        await asyncio.sleep(0.3)
    assert days.tallies == {}
