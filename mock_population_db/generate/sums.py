"""Sums of the register's columns: as the generator says they are, and as a store has them.

A group is a part of a table that both can tell apart: of citizens, stays and steps those whose
number begins with the same three digits, of households those that one chunk made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from mock_population_db.generate import render
from mock_population_db.generate.chunk import FIRST_HOUSEHOLD
from mock_population_db.generate.records import Chunk, Plan, Records
from mock_population_db.generate.rng import Ints
from mock_population_db.store.asking import Session

PROVINCES = range(100)
_NUMBERS_OF_PROVINCE = 10**9
_CITIZEN = (
    "id", "birth", "old_id", "vital", "number_status", "death_annulled", "sex", "ethnic",
    "religion", "blood", "marital", "birth_commune", "registered_commune", "native_commune",
    "household", "relation", "resident_since", "father", "mother", "spouse", "document",
    "issued", "expires", "vital_date",
)  # fmt: skip
_STAY = ("citizen", "household", "relation", "since", "until", "commune")
_STEP = ("former", "successor", "on_date")
_HOUSEHOLD = ("id", "kind", "head", "commune", "epoch", "conversion", "former")


class Group(NamedTuple):
    """Part of a table."""

    table: str
    number: int  # three digits of a number, or a chunk of households


Sums = dict[Group, tuple[int, ...]]  # rows, then the sum of each column, then of lengths of texts


class _Question(NamedTuple):
    key: str
    columns: tuple[str, ...]
    texts: tuple[str, ...] = ()
    others: str = "?3 = ?3"  # leaves out who was not generated


_QUESTIONS = {
    "citizen": _Question(
        "id", _CITIZEN, ("family", "middle", "given"), "extra IS NULL AND ?3 = ?3"
    ),
    "stay": _Question("citizen", _STAY, (), "citizen NOT IN (SELECT value FROM json_each(?3))"),
    "number_step": _Question(
        "former", _STEP, (), "successor NOT IN (SELECT value FROM json_each(?3))"
    ),
    "household": _Question("id", _HOUSEHOLD, ("detail",)),
}


def groups(plan: Plan) -> list[Group]:
    """All groups of a population."""
    by_number = (
        Group(name, one) for name in ("citizen", "stay", "number_step") for one in PROVINCES
    )
    return [*by_number, *(Group("household", chunk) for chunk in range(plan.chunks))]


def in_store(database: Session, plan: Plan, group: Group, added: Sequence[int]) -> Sums:
    """The sums of one group as the register has them.

    Args:
        database: the register.
        plan: of the population.
        group: which.
        added: personal numbers of those who were not generated.
    """
    asked = _QUESTIONS[group.table]
    sums = [f"coalesce(sum({name}), 0)" for name in asked.columns]
    lengths = [f"coalesce(sum(length({name})), 0)" for name in asked.texts]
    query = (
        f"SELECT count(*), {', '.join(sums + lengths)} FROM {group.table}"  # noqa: S608 - our names
        f" WHERE {asked.key} >= ?1 AND {asked.key} < ?2 AND {asked.others}"
    )
    row = database.execute(query, (*_bounds(plan, group), json.dumps(added))).fetchone()
    # PostgreSQL's sums of 8 bytes are decimals
    return {group: tuple(map(int, row))} if row[0] else {}


def _bounds(plan: Plan, group: Group) -> tuple[int, int]:
    if group.table == "household":
        width = 2 * plan.chunk_size(0)
        return FIRST_HOUSEHOLD + width * group.number, FIRST_HOUSEHOLD + width * (group.number + 1)
    return bounds_of_province(group.number)


def bounds_of_province(province: int) -> tuple[int, int]:
    """The first number that begins with these three digits, and the first one behind them."""
    return province * _NUMBERS_OF_PROVINCE, (province + 1) * _NUMBERS_OF_PROVINCE


def of_chunk(made: Chunk, chunk: int) -> Sums:
    """The sums of what a chunk adds to each group."""
    people, homes = made.people, made.households
    texts = [_lengths(part) for part in render.names(people)]
    details = _lengths([str(row[-1]) for row in render.households(homes)])
    return (
        _grouped("citizen", people["id"], [_known(people, name) for name in _CITIZEN] + texts)
        | _grouped("stay", *_stays(people))
        | _grouped("number_step", made.steps["former"], [_known(made.steps, one) for one in _STEP])
        | {Group("household", chunk): _row([*(_known(homes, one) for one in _HOUSEHOLD), details])}
    )


def added_up(parts: Sequence[Sums]) -> Sums:
    """Group by group."""
    total: dict[Group, Ints] = {}
    for part in parts:
        for group, row in part.items():
            total[group] = total.get(group, np.int64(0)) + np.array(row, dtype=np.int64)
    return {group: tuple(row.tolist()) for group, row in total.items() if row[0]}


def _known(records: Records, column: str) -> Ints:
    """The column as numbers that add nothing where nothing is recorded."""
    return np.maximum(records[column].astype(np.int64), 0)


def _lengths(texts: Sequence[str | None]) -> Ints:
    return np.fromiter((len(text or "") for text in texts), dtype=np.int64, count=len(texts))


def _stays(people: Records) -> tuple[Ints, list[Ints]]:
    """Numbers and columns of the stays: first the temporary ones, then the present addresses."""
    away = people[people["stay_household"] > 0]
    here = people[people["current_commune"] > 0]
    none_away, none_here = np.zeros(len(away), np.int64), np.zeros(len(here), np.int64)
    pairs = [
        (away["id"], here["id"]),
        (away["stay_household"], none_here),
        (away["stay_relation"], none_here),
        (away["stay_since"], here["current_since"]),
        (away["stay_until"], none_here),
        (none_away, here["current_commune"]),
    ]
    columns = [np.concatenate([one, other]).astype(np.int64) for one, other in pairs]
    order = np.argsort(columns[0], kind="stable")
    return columns[0][order], [column[order] for column in columns]


def _grouped(table: str, numbers: Ints, columns: Sequence[Ints]) -> Sums:
    """Sums by the first three digits of the numbers, which are sorted."""
    provinces = numbers // _NUMBERS_OF_PROVINCE
    found, starts = np.unique(provinces, return_index=True)
    parts = pairwise([*starts.tolist(), len(numbers)])
    return {
        Group(table, province): _row([column[start:end] for column in columns])
        for province, (start, end) in zip(found.tolist(), parts, strict=True)
    }


def _row(columns: Sequence[Ints]) -> tuple[int, ...]:
    return len(columns[0]), *(int(column.sum()) for column in columns)
