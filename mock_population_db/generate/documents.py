"""Present identity cards, by age and by the rules of their day."""

from __future__ import annotations

from datetime import date

import numpy as np

from mock_population_db.citizen import DocumentKind
from mock_population_db.generate.dates import YEAR_DAYS, birthday, day_number, pack
from mock_population_db.generate.records import Plan, Records
from mock_population_db.generate.rng import Draws, Ints, Mask

RENEWAL_AGES = np.array((14, 25, 40, 60))
_ROLLOUT = (date(2021, 2, 1), date(2022, 12, 31))  # when most people got the card with a chip
_CAN_CUOC = date(2024, 7, 1)
# first day of each kind of 12-digit card; the order of DocumentKind from CMND_12 on
_KIND_STARTS = (date(2012, 7, 1), date(2016, 1, 1), date(2021, 1, 1), _CAN_CUOC)
_CHILD_CARDS = 0.04  # of those under 14, on request since 2024-07-01
_CMND_ONLY = 0.01  # of those of 60 and more who have an old number
_CMND_END = 20241231


def write_documents(draws: Draws, plan: Plan, people: Records, born: Ints, age: Ints) -> None:
    """Fill document, issued and expires; ``born`` in days since 1970-01-01, ``age`` in years."""
    count = len(people)
    today = day_number(plan.as_of)
    band = np.searchsorted(RENEWAL_AGES, age, side="right") - 1  # -1: a child
    due = born + (RENEWAL_AGES[np.maximum(band, 0)] * YEAR_DAYS).astype(np.int64) + 1
    late = draws.chance("not renewed", count, plan.shares.card_not_renewed)
    late &= (band > 0) & (due > today - 3 * 365)
    band = band - late
    issued = np.where(late, due - 365 * 2, _issue_day(draws, due, today))
    issued = np.minimum(issued, today)
    has = ~draws.chance("no card", count, plan.shares.no_card) & (band >= 0)
    _write(people, has, issued, _expiry(people["birth"].astype(np.int64), band))
    if plan.as_of >= _CAN_CUOC:
        _child_cards(draws, people, born, age, today)
    _old_cards(draws, people, age)


def _issue_day(draws: Draws, due: Ints, today: int) -> Ints:
    """At the rollout, or within three months of the day that it was due since."""
    first, last = (day_number(day) for day in _ROLLOUT)
    rollout = first + draws.below("rollout", len(due), last - first)
    day = np.where(due < first, rollout, due + draws.below("renewal", len(due), 90))
    return np.where(day > today, today - draws.below("before", len(due), 300), day)


def _expiry(birth: Ints, band: Ints) -> Ints:
    """The birthday of the next renewal; 0 (without term) after the last."""
    ages = np.append(RENEWAL_AGES, 0)[np.maximum(band, 0) + 1]
    return np.where(ages > 0, birthday(birth, ages), 0)


def _write(people: Records, where: Mask, issued: Ints, expires: Ints) -> None:
    starts = np.array([day_number(day) for day in _KIND_STARTS])
    kind = DocumentKind.CMND_12 - 1 + np.searchsorted(starts, issued, side="right")
    kind = np.maximum(kind, DocumentKind.CMND_12)
    people["document"] = np.where(where, kind, people["document"])
    people["issued"] = np.where(where, pack(issued), people["issued"])
    people["expires"] = np.where(where, expires, people["expires"])


def _child_cards(draws: Draws, people: Records, born: Ints, age: Ints, today: int) -> None:
    first = np.maximum(day_number(_CAN_CUOC), born + 30)
    where = draws.chance("child card", len(people), _CHILD_CARDS) & (age < RENEWAL_AGES[0])
    where &= first <= today
    issued = first + draws.below("child issue", len(people), np.maximum(today - first, 1))
    _write(people, where, issued, birthday(people["birth"].astype(np.int64), 14))


def _old_cards(draws: Draws, people: Records, age: Ints) -> None:
    """Some of the old never changed their nine-digit card, which ended with 2024."""
    where = draws.chance("old card", len(people), _CMND_ONLY)
    where &= (age >= RENEWAL_AGES[-1]) & (people["old_id"] > 0)
    issued = day_number(date(1995, 1, 1)) + draws.below("old issue", len(people), 365 * 17)
    people["document"] = np.where(where, DocumentKind.CMND_9, people["document"])
    people["issued"] = np.where(where, pack(issued), people["issued"])
    people["expires"] = np.where(where, _CMND_END, people["expires"])
