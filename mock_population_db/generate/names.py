"""Names by cohort, sex, region and ethnic group.

A name is four indexes into one list of strings: family, a second middle part, middle, given;
0 is the empty string. Strings are looked up only when rows are rendered.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np

from mock_population_db.generate.rng import Choice, Draws, Ints
from mock_population_db.generate.tables import load, read

REGIONS = ("north", "centre_north", "centre_south", "south", "nghe_an")
_REGION_ENDS = (37, 46, 68, 96)  # the last province code of each region
_NGHE_AN = 40
_COHORTS = (1900, 1965, 1985, 2000)  # first birth years of the cohorts of given names
_FAVOURED = 12.0  # weight of a given name that its cohort favours, against 1
# birth years, and the share that has the middle name Văn (men) or Thị (women) there
_SHARE_YEARS = (1900, 1965, 1985, 1995, 2005, 2026)
_SHARE_VAN = (0.62, 0.58, 0.42, 0.20, 0.06, 0.02)
_SHARE_THI = (0.85, 0.80, 0.62, 0.33, 0.10, 0.03)
_THI_AND_MORE = 0.30  # Nguyễn Thị Thanh Hương
_NO_MIDDLE = 0.04  # of those born before 1965
_TWO_SURNAMES = 0.02  # of those born since 1995: father's and mother's
_TWO_PART_PERCENT = {"Tôn Thất": 0.10, "Nguyễn Phước": 0.06, "Hoàng Phủ": 0.02}
_PAIR = 1 << 15  # a middle and a given name in one number


class Style(IntEnum):
    """How a group builds its names (model, after public descriptions)."""

    KINH = 0
    HMONG = 1  # Giàng A Páo, Vàng Thị Mai
    EDE = 2  # Y Thanh Niê, H'Hen Niê
    JARAI = 3  # Siu Bơ, Ksor H'Bơ
    BANA = 4  # A Bình, Y Ngọc: no surname
    KOHO = 5  # K'Brể, Ka Hiền: no surname


@dataclass(slots=True)
class Names:
    """The parts of people's names, as indexes into ``NameTables.strings``."""

    family: Ints
    second: Ints
    middle: Ints
    given: Ints


class NameTables:
    """The list of strings and the weighted choices over it."""

    def __init__(self) -> None:
        """Read the tables of names."""
        self.strings: list[str] = [""]
        self._known: dict[str, int] = {"": 0}
        self.style = np.zeros(100, dtype=np.int64)  # by ethnic code
        self.minority_group = np.full(100, -1, dtype=np.int64)  # group of surnames, by code
        self.surname = self._surnames()
        self.pair = self._pairs()
        self.given = self._givens()
        self.plain, self.prefixed = self._highland("{}"), self._highland("H'{}")
        self.koho = self._highland("K'{}")
        self.van, self.thi, self.a, self.y, self.ka = map(
            self.index, ("Văn", "Thị", "A", "Y", "Ka")
        )

    def index(self, text: str) -> int:
        """The index of ``text``, which is added if it is new."""
        if text not in self._known:
            self._known[text] = len(self.strings)
            self.strings.append(text)
        return self._known[text]

    def _surnames(self) -> Choice:
        """Groups 0-4 are the Kinh of each region, the others the minorities."""
        rows = [kinh_percent(region) for region in REGIONS]
        for row in read("minority_names"):
            code = int(row["code"])
            self.style[code] = Style[row["style"].upper()]
            self.minority_group[code] = len(rows)
            names = row["surnames"].split(";")
            rows.append({name: 1 / (2 + rank) for rank, name in enumerate(names)})
        values = [[self.index(name) for name in row] for row in rows]
        return Choice(values, [list(row.values()) for row in rows])

    def _pairs(self) -> Choice:
        """Middle and given names that go together, by sex and cohort."""
        favoured = _favoured()
        values: list[list[int]] = []
        weights: list[list[float]] = []
        rows = [(row["middle_and_given"].rsplit(" ", 1), row["sex"]) for row in read("given_names")]
        for sex in ("male", "female"):
            pairs = [parts for parts, of in rows if of == sex and len(parts) > 1]
            for liked in favoured[sex]:
                values.append([self.index(a) * _PAIR + self.index(b) for a, b in pairs])
                weights.append([_FAVOURED if b in liked else 1.0 for _, b in pairs])
        return Choice(values, weights)

    def _givens(self) -> Choice:
        """Given names that follow Văn or Thị, by sex and cohort."""
        cohorts = [liked for sex in ("male", "female") for liked in _favoured()[sex]]
        values = [[self.index(name) for name in liked] for liked in cohorts]
        return Choice(values, [[1 / (5 + rank) for rank in range(len(row))] for row in values])

    def _highland(self, pattern: str) -> Choice:
        """Given names of the highland styles, by style and sex, as the pattern writes them."""
        groups: list[list[int]] = [[0]] * (2 * len(Style))
        for row in read("highland_names"):
            group = 2 * Style[row["style"].upper()] + (row["sex"] == "female")
            groups[group] = [self.index(pattern.format(name)) for name in row["names"].split()]
        return Choice(groups, [[1.0] * len(group) for group in groups])


