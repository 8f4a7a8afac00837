"""Asks plain questions, one after the other, and keeps the receipts."""

from __future__ import annotations

import random

from clients.sdk import Refused, Unreachable
from tests.torture.clients.setup import Setup, packed, pause, start, try_the_next
from tests.torture.journal import Journal

_SHARE_WRONG = 0.3  # of names


async def ask(setup: Setup, journal: Journal) -> None:
    """Ask until told to finish."""
    steady = setup.cast().steady
    chance = random.Random(f"{setup.seed} {setup.name} {len(journal.entries)}")  # noqa: S311 - no secret
    async with setup.connect() as way:
        while not setup.finishing():
            person = chance.choice(steady)
            right = chance.random() >= _SHARE_WRONG
            try:
                answer = await way.gateway.verify_identity(
                    personal_id=person.number,
                    full_name=person.name if right else "Không Phải Người Này",
                    birth_date=person.birth_date,
                )
            except (Refused, Unreachable) as error:
                await try_the_next(way, error)
            else:
                receipt = packed(answer.evidence.receipt)
                journal.add(expected=right, verified=answer.verified, receipt=receipt)
                await pause()


if __name__ == "__main__":
    start(ask)
