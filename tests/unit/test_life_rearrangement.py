"""The rearrangement of 2025-07-01 on a register of the day before."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mock_population_db import divisions
from mock_population_db.changes import ChangeCause, ChangeKind, ChangeQuery
from mock_population_db.citizen import Citizen, CodeEpoch, Conversion
from mock_population_db.events import Correction, LegalDocument, RevisionMoved, Submission
from mock_population_db.life.account import lived
from mock_population_db.life.rearrangement import Rearranged, rearrange
from mock_population_db.personas import left_unconverted, personas_for
from mock_population_db.snapshot import Keys
from mock_population_db.store.history import find_changes
from mock_population_db.store.places import open_to_write
from mock_population_db.store.sqlite import SqlitePopulation
from mock_population_db.store.turns import pack_communes
from tests.support.registers import build_register, copy_register, digest_of, reading

BEFORE, DAY = date(2025, 6, 30), date(2025, 7, 1)
SIZE = 6_000
AT = datetime(2025, 7, 1, tzinfo=UTC)


def _rearrange(path: Path) -> Rearranged | None:
    with open_to_write(path) as connection:
        return rearrange(connection, AT, left_unconverted(), lambda _: None)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register of the day before, that nobody changes."""
    return build_register(tmp_path_factory.mktemp("before") / "population.db", SIZE, BEFORE)


@pytest.fixture(scope="module")
def rearranged(built: Path) -> tuple[Path, Rearranged]:
    """A copy of it after the day, and what the day did."""
    path = copy_register(built, built.with_name("after.db"))
    done = _rearrange(path)
    assert done is not None
    return path, done


@pytest.fixture
def register(rearranged: tuple[Path, Rearranged]) -> Iterator[sqlite3.Connection]:
    """The register after the day."""
    with reading(rearranged[0]) as connection:
        yield connection


def test_the_day_before_knows_no_new_code(built: Path) -> None:
    """Built for 2025-06-30 every address, personas' too, is in the codes of that time."""
    with reading(built) as connection:
        kinds = connection.execute(
            "SELECT epoch, conversion FROM household"
            " UNION SELECT epoch, conversion FROM stay WHERE household IS NULL"
        ).fetchall()
        communes = connection.execute("SELECT DISTINCT commune FROM household").fetchall()
    assert kinds == [(CodeEpoch.LEGACY, Conversion.NATIVE)]
    assert all(divisions.commune(f"{code:05d}", CodeEpoch.LEGACY) for (code,) in communes)


def test_addresses_follow_the_table_of_changes(built: Path, register: sqlite3.Connection) -> None:
    """Whole communes are WHOLE, divided ones SPLIT with the default successor, few are left."""
    with reading(built) as connection:
        before = dict(connection.execute("SELECT id, commune FROM household"))
    rows = register.execute(
        "SELECT id, commune, epoch, conversion, former FROM household"
    ).fetchall()
    assert len(rows) == len(before)
    for home, commune, epoch, conversion, former in rows:
        targets = divisions.successors(f"{before[home]:05d}")
        if conversion == Conversion.UNCONVERTED:
            assert (commune, epoch, former) == (before[home], CodeEpoch.LEGACY, None)
            continue
        assert (f"{commune:05d}", epoch, former) == (targets[0], CodeEpoch.Y2025, before[home])
        assert conversion == (Conversion.SPLIT if len(targets) > 1 else Conversion.WHOLE)


def test_what_the_day_did(
    register: sqlite3.Connection, rearranged: tuple[Path, Rearranged]
) -> None:
    """The account agrees with the register; 0.6 % of the addresses are left."""
    done = rearranged[1]
    addresses = done.whole + done.split + done.unconverted
    (own,) = register.execute("SELECT count(*) FROM stay WHERE household IS NULL").fetchone()
    assert addresses == done.households + own
    assert done.unconverted / addresses == pytest.approx(0.006, abs=0.004)
    assert done.split > 0.05 * done.households


def test_one_change_for_each_person(
    register: sqlite3.Connection, rearranged: tuple[Path, Rearranged]
) -> None:
    """Who lives somewhere has exactly one change; revisions have no gap."""
    rows = register.execute("SELECT revision, subject, kind, cause FROM changes").fetchall()
    lives = register.execute(
        "SELECT id FROM citizen WHERE household IS NOT NULL UNION SELECT citizen FROM stay"
    ).fetchall()
    assert sorted(subject for _, subject, _, _ in rows) == sorted(one for (one,) in lives)
    assert {row[2:] for row in rows} == {(ChangeKind.ADDRESS_CONVERTED, ChangeCause.REARRANGEMENT)}
    assert [row[0] for row in rows] == list(range(2, len(rows) + 2))
    assert rearranged[1].people == len(rows)
    assert register.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone() == (
        str(len(rows) + 1),
    )


