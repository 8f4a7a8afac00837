"""Samples of a population for other systems to hold, and its content as one digest."""

from __future__ import annotations

import csv
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from itertools import islice
from math import gcd
from pathlib import Path
from typing import TextIO

from mock_population_db.citizen import CodeEpoch, PersonName
from mock_population_db.generate.rng import key_of
from mock_population_db.generate.tables import read
from mock_population_db.partial_date import PartialDate
from mock_population_db.store.asking import array, transaction
from mock_population_db.store.places import Place, open_to_read
from mock_population_db.store.sampling import DRAWN_HOUSEHOLDS

_GOLDEN = 0.618033988749895  # a step of this part of a range visits it evenly
_AT_ONCE = 200  # households
_LAST = "SELECT max(household) FROM citizen WHERE household < ?"
_MEMBERS = """
    SELECT c.id, c.old_id, c.family, c.middle, c.given, c.birth, c.sex, h.commune, h.epoch
    FROM json_each(?) AS k
    CROSS JOIN citizen AS c ON c.household = k.value
    CROSS JOIN household AS h ON h.id = c.household
    ORDER BY k.key, c.id
"""
_CONTENT = (
    "SELECT * FROM citizen ORDER BY id",
    "SELECT * FROM household ORDER BY id",
    "SELECT * FROM stay ORDER BY citizen, kind",
    "SELECT * FROM number_step ORDER BY former",
)


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A citizen as another system might hold one. Empty: not recorded."""

    personal_id: str  # 12 digits
    old_id_number: str  # 9 digits
    full_name: str
    birth_date: str  # YYYY[-MM[-DD]]
    sex: str  # 1 male, 2 female, as on the real link
    province_code: str  # of permanent residence, in the codes of its epoch
    commune_code: str


def sample(place: Place, *, limit: int, seed: int = 0) -> Iterator[ExportRow]:
    """At most ``limit`` citizens, in whole households drawn by ``seed``.

    The same people, limit and seed give the same rows in the same order, from a file or a
    database. Nobody comes twice; personas, people that somebody added and people without a
    permanent residence do not come.

    Raises:
        PopulationError: there is no register at ``place`` that this program reads.
    """
    provinces = _provinces()
    with open_to_read(place) as database, transaction(database):
        first, end = DRAWN_HOUSEHOLDS
        (last,) = database.execute(_LAST, (end,)).fetchone()
        households = _walk(first, (last or 0) + 1, seed)
        members = (
            row
            for some in iter(lambda: array(islice(households, _AT_ONCE)), array(()))
            for row in database.execute(_MEMBERS, (some,))
        )
        for row in islice(members, limit):
            yield _export_row(row, provinces)


def write_csv(rows: Iterable[ExportRow], stream: TextIO) -> int:
    """Write a header and the rows; return how many. Open the stream with ``newline=""``."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(field.name for field in fields(ExportRow))
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the count is what is returned
        writer.writerow(asdict(row).values())
    return count


def write_json_lines(rows: Iterable[ExportRow], stream: TextIO) -> int:
    """Write one JSON object a line; return how many."""
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007 - the count is what is returned
        stream.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")
    return count


def content_digest(path: Path) -> str:
    """SHA-256, hexadecimal, of every row of the register but ``meta``, read in key order.

    A row is the JSON array of its values, followed by a line feed.
    """
    total = hashlib.sha256()
    with closing(_open(path)) as database:
        for query in _CONTENT:
            for row in database.execute(query):
                total.update(json.dumps(row, ensure_ascii=False).encode() + b"\n")
    return total.hexdigest()


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _walk(start: int, stop: int, seed: int) -> Iterator[int]:
    """Every number of the range once, evenly scattered."""
    size = stop - start
    if size <= 0:
        return
    step = max(1, int(size * _GOLDEN))
    while gcd(step, size) != 1:
        step += 1
    first = int(key_of(seed, "export")) % size
    for turn in range(size):
        yield start + (first + turn * step) % size


def _provinces() -> dict[tuple[int, int], str]:
    """Province code by (epoch, commune code)."""
    result = {}
    for epoch, table in ((CodeEpoch.LEGACY, "communes_legacy"), (CodeEpoch.Y2025, "communes_2025")):
        for row in read(table):
            if row["code"]:
                result[int(epoch), int(row["code"])] = row["province_code"]
    return result


def _export_row(
    row: tuple[int, int | None, str | None, str | None, str | None, int | None, int, int, int],
    provinces: dict[tuple[int, int], str],
) -> ExportRow:
    id_, old_id, family, middle, given, birth, sex, commune, epoch = row
    return ExportRow(
        personal_id=f"{id_:012d}",
        old_id_number="" if old_id is None else f"{old_id:09d}",
        full_name=PersonName(family or "", middle or "", given or "").full,
        birth_date="" if birth is None else str(PartialDate.from_int(birth)),
        sex=str(sex),
        province_code=provinces[epoch, commune],
        commune_code=f"{commune:05d}",
    )
