"""Days of a register: what happens goes through the register's rules, and comes out the same."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mock_population_db.changes import ChangeCause, ChangeKind
from mock_population_db.life.account import Account, lived
from mock_population_db.life.living import Life, Tally
from mock_population_db.life.rates import Happening
from mock_population_db.personas import rows_of
from mock_population_db.personas_file import load_personas_file
from mock_population_db.store.install import install_personas
from mock_population_db.store.sqlite import SqlitePopulation
from tests.support.registers import build_register, copy_register, digest_of, reading

AS_OF = date(2026, 1, 1)
DAYS = 30
_ADDED = """personal_id,full_name,birth_date,sex,commune_code
001090000099,Nguyễn Thị Thử,1990-05-12,FEMALE,00004
"""


def _clock(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC)


def _live(path: Path, days: int) -> Account:
    return asyncio.run(lived(path, days, _clock, lambda _: None))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register as it was built."""
    return build_register(tmp_path_factory.mktemp("life") / "population.db", 8_000, AS_OF)


@pytest.fixture(scope="module")
def account(built: Path) -> Account:
    """What a month did to a copy of it, which lies beside it."""
    return _live(copy_register(built, built.with_name("lived.db")), DAYS)


@pytest.fixture
def register(built: Path, account: Account) -> Iterator[sqlite3.Connection]:
    """The register after the month."""
    with reading(built.with_name("lived.db")) as connection:
        yield connection


def test_a_month(account: Account) -> None:
    """Everything happens, near what is aimed at, and the rules refuse hardly anything."""
    happened = {row.label: row.happened for row in account.rows}
    common = [Happening.BIRTH, Happening.DEATH, Happening.MARRIAGE, Happening.MOVE, Happening.CARD]
    assert all(happened[one] for one in common)
    aims = sum(row.aimed or 0 for row in account.rows)
    own = sum(row.happened for row in account.rows if row.aimed)
    assert own == pytest.approx(aims, rel=0.2)
    assert sum(account.refused.values()) < 0.02 * account.events
    assert (account.first, account.last) == (date(2026, 1, 2), date(2026, 1, 31))


def test_the_day_moves_on(register: sqlite3.Connection) -> None:
    """The register's day is the last one lived."""
    assert register.execute("SELECT value FROM meta WHERE key = 'day'").fetchone() == (
        "2026-01-31",
    )


def test_every_change_says_where_it_comes_from(
    register: sqlite3.Connection, account: Account
) -> None:
    """Changes and events have the cause LIFE, and each event of the account is there."""
    assert register.execute("SELECT DISTINCT cause FROM changes").fetchall() == [
        (ChangeCause.LIFE,)
    ]
    (events,) = register.execute("SELECT count(*) FROM event").fetchone()
    assert events == account.events


def test_personas_are_left_alone(register: sqlite3.Connection) -> None:
    """No change is about a persona."""
    found = "SELECT count(*) FROM changes WHERE subject % 1000000 < 1000"
    assert register.execute(found).fetchone() == (0,)


def test_newborns_join_their_parents(register: sqlite3.Connection) -> None:
    """A newborn has no residence at first, and three to ten days later that of a parent."""
    born = register.execute(
        "SELECT c.id, b.at, r.at, c.household, m.household, f.household FROM changes AS b"
        " JOIN citizen AS c ON c.id = b.subject JOIN citizen AS m ON m.id = c.mother"
        " LEFT JOIN citizen AS f ON f.id = c.father"
        " LEFT JOIN changes AS r ON r.subject = c.id AND r.kind = ? WHERE b.kind = ?",
        (ChangeKind.RESIDENCE, ChangeKind.BIRTH),
    ).fetchall()
    settled = [row for row in born if row[2] is not None]
    assert settled
    day = 86_400_000_000
    for _, at, joined, home, mothers, fathers in settled:
        assert 3 * day <= joined - at <= 10 * day
        assert home in (mothers, fathers)
    lately = _clock(AS_OF + timedelta(days=DAYS - 10)).timestamp() * 1_000_000
    for _, at, joined, home, _, _ in born:
        assert joined or (home is None and at > lately)


