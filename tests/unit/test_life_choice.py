"""Who is picked, and how often: the pure part of the simulated life."""

from __future__ import annotations

import math
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from mock_population_db.citizen import PersonName, Relation, Sex, VitalStatus
from mock_population_db.generate.rng import Draws
from mock_population_db.life.day import plan_day
from mock_population_db.life.dice import Dice
from mock_population_db.life.hazards import hazards, mortality
from mock_population_db.life.kinship import as_child, as_spouse
from mock_population_db.life.looks import looks, looks_for
from mock_population_db.life.names import corrected_name, newborn_name, surname
from mock_population_db.life.pace import parse_pace
from mock_population_db.life.papers import card_term
from mock_population_db.life.rates import RATES, Happening, aimed
from mock_population_db.life.today import packed
from mock_population_db.partial_date import PartialDate
from mock_population_db.store.sampling import Glimpse, glimpses
from tests.architecture.pages import read, tables
from tests.support.registers import build_register, reading

AS_OF = date(2026, 1, 1)
SIZE = 20_000


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register that nobody changes."""
    return build_register(tmp_path_factory.mktemp("life") / "population.db", SIZE, AS_OF)


@pytest.fixture
def register(path: Path) -> Iterator[sqlite3.Connection]:
    """The same, open for reading."""
    with reading(path) as connection:
        yield connection


@pytest.fixture(scope="module")
def everybody(path: Path) -> dict[int, Glimpse]:
    """All generated people who live somewhere."""
    with closing(sqlite3.connect(path)) as connection:
        ids = [one for (one,) in connection.execute("SELECT id FROM citizen WHERE household > 999")]
        return glimpses(connection, ids)


def test_nothing_happens_to_the_dead(everybody: dict[int, Glimpse]) -> None:
    """Who is dead, declared dead or missing is left alone."""
    gone = [one for one in everybody.values() if one.vital != VitalStatus.ALIVE]
    assert gone
    assert not any(list(hazards(one, packed(AS_OF), 99_999_999, 99_999_999)) for one in gone)


def test_life_expectancy() -> None:
    """Mortality by age comes near the life expectancies of 2023: 69.9 and 79.3 years."""
    for sex, years in ((Sex.MALE, 69.9), (Sex.FEMALE, 79.3)):
        alive, lived = 1.0, 0.0
        for age in range(110):
            died = alive * mortality(sex, age)
            alive, lived = alive - died, lived + alive - died / 2
        assert lived == pytest.approx(years, abs=2.0)


def test_everybody_is_looked_at_alike(register: sqlite3.Connection) -> None:
    """Looks hit as many people as they should, all alike, and no persona."""
    count = round(looks_for(register, a_year=0.1, days=365.25))
    hits: Counter[int] = Counter()
    for turn in range(20):
        hits.update(one.person.id for one in looks(register, Draws(1, turn), "look", count))
    assert not any(one % 1_000_000 < 1_000 for one in hits)
    resident = 0.997  # of all people
    each = -math.expm1(-0.1)  # to be hit, however often, by looks of which 0.1 are for each
    assert hits.total() == pytest.approx(20 * SIZE * resident * each, rel=0.02)
    assert len(hits) == pytest.approx(SIZE * resident * -math.expm1(-2.0), rel=0.01)


def test_an_empty_register_has_nobody(tmp_path: Path) -> None:
    """Where nobody lives nobody is looked at, and nothing happens."""
    path = build_register(tmp_path / "empty.db", 0, AS_OF)
    with reading(path) as connection:
        assert looks(connection, Draws(1, 1), "look", 100) == []
        assert plan_day(connection, 1, AS_OF + timedelta(days=1)) == []


def test_a_day_follows_from_seed_and_content(register: sqlite3.Connection) -> None:
    """The same day comes out the same, another day or seed otherwise."""
    day = AS_OF + timedelta(days=1)
    first = plan_day(register, 7, day)
    assert first
    assert first == plan_day(register, 7, day)
    assert first != plan_day(register, 8, day)
    assert first != plan_day(register, 7, day + timedelta(days=1))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1day/s", 1), ("6h/min", 240), ("2weeks/s", 1 / 14), ("1h/h", 86_400), ("30days/min", 2)],
)
def test_speeds(text: str, seconds: float) -> None:
    """A speed is the real seconds that a day takes."""
    assert parse_pace(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text",
    ["", "1", "day/s", "1day", "0day/s", "-1day/s", "1 day/s", "1.5day/s", "1day/ms", "١day/s"],
)
def test_what_is_no_speed(text: str) -> None:
    """Anything else is refused, with examples."""
    with pytest.raises(ValueError, match="1day/s"):
        parse_pace(text)


@pytest.mark.parametrize(
    ("birth", "expires"),
    [
        (20120301, date(2037, 3, 1)),  # nearly 14: to the 25th
        (20110615, date(2036, 6, 15)),
        (20040229, date(2029, 2, 28)),
        (19870501, date(2047, 5, 1)),  # 40 within two years: to the 60th
        (19700000, date(2030, 1, 1)),
        (19670101, None),  # 60 within two years: without term
        (19400505, None),
        (None, None),
    ],
)
def test_card_terms(birth: int | None, expires: date | None) -> None:
    """A card runs to the next birthday of 14, 25, 40 and 60 that is two years off."""
    assert card_term(birth, date(2026, 2, 1)) == expires


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (Relation.HEAD, Relation.DAUGHTER),
        (Relation.SPOUSE, Relation.DAUGHTER),
        (Relation.CHILD_IN_LAW, Relation.GRANDCHILD),
        (Relation.SIBLING, Relation.OTHER_RELATIVE),
    ],
)
def test_what_a_child_is(parent: Relation, child: Relation) -> None:
    """A newborn's relation to the head follows from its parent's."""
    assert as_child(parent, Sex.FEMALE) is child


@pytest.mark.parametrize(
    ("spouse", "wife"),
    [
        (Relation.HEAD, Relation.SPOUSE),
        (Relation.SON, Relation.CHILD_IN_LAW),
        (Relation.SIBLING, Relation.OTHER_RELATIVE),
    ],
)
def test_what_a_wife_is(spouse: Relation, wife: Relation) -> None:
    """A wife's relation to the head follows from her husband's."""
    assert as_spouse(spouse) is wife


def _named(name: PersonName, everybody: dict[int, Glimpse]) -> Glimpse:
    somebody = next(one for one in everybody.values() if one.sex == Sex.MALE)
    family, middle, given = (part or None for part in name)
    return somebody._replace(family=family, middle=middle, given=given, ethnic=1)


def test_children_are_named_after_their_fathers(everybody: dict[int, Glimpse]) -> None:
    """The family name goes on, also from a record with the whole name in one field."""
    for stored in (PersonName("Phan", "Văn", "Tài"), PersonName(given="PHAN VĂN TÀI")):
        father = _named(stored, everybody)
        assert surname(father) == "Phan"
        name = newborn_name(Dice(1, AS_OF, 5), Sex.FEMALE, 2026, father)
        assert name.family == "Phan"
        assert name.given


@pytest.mark.parametrize(
    ("stored", "right"),
    [
        (PersonName("\u00d0ỗ", "Văn", "Tài"), PersonName("Đỗ", "Văn", "Tài")),
        (PersonName("Lê", "Thi\u0323", "Hoa"), PersonName("Lê", "Thị", "Hoa")),
        (PersonName(given="PHAN THỊ LAN"), PersonName("Phan", "Thị", "Lan")),
    ],
)
def test_wrong_names_are_put_right(
    everybody: dict[int, Glimpse], stored: PersonName, right: PersonName
) -> None:
    """A correction mends what registers get wrong."""
    assert corrected_name(Dice(1, AS_OF, 5), _named(stored, everybody), 1990) == right


def test_right_names_get_another_middle_name(everybody: dict[int, Glimpse]) -> None:
    """Where nothing is wrong with a name, the middle name changes and nothing else."""
    stored = PersonName("Lê", "Văn", "Tài")
    for person in range(50):
        name = corrected_name(Dice(1, AS_OF, person), _named(stored, everybody), 1990)
        assert (name.family, name.given) == ("Lê", "Tài")
        assert name.middle != "Văn"


def test_aims_grow_with_people_and_days() -> None:
    """A year of a thousand people is the rate itself."""
    assert aimed(Happening.BIRTH, 1_000, 365) == pytest.approx(13.8, rel=0.01)
    assert aimed(Happening.BIRTH, 1_000_000, 1) == pytest.approx(37.8, rel=0.01)
    assert aimed(Happening.SETTLING, 1_000, 365) is None


def test_the_documented_rates() -> None:
    """docs/life.md has every rate with its source and standing."""
    written = {row["event"]: row for row in tables(read("life.md"), "event")}
    assert list(written) == [str(one) for one in RATES]
    for happening, rate in RATES.items():
        row = written[happening]
        assert row["a year, of 1,000 people"] == (
            "follows" if rate.per_mille is None else str(rate.per_mille)
        )
        assert (row["source"], row["standing"]) == (rate.source, rate.standing)


def test_the_documented_speeds() -> None:
    """Every speed in docs/life.md is one."""
    rows = tables(read("life.md"), "SPEED")
    assert len(rows) > 3
    assert all(parse_pace(row["SPEED"]) > 0 for row in rows)


def test_partial_birth_dates_give_an_age(everybody: dict[int, Glimpse]) -> None:
    """A birth date without a day has an age all the same, a missing one none."""
    somebody = next(iter(everybody.values()))
    assert somebody._replace(birth=PartialDate(1960).to_int()).age(20260101) == 66
    assert somebody._replace(birth=None).age(20260101) == -1
