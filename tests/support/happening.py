"""Things that happen in a real register, beside the gateway that tells of them."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

from mock_population_db.changes import ChangeCause
from mock_population_db.citizen import PersonName
from mock_population_db.events import Applied, Correction, LegalDocument, Submission, What
from mock_population_db.store.population import Population

_NOBODYS_KIN = """
SELECT id FROM citizen AS c WHERE vital = 1 AND number_status = 1 AND NOT EXISTS
  (SELECT 1 FROM citizen AS k WHERE c.id IN (k.father, k.mother, k.spouse)) ORDER BY id LIMIT ?
"""
PAPER = LegalDocument("12/QĐ", date(2026, 1, 1), "Công an phường")


def numbers_in(population: Path, count: int) -> list[str]:
    """The first so many people of a register whom no other record names: nobody's kin."""
    with closing(sqlite3.connect(population)) as db:
        found = db.execute(_NOBODYS_KIN, (count,))
        return [f"{number:012d}" for (number,) in found]


def submission(what: What, request_id: str) -> Submission:
    """An event that nobody reported: it has no receipt in a gateway's log."""
    return Submission(
        what,
        PAPER,
        date(2026, 1, 1),
        date(2026, 1, 1),
        "life",
        "dancu.v1.PopulationEventService/SubmitPopulationEvent",
        request_id,
        hashlib.sha256(request_id.encode()).digest(),
        datetime.now(UTC),
        ChangeCause.LIFE,
    )


async def rename(register: Population, numbers: Sequence[str], given: str) -> list[int]:
    """Give each of these people another given name; returns the revisions, one each."""
    name = PersonName("Nguyễn", "Thử", given)
    events = [
        submission(Correction(number, name), f"{given}-{at}") for at, number in enumerate(numbers)
    ]
    done = await register.apply_many(events)
    assert all(isinstance(one, Applied) for one in done), done
    return [one.last_revision for one in done if isinstance(one, Applied)]
