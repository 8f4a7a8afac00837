"""Several gateways' meters over one set of records: what each learns of the others."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from gateway.core.allowance import Tally
from gateway.core.days import day_name, day_of
from gateway.core.errors import QuotaExceeded
from gateway.core.pool import Quota
from gateway.core.quota import Meter

NOON = datetime.fromisoformat("2026-03-04T12:00:00+07:00").timestamp()
DAY = day_of(NOON)


class House:
    """Two meters, the records that they share, and a clock."""

    def __init__(self, quota: Quota, procedure: str = "*") -> None:
        self.now = NOON
        self.meters = [Meter({("one", procedure): quota}) for _ in range(2)]
        self.records: Counter[str] = Counter()

    def ask(self, at: int, records: int = 1, procedure: str = "p") -> bool:
        """A call of one of the gateways, recorded if it is let in."""
        meter = self.meters[at]
        try:
            day = meter.take("one", procedure, records, self.now)
        except QuotaExceeded as error:
            self.refused = error
            return False
        used = {(day_name(day), "one"): Tally(dict(self.records), {})}
        meter.learn(used, self.now)
        meter.recorded("one", procedure, records, day)
        self.records[procedure] += records
        return True

    def left(self, at: int) -> int:
        """What a gateway believes to be left of the day."""
        found = self.meters[at].remaining("one", "p", self.now)
        assert found is not None
        return found.records


def test_what_others_recorded_is_counted_with_the_next_record() -> None:
    """Then both know the same."""
    house = House(Quota(per_day=10))
    for _ in range(4):
        house.ask(0)
    assert house.left(1) == 10
    house.ask(1)
    assert (house.left(0), house.left(1)) == (6, 5)
    house.ask(0)
    assert house.left(0) == 4


def test_others_records_of_other_procedures_count_in_the_same_quota() -> None:
    """Also of those that were never asked for here."""
    house = House(Quota(per_day=10))
    house.ask(0, 3, "a")
    house.ask(0, 3, "b")
    house.ask(1, 1)
    assert house.left(1) == 3


def test_what_was_learnt_is_learnt_once() -> None:
    """However often the same is told, and whatever the gateway itself recorded."""
    house = House(Quota(per_day=100))
    house.ask(0, 10)
    told = {(day_name(DAY), "one"): Tally({"p": 10}, {})}
    for _ in range(3):
        house.meters[1].learn(told, house.now)
        house.meters[0].learn(dict(told), house.now)
    assert (house.left(0), house.left(1)) == (90, 90)


def test_a_commit_that_failed_and_stood_all_the_same_is_put_right() -> None:
    """It was given back; the records know better."""
    house = House(Quota(per_day=10))
    day = house.meters[0].take("one", "p", 4, house.now)
    house.meters[0].correct("one", "p", -4, day, house.now)
    house.records["p"] += 4
    house.ask(0)
    assert house.left(0) == 5


def test_a_call_under_way_is_counted_beside_what_was_learnt() -> None:
    """It is in nobody's records yet."""
    house = House(Quota(per_day=10))
    house.ask(1, 3)
    house.meters[0].take("one", "p", 2, house.now)
    house.ask(0, 1)
    assert house.left(0) == 4


@pytest.mark.parametrize("turns", [(0, 1), (0, 0, 0, 1), (0, 0, 0, 0, 0, 0, 0, 0, 0, 1)])
def test_gateways_are_held_to_one_rate_together(turns: tuple[int, ...]) -> None:
    """In the long run; at first there may be a burst at each."""
    house = House(Quota(per_second=10, burst=20))
    let_in = 0
    for step in range(6000):
        house.now = NOON + step / 100
        let_in += house.ask(turns[step % len(turns)])
    assert 600 - 20 <= let_in <= 600 + 3 * 20


def test_what_others_took_at_leisure_is_not_owed() -> None:
    """One that stood idle for an hour does not pay for what another used within the rate."""
    house = House(Quota(per_second=10, burst=20))
    for step in range(3600):
        house.now = NOON + step
        assert house.ask(0, 9)
    assert house.ask(1, 1)
    house.now += 2
    assert house.ask(1, 15)


def test_a_debt_is_named_as_a_time_to_wait() -> None:
    """Each spends a full bucket, and one of them waits for two."""
    house = House(Quota(per_second=10, burst=20))
    for _ in range(2):
        house.ask(1)
    house.ask(0, 20)
    house.ask(1, 18)
    assert not house.ask(1, 10)
    assert house.refused.retry_after == pytest.approx(3.0)
    house.now += 3.0
    assert house.ask(1, 10)


def test_who_was_refused_at_the_record_is_told_why() -> None:
    """As at the door: of the day, or of wrong claims about one number."""
    quota = Quota(per_day=10, mismatches_per_number_per_day=2)
    meter = House(quota).meters[0]
    account = (day_name(DAY), "one")
    meter.take("one", "p", 3, NOON)
    meter.learn({account: Tally({"p": 8}, {})}, NOON)
    error = meter.over("one", "p", 3, NOON)
    assert (error.reason, error.retry_after) == ("QUOTA_DAY_EXCEEDED", 12 * 3600)
    assert "2 are left" in error.message_en
    meter = House(quota).meters[0]
    meter.take("one", "p", 1, NOON)
    meter.learn({account: Tally({}, {b"n": 2})}, NOON)
    assert meter.over("one", "p", 1, NOON).reason == "QUOTA_MISMATCHES_EXCEEDED"
    with pytest.raises(QuotaExceeded):
        meter.check_guesses("one", "p", {b"n": 1}, DAY, NOON)
