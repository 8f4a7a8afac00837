"""The synthetic population: what holds for every citizen and household."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from mock_population_db.generate.build import build_population
from mock_population_db.generate.info import InfoTable, describe
from mock_population_db.generate.shares import Shares
from mock_population_db.generate.tables import read

SIZE = 20_000
AS_OF = date(2026, 1, 1)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A population with the default shares."""
    path = tmp_path_factory.mktemp("population") / "population.db"
    build_population(path, size=SIZE, seed=7, as_of=AS_OF)
    return path


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A population without defects."""
    path = tmp_path_factory.mktemp("clean") / "population.db"
    nothing = dict.fromkeys(Shares.__dataclass_fields__, 0.0)
    build_population(path, size=SIZE, seed=7, as_of=AS_OF, shares=Shares(**nothing))
    return path


@pytest.fixture
def register(path: Path) -> Iterator[sqlite3.Connection]:
    """The population with defects."""
    with closing(sqlite3.connect(path)) as database:
        yield database


@pytest.fixture
def flawless(clean: Path) -> Iterator[sqlite3.Connection]:
    """The population without defects."""
    with closing(sqlite3.connect(clean)) as database:
        yield database


def _count(database: sqlite3.Connection, query: str) -> int:
    (found,) = database.execute("SELECT count(*) FROM " + query).fetchone()  # noqa: S608 - ours
    return int(found)


def test_as_many_citizens_as_asked(register: sqlite3.Connection) -> None:
    """The size is exact; numbers are unique as the key of the table."""
    assert _count(register, "citizen") == SIZE


def test_numbers_name_a_province_and_leave_the_personas_room(register: sqlite3.Connection) -> None:
    """The place is a province code of the day of birth; serials below 1,000 are not used."""
    legacy = {int(row["id_code"]) for row in read("provinces_legacy")}
    current = {int(row["code"]) for row in read("provinces_2025")}
    for id_, birth in register.execute("SELECT id, ifnull(birth, 0) FROM citizen"):
        assert id_ // 10**9 in (current if birth >= 20250701 else legacy)
        assert id_ % 10**6 >= 1000
    assert _count(register, "citizen WHERE old_id < 1000000") == 0
    assert _count(register, "household WHERE id < 1000") == 0


def test_numbers_agree_with_birth_and_sex(flawless: sqlite3.Connection) -> None:
    """Century and sex digit and year are those of the record, where nothing is spoiled."""
    for id_, birth, sex in flawless.execute("SELECT id, birth, sex FROM citizen"):
        year = birth // 10000
        assert id_ // 10**8 % 10 == 2 * (year // 100 - 19) + sex - 1
        assert id_ // 10**6 % 100 == year % 100


def test_parents_are_older_and_of_the_right_sex(flawless: sqlite3.Connection) -> None:
    """Mothers are at least 15 years older than their children, fathers 16; both are on file."""
    gaps = "SELECT (c.birth - p.birth) / 10000, p.sex FROM citizen c JOIN citizen p ON p.id = c."
    fathers = flawless.execute(gaps + "father").fetchall()
    mothers = flawless.execute(gaps + "mother").fetchall()
    assert len(fathers) > SIZE / 4
    assert len(mothers) > SIZE / 4
    assert all(gap >= 15 and sex == 1 for gap, sex in fathers)
    assert all(15 <= gap <= 51 and sex == 2 for gap, sex in mothers)
    assert len(fathers) == _count(flawless, "citizen WHERE father IS NOT NULL")


def test_children_carry_a_parents_surname(flawless: sqlite3.Connection) -> None:
    """The father's surname where the father is known (groups that name by clan left out)."""
    others = flawless.execute(
        "SELECT c.family, p.family FROM citizen c JOIN citizen p ON p.id = c.father"
        " WHERE c.ethnic IN (1, 2, 4, 5, 6) AND p.ethnic = c.ethnic"
    ).fetchall()
    assert len(others) > SIZE / 5
    assert all(child == father for child, father in others)


def test_spouses_name_each_other_and_are_near_in_age(flawless: sqlite3.Connection) -> None:
    """A spouse's spouse is the citizen; the sexes differ; both are married."""
    couples = flawless.execute(
        "SELECT a.id, b.spouse, a.sex, b.sex, a.marital, abs(a.birth - b.birth) / 10000"
        " FROM citizen a JOIN citizen b ON b.id = a.spouse"
    ).fetchall()
    assert len(couples) > SIZE / 3
    for citizen, back, sex, other, marital, gap in couples:
        assert (citizen, sex, marital) == (back, 3 - other, 2)
        assert gap < 25


@pytest.mark.parametrize("kind", [1, 2])
def test_every_household_has_members_and_one_head(path: Path, kind: int) -> None:
    """The head lives there as the head; only a household whose head is dead is vacant."""
    permanent = "SELECT household, id, relation FROM citizen WHERE household > 0"
    temporary = "SELECT household, citizen, relation FROM stay WHERE household > 0"
    with closing(sqlite3.connect(path)) as database:
        heads = dict(database.execute("SELECT id, head FROM household WHERE kind = ?", (kind,)))
        found: dict[int, list[int]] = {}
        members = database.execute(permanent if kind == 1 else temporary).fetchall()
        dead = {row[0] for row in database.execute("SELECT id FROM citizen WHERE vital IN (2, 4)")}
    for household, person, relation in members:
        if relation == 1:
            found.setdefault(household, []).append(person)
    assert {household for household, _, _ in members} == set(heads) == set(found)
    for household, head in heads.items():
        (only,) = found[household]
        assert head == only or (head is None and only in dead)