@cache
def name_tables() -> NameTables:
    """The tables of names, read once."""
    return NameTables()


def _favoured() -> dict[str, list[list[str]]]:
    result: dict[str, list[list[str]]] = {"male": [], "female": []}
    for row in read("given_by_cohort"):
        result[row["sex"]].append(row["names"].split())
    return result


def kinh_percent(region: str) -> dict[str, float]:
    """Percent of each surname among the Kinh of a region, not yet scaled to 100."""
    factor = {
        row["surname"]: float(row["factor"])
        for row in read("surname_regions")
        if row["region"] == region
    }
    minority = {name for row in read("minority_names") for name in row["surnames"].split(";")}
    percent = {
        row["surname"]: float(row["percent"]) * factor.get(row["surname"], 1.0)
        for row in read("surnames")
        if float(row["percent"]) >= 0.3 or row["surname"] not in minority  # noqa: PLR2004 - shared
    }
    return percent | (_TWO_PART_PERCENT if region != "north" else {})


def regions() -> Ints:
    """The index in ``REGIONS`` of each legacy province."""
    codes = load().provinces.codes
    region: Ints = np.searchsorted(np.array(_REGION_ENDS), codes)
    return np.where(codes == _NGHE_AN, REGIONS.index("nghe_an"), region)


def surname_group(ethnic: Ints, region: Ints) -> Ints:
    """The group of surnames for people of an ethnic group in a region."""
    group = name_tables().minority_group[ethnic]
    return np.where(group < 0, region, group)


def make_names(
    draws: Draws, sex: Ints, year: Ints, ethnic: Ints, surname: Ints, mothers: Ints
) -> Names:
    """Names for people with these surnames; ``mothers`` is their mother's surname or 0."""
    tables, count = name_tables(), len(sex)
    cohort = np.searchsorted(np.array(_COHORTS), year, side="right") - 1
    group = (sex - 1) * len(_COHORTS) + np.maximum(cohort, 0)
    pair = tables.pair.pick(draws.raw("name pair", count), group)
    names = Names(surname.copy(), np.zeros_like(pair), pair // _PAIR, pair % _PAIR)
    _van_and_thi(draws, tables, names, sex, year, group)
    both = draws.chance("two surnames", count, _TWO_SURNAMES) & (year >= 1995)  # noqa: PLR2004
    both &= (mothers > 0) & (mothers != surname) & (names.second == 0)
    names.second = np.where(both, mothers, names.second)
    _highland_names(draws, tables, names, sex, tables.style[ethnic])
    return names


def _van_and_thi(
    draws: Draws, tables: NameTables, names: Names, sex: Ints, year: Ints, group: Ints
) -> None:
    count, male = len(sex), sex == 1
    van = np.interp(year, _SHARE_YEARS, _SHARE_VAN)
    thi = np.interp(year, _SHARE_YEARS, _SHARE_THI)
    classic = draws.chance("van thi", count, np.where(male, van, thi))
    longer = classic & ~male & draws.chance("thi and more", count, _THI_AND_MORE)
    short = classic & ~longer
    given = tables.given.pick(draws.raw("name given", count), group)
    names.given = np.where(short, given, names.given)
    names.second = np.where(longer, tables.thi, 0)
    names.middle = np.where(short, np.where(male, tables.van, tables.thi), names.middle)
    bare = draws.chance("no middle", count, _NO_MIDDLE) & (year < _COHORTS[1]) & ~longer
    names.middle = np.where(bare, 0, names.middle)


def _highland_names(draws: Draws, tables: NameTables, names: Names, sex: Ints, style: Ints) -> None:
    who = np.flatnonzero(style != Style.KINH)
    style, female, clan = style[who], sex[who] - 1, names.family[who]
    raw, group = draws.raw("highland", len(who)), 2 * style + female
    plain, prefixed = tables.plain.pick(raw, group), tables.prefixed.pick(raw, group)
    koho, woman = tables.koho.pick(raw, group), female == 1
    in_ede, in_jarai = style == Style.EDE, style == Style.JARAI
    in_bana, in_koho, in_hmong = style == Style.BANA, style == Style.KOHO, style == Style.HMONG
    family = np.where(in_ede, np.where(woman, prefixed, tables.y), clan)
    family = np.where(in_bana, np.where(woman, tables.y, tables.a), family)
    family = np.where(in_koho, np.where(woman, tables.ka, 0), family)
    middle = np.where(in_hmong, np.where(woman, tables.thi, tables.a), 0)
    given = np.where(in_ede, clan, np.where(in_jarai & woman, prefixed, plain))
    names.family[who] = family
    names.second[who] = 0
    names.middle[who] = np.where(in_ede & ~woman, plain, middle)
    names.given[who] = np.where(in_koho & ~woman, koho, given)
