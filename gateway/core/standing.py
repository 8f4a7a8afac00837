"""How far the daily quotas of a policy are used, told from recorded counts, without a meter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from gateway.core.quota import EVERY, Account, Quotas


class Standing(NamedTuple):
    """One daily quota, in records; ``procedure`` is "*" for those without a quota of their own."""

    caller: str
    procedure: str
    used: int
    per_day: int
    left: int


def standings(quotas: Quotas, used: Mapping[Account, int]) -> list[Standing]:
    """Every daily quota by caller and procedure, with what a day's records took of it.

    What had happened already is recorded whatever the quota says, so more may be used than
    there was; nothing is left then.
    """
    drawn: Counter[Account] = Counter()
    for (caller, procedure), records in used.items():
        own = (caller, procedure) in quotas
        drawn[caller, procedure if own else EVERY] += records
    return [
        Standing(*account, drawn[account], quota.per_day, max(0, quota.per_day - drawn[account]))
        for account, quota in sorted(quotas.items())
        if quota.per_day is not None
    ]