@pytest.mark.parametrize(("as_of", "epoch"), [(date(2025, 6, 30), 1), (AS_OF, 2)])
def test_communes_exist_in_their_epoch(tmp_path: Path, as_of: date, epoch: int) -> None:
    """Every code is in the table of its epoch; former communes are legacy ones."""
    build_population(tmp_path / "p.db", size=5000, seed=1, as_of=as_of)
    legacy = {int(row["code"]) for row in read("communes_legacy") if row["code"]}
    known = {1: legacy, 2: {int(row["code"]) for row in read("communes_2025")}}
    with closing(sqlite3.connect(tmp_path / "p.db")) as database:
        query = "SELECT commune, epoch, conversion, former FROM household"
        rows = database.execute(query).fetchall()
    assert {row[1] for row in rows} == ({1} if epoch == 1 else {1, 2})
    for commune, of, conversion, former in rows:
        assert commune in known[of]
        assert (former in legacy) == (conversion in {2, 3})
        assert (conversion == 4) == (of < epoch)


def test_nothing_lies_after_the_as_of_date(register: sqlite3.Connection) -> None:
    """Births, cards, moves and deaths are of the past; ends of stays may lie ahead."""
    for column in ("birth", "issued", "resident_since", "vital_date"):
        assert _count(register, f"citizen WHERE {column} > 20260101") == 0
    assert _count(register, "stay WHERE since > 20260101") == 0
    assert 0 < _count(register, "stay WHERE until < 20260101") < SIZE / 80


def test_cards_follow_age_and_day(flawless: sqlite3.Connection) -> None:
    """Few children have a card; the new card starts 2024-07-01; from 60 on there is no term."""
    children = _count(flawless, "citizen WHERE birth > 20120101")
    assert _count(flawless, "citizen WHERE birth > 20120101 AND document > 0") < children / 10
    assert _count(flawless, "citizen WHERE document = 5 AND issued < 20240701") == 0
    assert _count(flawless, "citizen WHERE document IN (2, 3, 4) AND issued > 20240701") == 0
    old = "birth < 19600101 AND document IN (4, 5)"
    assert _count(flawless, f"citizen WHERE {old}") > SIZE / 20
    assert _count(flawless, f"citizen WHERE {old} AND expires > 0") == 0


def test_former_numbers_lead_to_citizens(register: sqlite3.Connection) -> None:
    """A cancelled number is nobody's, and its chain ends at somebody's, in order of time."""
    steps = {row[0]: row for row in register.execute("SELECT * FROM number_step")}
    people = {row[0] for row in register.execute("SELECT id FROM citizen")}
    assert steps
    for former, successor, day, _ in steps.values():
        assert former not in people
        assert successor in people or steps[successor][2] >= day


def test_defects_occur_in_their_shares(register: sqlite3.Connection) -> None:
    """Each documented defect is there, about as often as its share says."""
    old = _count(register, "citizen WHERE birth < 19600000")
    year_only = _count(register, "citizen WHERE birth < 19600000 AND birth % 10000 = 0")
    assert year_only / old == pytest.approx(0.06, rel=0.3)
    assert _count(register, "citizen WHERE given LIKE '% %'") / SIZE == pytest.approx(0.03, rel=0.2)
    assert _count(register, "citizen WHERE vital = 2") / SIZE == pytest.approx(0.006, rel=0.4)
    shared = "(SELECT old_id FROM citizen WHERE old_id > 0 GROUP BY 1 HAVING count(*) = 2)"
    assert 5 < _count(register, shared) < 40
    assert _count(register, "citizen WHERE given LIKE '%' || char(803) || '%'") > 0


def _tables(path: Path) -> dict[str, InfoTable]:
    return {table.title: table for table in describe(path).tables}


@pytest.mark.parametrize(
    ("title", "tolerance"),
    [("Age and sex", 0.6), ("Household size", 1.5), ("Temporary residence", 1.5), ("Defects", 1.0)],
)
def test_built_is_near_what_was_aimed_at(path: Path, title: str, tolerance: float) -> None:
    """Percentages differ by less than the tolerance, in points."""
    for row in _tables(path)[title].rows:
        if row.aimed is not None:
            assert abs(row.aimed - row.built) < tolerance, row


def test_people_live_where_people_live(path: Path) -> None:
    """Provinces get their share, and workers fill old Bình Dương."""
    tables = _tables(path)
    (provinces,) = (table for title, table in tables.items() if title.startswith("Permanent"))
    for row in provinces.rows:
        assert row.aimed is not None
        assert row.built == pytest.approx(row.aimed, abs=0.3 + row.aimed / 8)
    assert tables["Temporary residence"].rows[1].built > 38


def test_surnames_differ_by_region(path: Path) -> None:
    """Hoàng and Vũ in the north, Huỳnh and Võ in the south."""
    rows = {row.label: row for row in _tables(path)["Surnames of the Kinh, by region"].rows}
    assert rows["north Nguyễn"].built == pytest.approx(34, abs=5)
    assert {"north Vũ", "north Hoàng", "south Huỳnh", "south Võ"} <= set(rows)
    assert "north Huỳnh" not in rows
