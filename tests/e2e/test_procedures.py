"""The example counter against a real gateway: the demo, and a counter that is cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from clients.procedures import birth, death, demo
from clients.procedures.counter import Counter, Step, Stopped
from clients.procedures.dossier import Dossier
from clients.procedures.following import Books
from clients.sdk import ChangeKind, Claim, EventAnswer, Gateway, HouseholdRelation, PersonStatus
from dancu.v1.population_event_pb2 import PopulationEvent
from tests.e2e.server import PATIENCE
from tests.rpc.gateways import Running, serving

DEMO = Path(__file__).parents[2] / "docs" / "demo.sh"
EXPECTED = (
    "birth: NUMBER_PENDING",
    "stops: POSSIBLE_DUPLICATE",
    "departure: APPLIED",
    "feed     BIRTH 0792",
    "feed     NUMBER_CONFIRMED 0792",
    "feed     MARITAL_STATUS 040152000015",
    "SubmitPopulationEvent for DEMO.BIRTH G01-2026-000001",
    "VALID: VERIFIED",
    "G01-2026-000003/07-departure.receipt: VALID",
)


class Cut(Counter):
    """A counter whose computer goes down after an event was taken in, before that is noted.

    Attributes:
        at: At which event.
    """

    at = ""

    async def report(
        self, dossier: Dossier, what: str, event: PopulationEvent, *, revision: int
    ) -> EventAnswer:
        """Report, and go down."""
        if what != self.at:
            return await super().report(dossier, what, event, revision=revision)
        sending = dossier.sending(what, event, revision)
        await self._gateway.submit_event(
            sending.event,
            expected_revision=sending.expected_revision,
            request_id=sending.request_id,
            context=dossier.context(self._context),
        )
        raise Stopped(Step.WAIT, "the power failed")


@pytest.fixture
async def running(data_dir: Path) -> AsyncIterator[Running]:
    """A gateway whose callers see members and histories."""
    async with serving(data_dir, "explain") as ready:
        yield ready


@pytest.fixture
async def gateway(running: Running) -> AsyncIterator[Gateway]:
    """The SDK in front of it."""
    async with running.connect(audience="explain") as connected:
        yield connected


@pytest.fixture
def dossier(tmp_path: Path) -> Dossier:
    """An empty one."""
    return Dossier(tmp_path / "dossiers" / "HS-1", "HS-1", birth.PROCEDURE)


def counter_of(gateway: Gateway) -> Counter:
    """A counter that keeps no transcript."""
    return Counter(gateway, demo.CONTEXT, demo.OFFICE, lambda _who, _what: None)


def cut_at(event: str, gateway: Gateway) -> Counter:
    """The same, which goes down at an event."""
    counter = Cut(gateway, demo.CONTEXT, demo.OFFICE, lambda _who, _what: None)
    counter.at = event
    return counter


def test_demo() -> None:
    """``make demo`` runs through, shows all of the story, and leaves with 0."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(  # noqa: S603 - our own script
        ["/bin/sh", str(DEMO)],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
        env=os.environ | {"PATH": path},
    )
    assert done.returncode == 0, done.stderr
    assert [line for line in EXPECTED if line not in done.stdout] == []
    assert "INVALID" not in done.stdout


@pytest.mark.parametrize("at", ["birth", "residence"])
async def test_a_birth_that_is_cut_off(gateway: Gateway, dossier: Dossier, at: str) -> None:
    """Taken up again with the same dossier, there is one child, in the mother's household."""
    before = await gateway.get_household(**asdict(demo.MOTHER))
    with pytest.raises(Stopped):
        await birth.register_birth(cut_at(at, gateway), dossier, demo.BORN)
    born, _ = await birth.register_birth(counter_of(gateway), dossier, demo.BORN)
    after = await gateway.get_household(**asdict(demo.MOTHER))
    assert before.household
    assert after.household
    assert after.household.member_count == before.household.member_count + 1
    [child] = [one for one in after.household.members if one.personal_id == born.personal_id]
    assert (child.full_name, child.relation_to_head) == ("Trần Gia Bảo", HouseholdRelation.SON)


@pytest.mark.parametrize("at", ["death", "departure"])
async def test_a_death_that_is_cut_off(gateway: Gateway, dossier: Dossier, at: str) -> None:
    """Taken up again it is registered once, and the widow heads the household."""
    with pytest.raises(Stopped):
        await death.register_death(cut_at(at, gateway), dossier, demo.DIED)
    reported = await death.register_death(counter_of(gateway), dossier, demo.DIED)
    assert [answer.kind for answer in reported] == ["death", "departure"]
    assert [kept.what for kept in dossier.kept()][-1] == "departure"
    found = await gateway.verify_identity(**asdict(demo.HUSBAND))
    assert found.person
    assert found.person.status is PersonStatus.DEAD
    home = (await gateway.get_household(**asdict(demo.WIDOW))).household
    assert home
    assert [(one.personal_id, one.relation_to_head) for one in home.members] == [
        (demo.WIDOW.personal_id, HouseholdRelation.HEAD)
    ]


async def test_the_dead_report_nothing(gateway: Gateway, dossier: Dossier) -> None:
    """A claimant who is dead on file stops the procedure before anything is reported."""
    dead = Claim(personal_id="004049000035", full_name="Nông Văn Dền", birth_date="1949-10-19")
    with pytest.raises(Stopped) as caught:
        await death.register_death(counter_of(gateway), dossier, replace(demo.DIED, claimant=dead))
    assert caught.value.step is Step.SEE_OFFICER
    assert not dossier.is_sent("death")


async def test_books(gateway: Gateway, dossier: Dossier, tmp_path: Path) -> None:
    """The books take each change over once, also when the cursor was lost after it."""
    counter = counter_of(gateway)
    watched = await counter.watch(dossier, [demo.HUSBAND, demo.WIDOW])
    start = watched.evidence.register_revision + 1
    await death.register_death(counter, dossier, demo.DIED)
    awaited = [(ChangeKind.HOUSEHOLD_HEAD, demo.WIDOW.personal_id)]
    new = await Books(tmp_path / "books", start).follow(gateway, awaited)
    assert [change.kind for change in new] == [
        ChangeKind.DEATH,
        ChangeKind.MARITAL_STATUS,
        ChangeKind.RESIDENCE,
        ChangeKind.HOUSEHOLD_HEAD,
    ]
    (tmp_path / "books" / "cursor").unlink()
    assert await Books(tmp_path / "books", start).follow(gateway, awaited) == new
    files = sorted(each.stem for each in (tmp_path / "books" / "changes").iterdir())
    assert [int(name) for name in files] == [change.revision for change in new]


async def test_check_finds_an_exchanged_statement(
    gateway: Gateway, running: Running, dossier: Dossier
) -> None:
    """The auditor's command fails when a statement was put in another one's place."""
    counter = counter_of(gateway)
    await counter.identify(dossier, "father", demo.FATHER)
    await counter.identify(dossier, "mother", demo.MOTHER)
    folder = dossier.folder.parents[1]
    arguments = ["check", str(folder), "--data-dir", str(running.data_dir)]
    assert CliRunner().invoke(demo.app, arguments).exit_code == 0
    father, mother = (dossier.folder / kept.file for kept in dossier.kept())
    father.write_bytes(mother.read_bytes())
    found = CliRunner().invoke(demo.app, arguments)
    assert found.exit_code == 1
    assert "01-father-identity.receipt: INVALID" in found.stdout
