"""What was built against what was aimed at, read from a population's database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mock_population_db.citizen import CodeEpoch, ResidenceKind, Sex
from mock_population_db.generate.names import REGIONS, kinh_percent, regions
from mock_population_db.generate.tables import BANDS, load, read

_SURNAMES_SHOWN = 8  # of each region
_LARGEST_SIZE = 8  # 8 stands for 8 and more
_BINH_DUONG = 74
_AGES = """
    SELECT min((? - birth) / 50000, ?), sex, count(*) FROM citizen
    WHERE birth IS NOT NULL AND household >= 1000 GROUP BY 1, 2
"""
_SIZES = """
    SELECT min(members, ?), 0, count(*) FROM
      (SELECT count(*) AS members FROM citizen WHERE household >= 1000 GROUP BY household)
    GROUP BY 1
"""
_AREA = """
    CREATE TEMP TABLE area (epoch INTEGER, commune INTEGER, province INTEGER, region INTEGER,
                            PRIMARY KEY (epoch, commune)) WITHOUT ROWID
"""
# CROSS JOIN keeps SQLite to this order: each household's commune is looked up in ``area``
_AREA_OF_HOUSEHOLD = """
    CROSS JOIN household h ON h.id = x.household
    CROSS JOIN area a ON a.epoch = h.epoch AND a.commune = h.commune
"""
_PROVINCES = f"""
    SELECT province, 0, count(*) FROM citizen x {_AREA_OF_HOUSEHOLD}
    WHERE x.household >= 1000 GROUP BY 1
"""  # noqa: S608 - our own text
_SURNAMES = f"""
    SELECT region, family, count(*) FROM citizen x {_AREA_OF_HOUSEHOLD}
    WHERE x.household >= 1000 AND ethnic = 1 AND family IS NOT NULL GROUP BY 1, 2
"""  # noqa: S608 - our own text
_STAYS = f"""
    SELECT province, 0, count(*) FROM stay x {_AREA_OF_HOUSEHOLD}
    WHERE x.kind = ? AND x.household >= 1000 GROUP BY 1
"""  # noqa: S608 - our own text
_DEFECTS = (
    ("year of birth only", "year_only", "birth > 0 AND birth % 10000 = 0 AND birth < 19600000",
     "birth < 19600000"),
    ("whole name in one field", "whole_name_in_given", "family IS NULL AND given LIKE '% %'", "1"),
    ("ethnic group not recorded", "no_ethnic", "ethnic IS NULL", "1"),
    ("dead, still on file", "dead", "vital = 2", "1"),
    ("declared missing", "declared_missing", "vital = 3", "1"),
    ("number cancelled and set up again", "renumbered",
     "id IN (SELECT successor FROM number_step)", "1"),
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


def describe(path: Path) -> PopulationInfo:
    """Read the whole population at ``path``; a second or two for each million citizens."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        meta = dict(database.execute("SELECT key, value FROM meta"))
        _create_area(database)
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
    database: sqlite3.Connection, query: str, *values: int
) -> dict[tuple[int, int | str], int]:
    return {(row[0], row[1]): row[2] for row in database.execute(query, values)}


def _percent(count: float, of: float) -> float:
    return 100 * count / of if of else 0.0


def _table(title: str, lines: Iterable[tuple[str, float, float]]) -> InfoTable:
    """Scale both columns to percent of their sums."""
    lines = list(lines)
    aimed, built = sum(line[1] for line in lines), sum(line[2] for line in lines)
    rows = (InfoRow(name, _percent(a, aimed), _percent(b, built)) for name, a, b in lines)
    return InfoTable(title, tuple(rows))


def _create_area(database: sqlite3.Connection) -> None:
    """A temporary table: legacy province and region of every commune of both epochs."""
    provinces, of_legacy = load().provinces, load().communes.province_of_legacy
    region = regions()
    rows = []
    for row in read("communes_legacy"):
        if row["code"]:
            index = int(of_legacy[int(row["code"])])
            rows.append((CodeEpoch.LEGACY, int(row["code"]), index))
    current = load().communes.current.groups()
    rows += [(CodeEpoch.Y2025, code, index) for index, codes in current for code in codes]
    database.execute(_AREA)
    full = [
        (int(epoch), code, int(provinces.codes[index]), int(region[index]))
        for epoch, code, index in rows
    ]
    database.executemany("INSERT INTO area VALUES (?, ?, ?, ?)", full)


def _age_and_sex(database: sqlite3.Connection, as_of: str) -> InfoTable:
    counts = _counts(database, _AGES, int(as_of.replace("-", "")), BANDS - 1)
    return _table(
        "Age and sex",
        (
            (f"{row['age']} {sex.name.lower()}", float(row[f"{sex.name.lower()}_thousand"]),
             counts.get((band, int(sex)), 0))
            for band, row in enumerate(read("age_pyramid_2024"))
            for sex in (Sex.MALE, Sex.FEMALE)
        ),
    )  # fmt: skip


def _household_sizes(database: sqlite3.Connection) -> InfoTable:
    counts = _counts(database, _SIZES, _LARGEST_SIZE)
    return _table(
        "Household size",
        (
            (row["members"], float(row["percent"]), counts.get((int(row["members"]), 0), 0))
            for row in read("household_size")
        ),
    )


def _provinces(database: sqlite3.Connection) -> InfoTable:
    counts = _counts(database, _PROVINCES)
    return _table(
        "Permanent residence, by the provinces before 2025-07-01",
        (
            (f"{row['id_code']} {row['name']}", float(row["population_2023_thousand"]),
             counts.get((int(row["id_code"]), 0), 0))
            for row in read("provinces_legacy")
        ),
    )  # fmt: skip


def _surnames(database: sqlite3.Connection) -> InfoTable:
    counts = _counts(database, _SURNAMES)
    rows = []
    for index, region in enumerate(REGIONS):
        people = sum(count for (of, _), count in counts.items() if of == index)
        percent = kinh_percent(region)
        every = sum(percent.values())
        for name in sorted(percent, key=percent.__getitem__, reverse=True)[:_SURNAMES_SHOWN]:
            built = _percent(counts.get((index, name), 0), people)
            rows.append(InfoRow(f"{region} {name}", _percent(percent[name], every), built))
    return InfoTable("Surnames of the Kinh, by region", tuple(rows))


def _away(database: sqlite3.Connection, meta: dict[str, str]) -> InfoTable:
    stays = _counts(database, _STAYS, ResidenceKind.TEMPORARY)
    permanent = _counts(database, _PROVINCES)
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


def _defects(database: sqlite3.Connection, meta: dict[str, str]) -> InfoTable:
    shares = json.loads(meta["shares"])
    sums = ", ".join(f"sum({what}), sum({of})" for _, _, what, of in _DEFECTS)
    found = database.execute(f"SELECT {sums} FROM citizen").fetchone()  # noqa: S608 - ours
    rows = (
        InfoRow(label, 100 * shares[share], _percent(found[2 * turn] or 0, found[2 * turn + 1]))
        for turn, (label, share, _, _) in enumerate(_DEFECTS)
    )
    return InfoTable("Defects", tuple(rows))
