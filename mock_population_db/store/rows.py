"""Rows of the register's tables as plain tuples, in the schema's column order.

Whoever makes rows (the generator, the personas) and whoever writes them share only this.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

Row = tuple[int | str | None, ...]

CITIZEN_COLUMNS = (
    "id", "family", "middle", "given", "birth", "old_id", "vital", "number_status",
    "death_annulled", "sex", "ethnic", "religion", "nationality", "blood", "marital",
    "birth_commune", "registered_commune", "native_commune", "household", "relation",
    "resident_since", "father", "mother", "spouse", "document", "issued", "expires",
    "vital_date", "extra",
)  # fmt: skip
HOUSEHOLD_COLUMNS = ("id", "kind", "head", "commune", "epoch", "conversion", "former", "detail")
STAY_COLUMNS = (
    "citizen", "kind", "household", "relation", "since", "until", "commune", "epoch",
    "conversion", "former", "detail",
)  # fmt: skip
STEP_COLUMNS = ("former", "successor", "on_date", "reason")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for each table of the register; every tuple has one value for each column."""

    citizens: tuple[Row, ...] = ()  # CITIZEN_COLUMNS
    households: tuple[Row, ...] = ()  # HOUSEHOLD_COLUMNS
    stays: tuple[Row, ...] = ()  # STAY_COLUMNS
    steps: tuple[Row, ...] = ()  # STEP_COLUMNS


def joined(before: Rows, after: Rows) -> Rows:
    """The rows of both, as if ``after`` had been installed over ``before``."""
    anew = {row[0] for row in after.citizens}
    return Rows(
        _latest((*before.citizens, *after.citizens)),
        _latest((*before.households, *after.households)),
        (*(row for row in before.stays if row[0] not in anew), *after.stays),
        (*(row for row in before.steps if row[1] not in anew), *after.steps),
    )


def rows_to_json(rows: Rows) -> dict[str, Any]:
    """Rows as ``rows_from_json`` reads them."""
    return {one.name: getattr(rows, one.name) for one in fields(Rows)}


def rows_from_json(told: dict[str, Any]) -> Rows:
    """What ``rows_to_json`` made, once it was JSON."""
    return Rows(**{name: tuple(map(tuple, rows)) for name, rows in told.items()})


def _latest(rows: tuple[Row, ...]) -> tuple[Row, ...]:
    """Of the rows with one key the last."""
    return tuple({row[0]: row for row in rows}.values())
