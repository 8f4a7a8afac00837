"""Communes and provinces, by the epoch of their codes.

A code alone names nothing: 1,815 commune codes name another place since 2025-07-01.
The tables are read on first use and kept (about 3 MB).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from mock_population_db.citizen import Address, CodeEpoch, Conversion

_TABLES = {CodeEpoch.LEGACY: "communes_legacy.csv", CodeEpoch.Y2025: "communes_2025.csv"}


class Commune(NamedTuple):
    """A commune-level unit (xã, phường, thị trấn, đặc khu)."""

    code: str  # 5 digits
    name: str  # with its type: "Phường Ba Đình"
    province_code: str  # 2 digits, of the same epoch


def commune(code: str, epoch: CodeEpoch) -> Commune | None:
    """The commune that had this code in that epoch, or None."""
    return _communes(epoch).get(code)


def province_of(code: str, epoch: CodeEpoch) -> str:
    """The 2-digit code of the commune's province, empty when there is no such commune."""
    found = commune(code, epoch)
    return found.province_code if found else ""


def address_in(
    code: str,
    epoch: CodeEpoch,
    conversion: Conversion = Conversion.NATIVE,
    *,
    former: str = "",
    detail: str = "",
) -> Address:
    """An address in Vietnam, its province taken from its commune."""
    return Address(province_of(code, epoch), code, epoch, conversion, former, detail)


def successors(legacy_code: str) -> tuple[str, ...]:
    """The 2025 codes of the communes that a legacy commune went to, the default one first."""
    return _successors().get(legacy_code, ())


@cache
def listed_codes(table: str) -> frozenset[str]:
    """The codes of a table such as ``ethnic_groups.csv``."""
    return frozenset(row["code"] for row in _rows(table))


@cache
def _successors() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    rows = sorted(_rows("commune_changes_2025.csv"), key=lambda row: row["share"] == "part")
    for row in rows:
        found[row["legacy_code"]] = (*found.get(row["legacy_code"], ()), row["code_2025"])
    return found


@cache
def _communes(epoch: CodeEpoch) -> dict[str, Commune]:
    # districts without communes (five islands) stand in the legacy table without a code
    rows = (row for row in _rows(_TABLES[epoch]) if row["code"])
    return {row["code"]: _commune(row) for row in rows}


def _commune(row: dict[str, str]) -> Commune:
    name = row["name"]
    # numbered communes repeat their type in the table: "Phường 1"
    full = name if name.startswith(row["type"]) else f"{row['type']} {name}"
    return Commune(row["code"], full, row["province_code"])


def _rows(table: str) -> Iterator[dict[str, str]]:
    source = files("mock_population_db") / "generate" / "tables" / table
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())
