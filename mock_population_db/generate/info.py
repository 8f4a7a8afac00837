"""What was built against what was aimed at, read from a register in a file or a database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import NamedTuple

from mock_population_db.citizen import CodeEpoch, ResidenceKind, Sex
from mock_population_db.generate.names import REGIONS, kinh_percent, regions
from mock_population_db.generate.tables import BANDS, load, read
from mock_population_db.store.asking import Session, transaction
from mock_population_db.store.places import Place, open_to_scan

_SURNAMES_SHOWN = 8  # of each region
_LARGEST_SIZE = 8  # 8 stands for 8 and more
_BINH_DUONG = 74
_AGES = """
    SELECT (? - birth) / 50000, sex, count(*) FROM citizen
    WHERE birth IS NOT NULL AND household >= 1000 GROUP BY 1, 2
"""
_SIZES = """
    SELECT members, 0, count(*) FROM
      (SELECT count(*) AS members FROM citizen WHERE household >= 1000 GROUP BY household) AS homes
    GROUP BY members
"""
# a commune of an epoch, as ``_areas`` knows it
_PLACE = "h.epoch * 100000 + h.commune"
_PROVINCES = f"""
    SELECT {_PLACE}, 0, count(*) FROM citizen AS x CROSS JOIN household AS h ON h.id = x.household
    WHERE x.household >= 1000 GROUP BY 1
"""  # noqa: S608 - our own text
# names that are not shown count together: a group for each name and commune would be millions
_SURNAMES = f"""
    SELECT {_PLACE}, CASE WHEN x.family IN (%s) THEN x.family END, count(*)
    FROM citizen AS x CROSS JOIN household AS h ON h.id = x.household
    WHERE x.household >= 1000 AND x.ethnic = 1 AND x.family IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608 - our own text