def test_changes_name_what_changed(register: sqlite3.Connection) -> None:
    """A change tells the residences that were rewritten, and is found by the new codes."""
    who, commune = register.execute(
        "SELECT s.citizen, h.commune FROM stay AS s"
        " JOIN household AS h ON h.id = s.household JOIN citizen AS c ON c.id = s.citizen"
        " WHERE c.household IS NOT NULL AND h.epoch = 2 ORDER BY s.citizen LIMIT 1"
    ).fetchone()
    page = find_changes(
        register, ChangeQuery(2, 10, communes=frozenset({f"{commune:05d}"}), scan=10**9)
    )
    assert page.changes
    asked = ChangeQuery(2, 10, numbers=frozenset({f"{who:012d}"}), scan=10**9)
    (change,) = find_changes(register, asked).changes
    assert change.fields == ("permanent_residence", "temporary_residence")
    assert f"{commune:05d}" in change.communes
    assert (change.effective, change.event_id) == (DAY, "BD-0000000001")


async def test_changes_are_found_as_those_of_events_are(
    register: sqlite3.Connection, rearranged: tuple[Path, Rearranged]
) -> None:
    """The communes of a change are those that an event of the day would name."""
    changes = find_changes(register, ChangeQuery(2, 300)).changes
    subjects = tuple({one.personal_id: None for one in changes})
    async with SqlitePopulation.open(rearranged[0]) as population:
        found = (await population.read(Keys(details=subjects))).citizens
    for change in changes:
        expected = pack_communes(found[change.personal_id], DAY).split()
        assert change.communes == tuple(one[2:] for one in expected)


def test_running_it_again_changes_nothing(rearranged: tuple[Path, Rearranged]) -> None:
    """The second run finds the day over."""
    before = digest_of(rearranged[0])
    assert _rearrange(rearranged[0]) is None
    assert digest_of(rearranged[0]) == before


def test_it_comes_out_the_same(
    built: Path, rearranged: tuple[Path, Rearranged], tmp_path: Path
) -> None:
    """Another copy of the day before becomes the same day after."""
    again = copy_register(built, tmp_path / "again.db")
    _rearrange(again)
    assert digest_of(again) == digest_of(rearranged[0])


def test_breaking_off_leaves_the_day_before(built: Path, tmp_path: Path) -> None:
    """Whatever ends it in the middle, the register is the one of the day before."""
    path = copy_register(built, tmp_path / "broken.db")

    def stop(_: int) -> None:
        raise KeyboardInterrupt

    with open_to_write(path) as connection, pytest.raises(KeyboardInterrupt):
        rearrange(connection, AT, frozenset(), stop)
    assert digest_of(path) == digest_of(built)
    assert _rearrange(path) is not None


async def test_personas_survive(rearranged: tuple[Path, Rearranged]) -> None:
    """After the day the personas live where those of a later population live."""
    after = {one.slug: one for one in personas_for(DAY).personas}
    people = [who for one in personas_for(BEFORE).personas for who in after[one.slug].citizens]
    async with SqlitePopulation.open(rearranged[0]) as register:
        numbers = tuple(who.identity.personal_id for who in people)
        found = await register.read(Keys(details=numbers))
    for who in people:
        (stored,) = found.citizens[who.identity.personal_id]
        assert _lives(stored) == _lives(who)


def _lives(who: Citizen) -> list[object]:
    stays = (who.permanent_residence, who.temporary_residence, who.current_residence)
    return [stay and (stay.address, stay.household_id, stay.relation) for stay in stays]


async def test_writers_who_read_before_are_told(
    rearranged: tuple[Path, Rearranged], tmp_path: Path
) -> None:
    """An event that expects the revision of the day before is refused."""
    path = copy_register(rearranged[0], tmp_path / "expected.db")
    number = "079088000001"
    correction = Submission(
        Correction(number, birth_date=None, sex=None, name=None),
        LegalDocument("1", DAY, "UBND"),
        DAY,
        DAY,
        "office",
        "rpc",
        "request-1",
        b"1",
        AT,
        expected_revision=1,
    )
    async with SqlitePopulation.open(path) as register:
        with pytest.raises(RevisionMoved):
            await register.apply(correction)


def test_a_living_register_passes_the_day(built: Path, tmp_path: Path) -> None:
    """Life rearranges the register by itself, and registers in the new codes from then on."""
    path = copy_register(built, tmp_path / "living.db")
    account = asyncio.run(lived(path, 5, lambda _: AT, lambda _: None))
    assert account.rearranged is not None
    assert account.rearranged.people > SIZE * 0.9
    with reading(path) as connection:
        founded = connection.execute(
            "SELECT h.epoch, h.conversion, h.commune FROM household AS h"
            " WHERE h.id > (SELECT max(id) FROM touched WHERE what = 2 AND revision <="
            " (SELECT last FROM event WHERE kind = 23))"
        ).fetchall()
        left = connection.execute(
            "SELECT count(*) FROM household WHERE epoch = 1 AND conversion = 1"
        )
        assert left.fetchone() == (0,)
    assert founded
    for epoch, conversion, commune in founded:
        assert (epoch, conversion) == (CodeEpoch.Y2025, Conversion.NATIVE)
        assert divisions.commune(f"{commune:05d}", CodeEpoch.Y2025)
