"""Records as rows of the register's tables: the only place where strings are made."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from itertools import repeat

import numpy as np

from mock_population_db.citizen import CodeEpoch, Conversion, ResidenceKind
from mock_population_db.generate.names import name_tables
from mock_population_db.generate.places import STREETS
from mock_population_db.generate.records import REASONS, Records, Spoiled
from mock_population_db.store.rows import CITIZEN_COLUMNS, Row

_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}


_AFTER_MARITAL = (
    "birth_commune", "registered_commune", "native_commune", "household", "relation",
    "resident_since", "father", "mother", "spouse", "document", "issued", "expires", "vital_date",
)  # fmt: skip
_STAY = (
    "stay_household", "stay_relation", "stay_since", "stay_until",
    "current_commune", "current_since",
)  # fmt: skip
# columns of ``citizen``, by position, that have 0 in ``bare_citizens`` for what is not recorded
ZERO_IS_NULL = frozenset(
    CITIZEN_COLUMNS.index(name)
    for name in ("birth", "old_id", "ethnic", "nationality", *_AFTER_MARITAL, "extra")
)


def citizens(people: Records) -> list[Row]:
    """Rows of ``citizen``, in the order of the records."""
    return _citizens(people, _known, None)


def bare_citizens(people: Records) -> list[Row]:
    """The same, with 0 for NULL in the columns ``ZERO_IS_NULL``.

    sqlite3 spends 0.4 µs on every None that it is given, half of the time to insert a citizen.
    """
    return _citizens(people, _bare, 0)


def _citizens(
    people: Records, column: Callable[[Records, str], list[int | None]], blank: int | None
) -> list[Row]:
    """Rows whose nullable numbers are read by ``column``, and which have ``blank`` for NULL."""
    family, middle, given = names(people)
    unknown = (people["spoiled"] & Spoiled.NO_NATIONALITY) != 0
    nationality = ["" if gone else blank for gone in unknown.tolist()]
    religion = [None if code < 0 else code for code in people["religion"].tolist()]
    return list(
        zip(
            people["id"].tolist(), family, middle, given,
            column(people, "birth"), column(people, "old_id"),
            people["vital"].tolist(), people["number_status"].tolist(),
            people["death_annulled"].tolist(), people["sex"].tolist(),
            column(people, "ethnic"), religion, nationality,
            people["blood"].tolist(), people["marital"].tolist(),
            *(column(people, name) for name in _AFTER_MARITAL),
            repeat(blank, len(people)), strict=True,
        )
    )  # fmt: skip


def households(records: Records) -> list[Row]:
    """Rows of ``household``."""
    detail = map(_detail, records["house"].tolist(), records["street"].tolist())
    return list(
        zip(
            records["id"].tolist(), records["kind"].tolist(), _known(records, "head"),
            records["commune"].tolist(), records["epoch"].tolist(),
            records["conversion"].tolist(), _known(records, "former"), detail, strict=True,
        )
    )  # fmt: skip


def stays(people: Records, epoch: CodeEpoch) -> list[Row]:
    """Rows of ``stay``: the address of a temporary stay is its household's."""
    result: list[Row] = []
    some = people[(people["stay_household"] > 0) | (people["current_commune"] > 0)]
    values = (some[name].tolist() for name in ("id", *_STAY))
    for id_, household, relation, since, until, commune, current in zip(*values, strict=True):
        if household:
            kind, nothing = int(ResidenceKind.TEMPORARY), (None,) * 5
            result.append((id_, kind, household, relation, since, until, *nothing))
        if commune:
            address = (commune, int(epoch), int(Conversion.NATIVE), None, None)
            result.append((id_, int(ResidenceKind.CURRENT), None, None, current, None, *address))
    return result


def steps(records: Records) -> list[Row]:
    """Rows of ``number_step``."""
    return [
        (former, successor, day, REASONS[reason])
        for former, successor, day, reason in records.tolist()
    ]


def _known(records: Records, column: str) -> list[int | None]:
    return [value or None for value in records[column].tolist()]


def _bare(records: Records, column: str) -> list[int | None]:
    values: list[int | None] = records[column].tolist()
    return values


def names(people: Records) -> tuple[list[str | None], list[str | None], list[str | None]]:
    """Family, middle and given names as they are stored, defects included."""
    strings: list[str | None] = [text or None for text in name_tables().strings]
    parts = [[strings[i] for i in people[name].tolist()] for name in ("family", "middle", "given")]
    for row in np.flatnonzero(people["second"]).tolist():
        parts[1][row] = f"{strings[people['second'][row]]} {parts[1][row]}"
    bits = Spoiled.ONE_FIELD | Spoiled.LOOK_ALIKE | Spoiled.HALF_DECOMPOSED
    for row in np.flatnonzero(people["spoiled"] & bits).tolist():
        spoiled = _spoil(tuple(part[row] for part in parts), int(people["spoiled"][row]))
        for part, text in zip(parts, spoiled, strict=True):
            part[row] = text
    return parts[0], parts[1], parts[2]


@lru_cache(maxsize=100_000)
def _spoil(parts: tuple[str | None, ...], defect: int) -> tuple[str | None, ...]:
    """The stored parts of a name that suffers from ``defect``."""
    if defect & Spoiled.ONE_FIELD:
        parts = (None, None, " ".join(part for part in parts if part))
    if defect & Spoiled.LOOK_ALIKE:
        parts = tuple(part and part.replace("Đ", "Ð") for part in parts)
    if defect & Spoiled.HALF_DECOMPOSED:
        parts = tuple(part and half_decomposed(part) for part in parts)
    return parts


def half_decomposed(text: str) -> str:
    """As windows-1258 writes it: letters whole, tones as marks that follow them."""
    return "".join(_tone_after(letter) for letter in text)


def _tone_after(letter: str) -> str:
    pieces = unicodedata.normalize("NFD", letter)
    tones = "".join(mark for mark in pieces if mark in _TONES)
    rest = "".join(mark for mark in pieces if mark not in _TONES)
    return unicodedata.normalize("NFC", rest) + tones


@lru_cache(maxsize=100_000)
def _detail(house: int, street: int) -> str:
    return f"Số {house}, {STREETS[street]}"
