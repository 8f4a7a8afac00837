"""Rows of the register's tables as plain tuples, in the schema's column order.

Whoever makes rows (the generator, the personas) and whoever writes them share only this.
"""

from __future__ import annotations

from dataclasses import dataclass

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
