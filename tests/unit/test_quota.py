"""Rates, days and mismatches, counted with a clock of the test's own."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.core.days import check_range, day_name, day_of, end_of, read_day
from gateway.core.errors import MalformedRequest, QuotaExceeded
from gateway.core.pool import Quota
from gateway.core.quota import Meter
from gateway.core.standing import Standing, standings

BORDER = datetime.fromisoformat("2026-03-05T00:00:00+07:00").timestamp()
NOON = BORDER - 12 * 3600
HOUR = 3600.0


class House:
    """A meter with one caller's quota, and its clock."""

    def __init__(self, procedure: str = "*", **limits: float) -> None:
        self.now = NOON
        self.meter = Meter({("one", procedure): Quota(**limits)})  # type: ignore[arg-type]  # counts are whole

    def take(self, records: int = 1, procedure: str = "1.001", caller: str = "one") -> str:
        """Take records; returns why not, or nothing."""
        try:
            self.meter.take(caller, procedure, records, self.now)
        except QuotaExceeded as error:
            self.refused = error
            return error.reason
        return ""

    def left(self, procedure: str = "1.001") -> int:
        """Records that are left of the day."""
        found = self.meter.remaining("one", procedure, self.now)
        assert found is not None
        return found.records


def test_a_day_ends_at_midnight_in_viet_nam() -> None:
    """Which is 17:00 UTC."""
    assert day_of(BORDER) == day_of(BORDER - 0.001) + 1
    assert end_of(day_of(NOON)) == BORDER
    assert (day_name(day_of(BORDER - 0.001)), day_name(day_of(BORDER))) == (
        "2026-03-04",
        "2026-03-05",
    )
    assert day_name(read_day(2026, 3, 5, "d")) == "2026-03-05"


def test_a_days_records_are_counted_to_the_last() -> None:
    """Then nothing goes, until the next day begins."""
    house = House(per_day=3)
    assert [house.take() for _ in range(4)] == ["", "", "", "QUOTA_DAY_EXCEEDED"]
    assert house.refused.retry_after == 12 * HOUR
    house.now = BORDER - 0.001
    assert house.take() == "QUOTA_DAY_EXCEEDED"
    house.now = BORDER
    assert (house.take(), house.left()) == ("", 2)


def test_a_batch_goes_whole_or_not_at_all() -> None:
    """What does not fit counts nothing, and what still fits goes."""
    house = House(per_day=10)
    assert house.take(8) == ""
    assert house.take(3) == "QUOTA_DAY_EXCEEDED"
    assert "2 are left" in house.refused.message_en
    assert (house.left(), house.take(2), house.left()) == (2, "", 0)


def test_the_rest_and_its_end_are_told() -> None:
    """In Viet Nam's time."""
    house = House(per_day=3)
    house.take()
    found = house.meter.remaining("one", "1.001", house.now)
    assert found is not None
    assert (found.records, found.reset.isoformat()) == (2, "2026-03-05T00:00:00+07:00")
    assert house.meter.remaining("other", "1.001", house.now) is None


def test_a_burst_goes_and_then_the_rate() -> None:
    """The bucket fills while nobody asks, and never above its size."""
    house = House(per_second=2, burst=4)
    assert [house.take() for _ in range(5)] == [""] * 4 + ["QUOTA_RATE_EXCEEDED"]
    assert house.refused.retry_after == 0.5
    house.now += 0.5
    assert [house.take(), house.take()] == ["", "QUOTA_RATE_EXCEEDED"]
    house.now += HOUR
    assert [house.take(4), house.take()] == ["", "QUOTA_RATE_EXCEEDED"]


def test_what_never_fits_is_told_so() -> None:
    """Waiting would not help, so no time is named."""
    house = House(per_second=100, burst=50)
    assert house.take(51) == "QUOTA_BATCH_TOO_LARGE"
    assert house.refused.retry_after is None
    assert house.take(50) == ""


def test_a_refused_call_takes_nothing_from_the_bucket() -> None:
    """Neither by its rate nor by its day."""
    house = House(per_second=1, burst=5, per_day=7)
    assert house.take(5) == ""
    house.now += 2
    assert house.take(3) == "QUOTA_DAY_EXCEEDED"
    assert house.take(2) == ""


@pytest.mark.parametrize("hours", [-1, -13, 1, 36, -24 * 40])
def test_a_clock_that_jumps_takes_and_gives_nothing(hours: float) -> None:
    """An hour or a day to and fro: the day's count is as it was, and at most a burst is had."""
    house = House(per_second=1, burst=5, per_day=100)
    house.take(5)
    house.now += hours * HOUR
    house.take(1)
    house.now = NOON
    again = [house.take() for _ in range(20)]
    assert again.count("") <= 5
    assert again.count("") + 5 <= 100 - house.left() <= again.count("") + 6


def test_procedures_without_a_quota_of_their_own_share_one() -> None:
    """Else each new code would bring a fresh quota."""
    house = House(per_day=4)
    assert [house.take(procedure=f"x{number}") for number in range(5)][3:] == [
        "",
        "QUOTA_DAY_EXCEEDED",
    ]


def test_a_procedure_with_a_quota_of_its_own_is_apart() -> None:
    """In both directions."""
    meter = Meter({("one", "*"): Quota(per_day=1), ("one", "1.001"): Quota(per_day=2)})
    for procedure in ("1.001", "1.001", "other"):
        meter.take("one", procedure, 1, NOON)
    for procedure in ("1.001", "other", "third"):
        with pytest.raises(QuotaExceeded):
            meter.take("one", procedure, 1, NOON)


