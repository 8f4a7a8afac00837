"""Where the people of a load test come from, when nobody named a file: one step for the user."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from clients.loadtest.environment import is_here
from clients.loadtest.errors import LoadError
from clients.loadtest.people import Person, read_people
from clients.sdk import Outcome, Refused, Unreachable, list_personas

_REGISTER = "population.db"
_ENOUGH = 20_000
_CONTROL_BEYOND = 2  # the control port's distance from the gateway's
_HOW = (
    "name a CSV of the gateway's register with --people (there: `dancu population export"
    " --limit 20000 --out people.csv`)"
)


@dataclass(frozen=True, slots=True)
class Whom:
    """The people to ask about.

    Attributes:
        people: Two at least.
        told: Where they come from.
    """

    people: list[Person]
    told: str


def whom(file: Path | None, data_dir: Path, control: str | None, server: str) -> Whom:
    """The people of a file; else of the register in a data directory; else the personas.

    Args:
        file: As ``dancu population export`` writes it.
        data_dir: If a register lies in it, ``dancu population export`` is run for a sample.
        control: The simulator's control port; by default that of a ``dancu dev`` on this machine.
        server: The gateway.

    Raises:
        LoadError: There is nobody to ask about.
    """
    if file is not None:
        found = Whom(read_people(file), str(file))
    elif (data_dir / _REGISTER).is_file():
        found = Whom(_exported(data_dir), f"the register in {data_dir}")
    else:
        found = _personas(control or _control_beside(server), data_dir)
    if len(found.people) < 2:  # noqa: PLR2004 - a wrong name is somebody else's
        raise LoadError(f"{found.told}: there must be two people at least; {_HOW}")
    return found


def _exported(data_dir: Path) -> list[Person]:
    """A sample of a register, by the command that is there for it: this half knows no register."""
    command = Path(sys.executable).with_name("dancu")
    dancu = str(command) if command.is_file() else shutil.which("dancu")
    if dancu is None:
        raise LoadError(f"the command dancu is not on the path; {_HOW}")
    with tempfile.TemporaryDirectory(prefix="dancu-load-") as folder:
        out = Path(folder) / "people.csv"
        options = ["--limit", str(_ENOUGH), "--out", str(out), "--data-dir", str(data_dir)]
        done = subprocess.run(  # noqa: S603 - our own command
            [dancu, "population", "export", *options], capture_output=True, text=True, check=False
        )
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            why = said[-1].removeprefix("error: ")
            raise LoadError(f"no people from {data_dir}: {why}; {_HOW}")
        return read_people(out)


def _personas(control: str | None, data_dir: Path) -> Whom:
    nobody = f"no register in {data_dir}"
    if control is None:
        raise LoadError(f"whom to ask about? There is {nobody}; {_HOW}")
    try:
        personas = asyncio.run(list_personas(control))
    except (Refused, Unreachable):
        raise LoadError(
            f"whom to ask about? There is {nobody}, and no control port at {control}; {_HOW}"
        ) from None
    # several of them are one person, spelt otherwise
    people = {
        each.personal_id: Person(
            each.personal_id, each.old_id_number, each.full_name, each.birth_date
        )
        for each in reversed(personas)
        if each.expect is Outcome.VERIFIED and each.personal_id
    }
    return Whom(list(people.values()), f"the personas of {control}")


def _control_beside(server: str) -> str | None:
    host, _, port = server.rpartition(":")
    return f"{host}:{int(port) + _CONTROL_BEYOND}" if is_here(server) else None