_STAYS = f"""
    SELECT {_PLACE}, 0, count(*) FROM stay AS x CROSS JOIN household AS h ON h.id = x.household
    WHERE x.kind = ? AND x.household >= 1000 GROUP BY 1
"""  # noqa: S608 - our own text
_DEFECTS = (
    ("year of birth only", "year_only", "birth > 0 AND birth % 10000 = 0 AND birth < 19600000",
     "birth < 19600000"),
    ("whole name in one field", "whole_name_in_given", "family IS NULL AND given LIKE '% %'",
     "true"),
    ("ethnic group not recorded", "no_ethnic", "ethnic IS NULL", "true"),
    ("dead, still on file", "dead", "vital = 2", "true"),
    ("declared missing", "declared_missing", "vital = 3", "true"),
    ("number cancelled and set up again", "renumbered",
     "id IN (SELECT successor FROM number_step)", "true"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class InfoRow:
    """One line: percentages; ``aimed`` is None where there is no aim."""

    label: str
    aimed: float | None
    built: float


@dataclass(frozen=True, slots=True)
class InfoTable:
    """Lines that belong together."""

    title: str
    rows: tuple[InfoRow, ...]


@dataclass(frozen=True, slots=True)
class PopulationInfo:
    """What a population's database says of itself, and what it holds."""

    meta: dict[str, str]
    tables: tuple[InfoTable, ...]


def describe(place: Place) -> PopulationInfo:
    """Read the whole population at ``place``; a second or two for each million citizens.

    Raises:
        PopulationError: there is none that this program reads, or it cannot be read.
    """
    with open_to_scan(place) as database, transaction(database):
        meta = dict(database.execute("SELECT key, value FROM meta"))
        tables = (
            _age_and_sex(database, meta["as_of"]),
            _household_sizes(database),
            _provinces(database),
            _surnames(database),
            _away(database, meta),
            _defects(database, meta),
        )
    return PopulationInfo(meta, tables)


def _counts(
    database: Session, query: str, *values: int | str, of: Callable[[int], int | None]
) -> Counter[tuple[int, int | str]]:
    """The count of each pair of groups; ``of`` says what the first ones belong to, if to any."""
    counts: Counter[tuple[int, int | str]] = Counter()
    for first, second, count in database.execute(query, values):
        if (whole := of(first)) is not None:
            counts[whole, second] += count
    return counts


def _percent(count: float, of: float) -> float:
    return 100 * count / of if of else 0.0


def _table(title: str, lines: Iterable[tuple[str, float, float]]) -> InfoTable:
    """Scale both columns to percent of their sums."""
    lines = list(lines)
    aimed, built = sum(line[1] for line in lines), sum(line[2] for line in lines)
    rows = (InfoRow(name, _percent(a, aimed), _percent(b, built)) for name, a, b in lines)
    return InfoTable(title, tuple(rows))


class _Area(NamedTuple):
    """What a commune belongs to."""

    province: int  # code of one before 2025-07-01
    region: int  # of REGIONS


@cache
def _areas() -> dict[int, _Area]:
    """Province and region of every commune of both epochs, by ``_PLACE``."""
    provinces, of_legacy = load().provinces, load().communes.province_of_legacy
    region = regions()
    codes = [int(row["code"]) for row in read("communes_legacy") if row["code"]]
    found = [(CodeEpoch.LEGACY, code, int(of_legacy[code])) for code in codes]
    current = load().communes.current.groups()
    found += [(CodeEpoch.Y2025, code, index) for index, codes in current for code in codes]
    return {
        epoch * 100_000 + code: _Area(int(provinces.codes[index]), int(region[index]))
        for epoch, code, index in found
    }


def _province(place: int) -> int | None:
    area = _areas().get(place)
    return area and area.province


def _region(place: int) -> int | None:
    area = _areas().get(place)
    return area and area.region


def _age_and_sex(database: Session, as_of: str) -> InfoTable:
    day = int(as_of.replace("-", ""))
    counts = _counts(database, _AGES, day, of=lambda band: min(band, BANDS - 1))
    return _table(
        "Age and sex",
        (
            (f"{row['age']} {sex.name.lower()}", float(row[f"{sex.name.lower()}_thousand"]),
             counts.get((band, int(sex)), 0))
            for band, row in enumerate(read("age_pyramid_2024"))
            for sex in (Sex.MALE, Sex.FEMALE)
        ),
    )  # fmt: skip


def _household_sizes(database: Session) -> InfoTable:
    counts = _counts(database, _SIZES, of=lambda size: min(size, _LARGEST_SIZE))
    return _table(
        "Household size",
        (
            (row["members"], float(row["percent"]), counts.get((int(row["members"]), 0), 0))
            for row in read("household_size")
        ),
    )


def _provinces(database: Session) -> InfoTable:
    counts = _counts(database, _PROVINCES, of=_province)
    return _table(
        "Permanent residence, by the provinces before 2025-07-01",
        (
            (f"{row['id_code']} {row['name']}", float(row["population_2023_thousand"]),
             counts.get((int(row["id_code"]), 0), 0))
            for row in read("provinces_legacy")
        ),
    )  # fmt: skip


def _surnames(database: Session) -> InfoTable:
    percents = [kinh_percent(region) for region in REGIONS]
    shown = [
        sorted(percent, key=percent.__getitem__, reverse=True)[:_SURNAMES_SHOWN]
        for percent in percents
    ]
    names = sorted(set(chain.from_iterable(shown)))
    marks = ", ".join("?" * len(names))
    counts = _counts(database, _SURNAMES % marks, *names, of=_region)
    rows = []
    for index, (region, percent) in enumerate(zip(REGIONS, percents, strict=True)):
        people = sum(count for (of, _), count in counts.items() if of == index)
        every = sum(percent.values())
        for name in shown[index]:
            built = _percent(counts[index, name], people)
            rows.append(InfoRow(f"{region} {name}", _percent(percent[name], every), built))
    return InfoTable("Surnames of the Kinh, by region", tuple(rows))


def _away(database: Session, meta: dict[str, str]) -> InfoTable:
    stays = _counts(database, _STAYS, int(ResidenceKind.TEMPORARY), of=_province)
    permanent = _counts(database, _PROVINCES, of=_province)
    everywhere = _percent(sum(stays.values()), sum(permanent.values()))
    key = (_BINH_DUONG, 0)
    there = stays.get(key, 0)
    in_binh_duong = _percent(there, there + permanent.get(key, 0))
    aimed = 100 * float(json.loads(meta["shares"])["temporary"])
    return InfoTable(
        "Temporary residence",
        (
            InfoRow("of all citizens", aimed, everywhere),
            InfoRow("of those registered either way in old Bình Dương", None, in_binh_duong),
        ),
    )


def _defects(database: Session, meta: dict[str, str]) -> InfoTable:
    shares = json.loads(meta["shares"])
    filters = [one for _, _, what, of in _DEFECTS for one in (what, of)]
    counts = ", ".join(f"count(*) FILTER (WHERE {one})" for one in filters)
    found = database.execute(f"SELECT {counts} FROM citizen").fetchone()  # noqa: S608 - ours
    rows = (
        InfoRow(label, 100 * shares[share], _percent(found[2 * turn], found[2 * turn + 1]))
        for turn, (label, share, _, _) in enumerate(_DEFECTS)
    )
    return InfoTable("Defects", tuple(rows))