def test_callers_do_not_use_each_others_quota() -> None:
    """One that has none is not limited."""
    house = House(per_day=1)
    assert house.take() == ""
    assert [house.take(caller="two") for _ in range(50)] == [""] * 50
    assert house.take() == "QUOTA_DAY_EXCEEDED"


def test_what_was_not_recorded_is_given_back() -> None:
    """To the day and to the bucket."""
    house = House(per_second=1, burst=5, per_day=5)
    day = house.meter.take("one", "1.001", 5, house.now)
    house.meter.correct("one", "1.001", -5, day, house.now)
    assert (house.left(), house.take(5)) == (5, "")


def test_what_is_given_back_the_day_after_does_not_count_there() -> None:
    """A call over midnight."""
    house = House(per_day=5)
    day = house.meter.take("one", "1.001", 3, BORDER - 1)
    house.now = BORDER
    house.take(2)
    house.meter.correct("one", "1.001", -3, day, house.now)
    assert house.left() == 3


def test_a_restart_takes_up_what_was_charged() -> None:
    """Of all procedures that share a pool; mismatches too."""
    house = House(per_day=10, mismatches_per_number_per_day=2)
    day = day_of(NOON)
    house.take()
    fresh = Meter({("one", "*"): Quota(per_day=10, mismatches_per_number_per_day=2)})
    fresh.load(day, [("one", "a", 3), ("one", "b", 4), ("two", "a", 50)], [("one", b"n")] * 2)
    found = fresh.remaining("one", "c", NOON)
    assert found is not None
    assert found.records == 3
    with pytest.raises(QuotaExceeded):
        fresh.check_guesses("one", "c", {b"n": 1}, day, NOON)


def test_other_quotas_keep_what_was_counted() -> None:
    """A reload is no fresh start, neither of the day nor of the bucket."""
    house = House(per_second=1, burst=5, per_day=100)
    house.take(5)
    house.meter.adopt({("one", "1.001"): Quota(per_day=6)})
    assert [house.take(), house.take()] == ["", "QUOTA_DAY_EXCEEDED"]
    house.meter.adopt({("one", "*"): Quota(per_second=1, burst=9, per_day=100)})
    assert house.left() == 94
    house.meter.adopt({("one", "*"): Quota(per_second=1, burst=2, per_day=100)})
    assert house.take(2) == ""
    house.meter.adopt({("one", "*"): Quota(per_second=1, burst=2, per_day=100)})
    assert house.take() == "QUOTA_RATE_EXCEEDED"
    house.meter.adopt({})
    assert house.take(10_000) == ""


def test_guesses_of_one_number_are_capped() -> None:
    """By caller and number, over all procedures; other numbers and callers are free."""
    house = House(mismatches_per_number_per_day=3)
    day, meter = day_of(NOON), house.meter
    meter.mismatched("one", [b"n", b"n"], day)
    meter.check_guesses("one", "1.001", {b"n": 1, b"other": 3}, day, NOON)
    with pytest.raises(QuotaExceeded) as caught:
        meter.check_guesses("one", "1.002", {b"n": 2}, day, NOON)
    assert caught.value.reason == "QUOTA_MISMATCHES_EXCEEDED"
    assert caught.value.retry_after == 12 * HOUR
    meter.check_guesses("two", "1.001", {b"n": 50}, day, NOON)
    meter.check_guesses("one", "1.001", {b"n": 3}, day + 1, BORDER)
    meter.mismatched("one", [b"n"], day, by=-1)
    meter.check_guesses("one", "1.001", {b"n": 2}, day, NOON)


@pytest.mark.parametrize("asked", [(2026, 2, 29), (2026, 0, 1), (0, 1, 1), (10_000, 1, 1)])
def test_a_day_that_does_not_exist_is_malformed(asked: tuple[int, int, int]) -> None:
    """A part of a date is not enough here."""
    with pytest.raises(MalformedRequest) as caught:
        read_day(*asked, "last_day")
    assert [(one.field, one.rule) for one in caught.value.violations] == [
        ("last_day", "NO_SUCH_DAY")
    ]


def test_a_range_is_forwards_and_at_most_a_year() -> None:
    """366 days, both ends counted."""
    check_range(10, 10)
    check_range(10, 375)
    for first, last in ((10, 9), (10, 376)):
        with pytest.raises(MalformedRequest):
            check_range(first, last)


def test_standings_are_what_a_meter_has_left() -> None:
    """Of each daily quota; those of other kinds, and callers without one, are not told."""
    quotas = {
        ("one", "*"): Quota(per_day=100),
        ("one", "1.001"): Quota(per_day=10),
        ("one", "1.002"): Quota(per_second=1.0),
        ("two", "1.001"): Quota(per_day=5),
    }
    used = {
        ("one", "1.001"): 4,
        ("one", "1.002"): 3,
        ("one", "1.003"): 20,
        ("one", "1.004"): 30,
        ("two", "1.001"): 7,
        ("three", "1.001"): 9,
    }
    told = standings(quotas, used)
    assert told == [
        Standing("one", "*", 50, 100, 50),
        Standing("one", "1.001", 4, 10, 6),
        Standing("two", "1.001", 7, 5, 0),
    ]
    meter = Meter(quotas)
    meter.load(day_of(NOON), [(*account, records) for account, records in used.items()])
    for one in told:
        left = meter.remaining(one.caller, one.procedure, NOON)
        assert left is not None
        assert left.records == one.left
