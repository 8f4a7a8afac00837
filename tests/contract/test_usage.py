"""What a record store knows of what was used, whatever engine keeps it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gateway.core.model import Access, AccessCall
from gateway.flows.ports import Usage
from gateway.store.statistics import Figures, Key
from tests.support.record_stores import Place, audited, engine_of, opened, query
from tests.support.records import COMMON, certify, entry
from tests.support.scene import VERIFY_RPC

YES, NO = Access(b"y" * 16, 1, 0), Access(b"n" * 16, 2, 0)
MIDNIGHT = datetime(2026, 3, 4, 17, tzinfo=UTC)  # in Viet Nam
BEFORE, AFTER = MIDNIGHT - timedelta(seconds=1), MIDNIGHT


def at(moment: datetime, caller: str = "plain", officer: str = "officer-1") -> AccessCall:
    """The common part of a call of a moment."""
    context = COMMON.context._replace(officer_id=officer)
    return COMMON._replace(at=moment, caller=caller, context=context)


@pytest.fixture
async def path(record_place: Place) -> Place:
    """A store with four windows, two of each side of a midnight."""
    async with opened(record_place) as records:
        await records.commit([entry(1, [YES, NO], at(BEFORE)), entry(2, [NO], at(BEFORE))], certify)
        await records.commit([entry(3, [NO], at(BEFORE, "other"))], certify)
        await records.commit([entry(4, [YES], at(AFTER)), entry(5, [], at(AFTER))], certify)
        await records.commit(
            [entry(6, [NO], at(AFTER, "other")), entry(7, [NO], at(AFTER, officer="b"))], certify
        )
    return record_place


def used(day: str, caller: str, answers: int, records: int, verified: int) -> Usage:
    """One row."""
    return Usage(day, caller, COMMON.context.procedure_code, VERIFY_RPC, answers, records, verified)


async def test_charges_are_by_day_caller_procedure_and_rpc(path: Place) -> None:
    """Answers, records and those verified; a day of Viet Nam."""
    async with opened(path) as records:
        assert await records.usage("2026-03-04", "2026-03-05") == [
            used("2026-03-04", "other", 1, 1, 0),
            used("2026-03-04", "plain", 2, 3, 1),
            used("2026-03-05", "other", 1, 1, 0),
            used("2026-03-05", "plain", 3, 2, 1),
        ]
        assert await records.usage("2026-03-05", "2026-03-05", "plain") == [
            used("2026-03-05", "plain", 3, 2, 1)
        ]
        assert await records.usage("2026-03-06", "2026-03-09") == []


async def test_mismatches_of_a_day_are_found_again(path: Place) -> None:
    """Of the callers asked for, and of that day alone."""
    async with opened(path) as records:
        both = {"plain", "other"}
        found = await records.mismatches("2026-03-05", both)
        assert sorted(found) == [("other", b"n" * 16), ("plain", b"n" * 16)]
        assert await records.mismatches("2026-03-05", {"other"}) == [("other", b"n" * 16)]
        assert (
            sorted(await records.mismatches("2026-03-04", {"plain"})) == [("plain", b"n" * 16)] * 2
        )
        assert await records.mismatches("2026-03-06", both) == []


@pytest.mark.parametrize("column", ["answers", "records", "verified"])
def test_a_changed_charge_is_found(path: Place, column: str) -> None:
    """Charges equal leaves, each figure of them."""
    assert audited(path).findings == []
    query(path, f"UPDATE usage SET {column} = {column} + 1 WHERE day = '2026-03-05'")  # noqa: S608 - names of the test
    assert [one.invariant for one in audited(path).findings] == ["USAGE"]


def test_statistics_are_by_unit_and_officer(path: Place) -> None:
    """From the access rows, which know more than the charges."""
    found = engine_of(path).statistics(path, "2026-03-05", "2026-03-05")
    context = COMMON.context
    assert {(key.caller, key.officer): figures for key, figures in found.items()} == {
        ("plain", "officer-1"): Figures(2, 1, 1),
        ("plain", "b"): Figures(1, 1, 0),
        ("other", "officer-1"): Figures(1, 1, 0),
    }
    assert Key("plain", context.unit_code, "b", context.procedure_code, VERIFY_RPC) in found
    assert (
        sum(
            one.answers
            for one in engine_of(path).statistics(path, "2026-03-01", "2026-03-31").values()
        )
        == 7
    )


async def test_refusals_are_no_answers(record_place: Place) -> None:
    """Several alike are one entry; whom a refusal touched is a record all the same."""
    refused = at(AFTER)._replace(refused=3)
    async with opened(record_place) as records:
        await records.commit(
            [
                entry(1, [], refused),
                entry(2, [NO], refused._replace(refused=1)),
                entry(3, [YES], at(AFTER)),
            ],
            certify,
        )
    found = engine_of(record_place).statistics(record_place, "2026-03-05", "2026-03-05")
    assert list(found.values()) == [Figures(answers=1, records=2, verified=1, refusals=4)]
    assert audited(record_place).findings == []