def test_the_dead_leave_their_households(register: sqlite3.Connection) -> None:
    """Who died some time ago lives nowhere, and no household is headed by them."""
    dead = register.execute(
        "SELECT c.id, c.household FROM changes AS d JOIN citizen AS c ON c.id = d.subject"
        " WHERE d.kind = ? AND d.at < ?",
        (ChangeKind.DEATH, (_clock(date(2026, 1, 20)).timestamp()) * 1_000_000),
    ).fetchall()
    assert dead
    assert all(home is None for _, home in dead)
    heads = {head for (head,) in register.execute("SELECT head FROM household")}
    assert heads.isdisjoint({one for one, _ in dead})


def test_heads_live_where_they_head(register: sqlite3.Connection) -> None:
    """However people moved, every head of a permanent household lives there as its head."""
    wrong = register.execute(
        "SELECT count(*) FROM household AS h JOIN citizen AS c ON c.id = h.head"
        " WHERE h.kind = 1 AND (c.household IS NOT h.id OR c.relation <> 1)"
    ).fetchone()
    assert wrong == (0,)


def test_couples_name_each_other(register: sqlite3.Connection) -> None:
    """Both sides of a marriage are written."""
    wed = register.execute(
        "SELECT a.id FROM changes AS m JOIN citizen AS a ON a.id = m.subject"
        " JOIN citizen AS b ON b.id = a.spouse"
        " WHERE m.kind = ? AND a.marital = 2 AND b.spouse <> a.id",
        (ChangeKind.MARITAL_STATUS,),
    ).fetchall()
    assert wed == []


def test_lived_alike_is_alike(built: Path, account: Account, tmp_path: Path) -> None:
    """Another copy, lived for the same days in two runs, has the same digest."""
    again = copy_register(built, tmp_path / "again.db")
    half = _live(again, DAYS // 2)
    assert half.digest != account.digest
    assert _live(again, DAYS - DAYS // 2).digest == account.digest
    assert digest_of(again) == account.digest


async def test_no_day_is_lived_twice(built: Path, tmp_path: Path) -> None:
    """Two processes that live one register take turns at its days."""
    path = copy_register(built, tmp_path / "shared.db")
    async with SqlitePopulation.open(path) as register:
        lives = [Life(register, path, 7, _clock) for _ in range(2)]
        tally = Tally()
        days = [await life.live(tally) for life in lives * 2]
    assert days == [AS_OF + timedelta(days=passed) for passed in (1, 2, 3, 4)]


async def test_people_of_the_user_are_left_alone(built: Path, tmp_path: Path) -> None:
    """Added people live on beside the others, and households founded later are not theirs."""
    path = copy_register(built, tmp_path / "added.db")
    file = tmp_path / "people.csv"
    file.write_text(_ADDED, "utf-8")
    install_personas(path, rows_of(load_personas_file(file)))
    await lived(path, 10, _clock, lambda _: None)
    with reading(path) as connection:
        touched = {row[0] for row in connection.execute("SELECT subject FROM changes")}
        founded = connection.execute("SELECT count(*) FROM household WHERE id > 1000000000000")
        assert founded.fetchone() == (1,)
    assert 1090000099 not in touched


def test_days_pass_where_nobody_lives(tmp_path: Path) -> None:
    """A register without generated people moves on all the same."""
    path = build_register(tmp_path / "empty.db", 0, AS_OF)
    account = _live(path, 3)
    assert (account.events, account.last) == (0, AS_OF + timedelta(days=3))
    with reading(path) as connection:
        (day,) = connection.execute("SELECT value FROM meta WHERE key = 'day'").fetchone()
    assert day == "2026-01-04"
