"""The published tables behind the population, read once.

Sources and licences: ``tables/README.md``.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from mock_population_db.citizen import Conversion
from mock_population_db.generate.rng import Choice, Ints

FOLDER = Path(__file__).parent / "tables"
BANDS = 18  # five-year ages, the last open: 85 and more
_URBAN_WEIGHT = {"Phường": 2.0, "Thị trấn": 1.5}  # people, against a xã


def read(name: str) -> Iterator[dict[str, str]]:
    """The rows of ``tables/<name>.csv``."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


@dataclass(frozen=True, slots=True)
class Provinces:
    """The 63 provinces of the numbers, in the order of their codes."""

    codes: Ints  # 1 … 96
    population: tuple[float, ...]  # thousands, 2023
    successor: Ints  # code since 2025-07-01
    position: dict[int, int]  # code -> index


@dataclass(frozen=True, slots=True)
class Communes:
    """Communes on both sides of 2025-07-01; groups are indexes of legacy provinces."""

    legacy: Choice  # legacy codes, by legacy province
    current: Choice  # codes since 2025-07-01, by legacy province
    successor: Ints  # by legacy code: the (default) new code, 0 = no such commune
    conversion: Ints  # by legacy code: WHOLE or SPLIT
    province_of_legacy: Ints  # by legacy code: index of the legacy province, or -1


@dataclass(frozen=True, slots=True)
class Tables:
    """All but names."""

    pyramid: Choice  # band * 2 + (0 male, 1 female)
    household_size: Choice
    province: Choice  # index of a legacy province, by population
    provinces: Provinces
    communes: Communes
    ethnic: Choice  # code, by legacy province
    religion: Choice


@cache
def load() -> Tables:
    """Read every table."""
    provinces = _provinces()
    indexes = list(range(len(provinces.codes)))
    return Tables(
        pyramid=_pyramid(),
        household_size=_household_size(),
        province=Choice([indexes], [provinces.population]),
        provinces=provinces,
        communes=_communes(provinces),
        ethnic=_ethnic(provinces),
        religion=_religion(),
    )


def _pyramid() -> Choice:
    rows = list(read("age_pyramid_2024"))
    weights = [float(row[f"{sex}_thousand"]) for row in rows for sex in ("male", "female")]
    return Choice([range(len(weights))], [weights])


def _household_size() -> Choice:
    """Sizes as published are shares of households, which is what is drawn."""
    rows = list(read("household_size"))
    return Choice(
        [[int(row["members"]) for row in rows]], [[float(row["percent"]) for row in rows]]
    )


def _religion() -> Choice:
    rows = list(read("religions"))
    codes = [int(row["code"]) for row in rows]
    return Choice([codes], [[float(row["believers_2019"]) for row in rows]])


def _provinces() -> Provinces:
    rows = list(read("provinces_legacy"))
    codes = [int(row["id_code"]) for row in rows]
    return Provinces(
        codes=np.array(codes),
        population=tuple(float(row["population_2023_thousand"]) for row in rows),
        successor=np.array([int(row["code_2025"]) for row in rows]),
        position={code: index for index, code in enumerate(codes)},
    )


def _communes(provinces: Provinces) -> Communes:
    size = 100_000
    province_of = np.full(size, -1, dtype=np.int64)
    weight: dict[int, float] = {}
    for row in read("communes_legacy"):
        if row["code"]:  # five island districts had no communes
            province_of[int(row["code"])] = provinces.position[int(row["province_code"])]
            weight[int(row["code"])] = _URBAN_WEIGHT.get(row["type"], 1.0)
    successor, conversion, origin = _changes(size)
    known = [code for code in weight if successor[code]]
    return Communes(
        legacy=_by_province({code: int(province_of[code]) for code in known}, weight),
        current=_current(provinces, province_of, origin),
        successor=successor,
        conversion=conversion,
        province_of_legacy=province_of,
    )


def _changes(size: int) -> tuple[Ints, Ints, dict[int, int]]:
    """Successor and conversion by legacy code, and one legacy origin by new code."""
    successor = np.zeros(size, dtype=np.int64)
    conversion = np.zeros(size, dtype=np.int64)
    origin: dict[int, int] = {}
    for row in read("commune_changes_2025"):
        legacy, current = int(row["legacy_code"]), int(row["code_2025"])
        origin.setdefault(current, legacy)
        if row["share"] != "part":
            successor[legacy] = current
            whole = row["share"] == "whole"
            conversion[legacy] = Conversion.WHOLE if whole else Conversion.SPLIT
    return successor, conversion, origin


def _current(provinces: Provinces, province_of: Ints, origin: dict[int, int]) -> Choice:
    home: dict[int, int] = {}
    weight: dict[int, float] = {}
    for row in read("communes_2025"):
        code = int(row["code"])
        legacy = origin.get(code)
        by_origin = -1 if legacy is None else int(province_of[legacy])
        # the island communes without an origin lie in the province that kept its code
        fallback = provinces.position.get(int(row["province_code"]), -1)
        home[code] = by_origin if by_origin >= 0 else fallback
        weight[code] = _URBAN_WEIGHT.get(row["type"], 1.0)
    return _by_province(home, weight)


def _by_province(home: dict[int, int], weight: dict[int, float]) -> Choice:
    groups: list[list[int]] = [[] for _ in range(max(home.values()) + 1)]
    for code in sorted(home):
        groups[home[code]].append(code)
    return Choice(groups, [[weight[code] for code in group] for group in groups])


def _ethnic(provinces: Provinces) -> Choice:
    """By province: the minorities at home there, and Kinh for the rest."""
    counts = {row["code"]: float(row["census_2019"]) for row in read("ethnic_groups")}
    people = {row["id_code"]: float(row["census_2019"]) for row in read("provinces_legacy")}
    groups = [[1] for _ in provinces.codes]
    weights = [[1.0] for _ in provinces.codes]
    for row in read("minority_names"):
        for home in row["homes"].split():
            province, percent = home.split(":")
            share = counts[row["code"]] * float(percent) / 100 / people[province]
            index = provinces.position[int(province)]
            groups[index].append(int(row["code"]))
            weights[index].append(share)
            weights[index][0] = max(weights[index][0] - share, 0.01)
    return Choice(groups, weights)
