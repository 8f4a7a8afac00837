"""Births into a register until somebody kills this process; run as a script.

Arguments: the register's place, and a name for the reporter. After each answer its request id
and the child's number are printed.
"""

from __future__ import annotations

import asyncio
import sys

from mock_population_db.events import Applied
from tests.support.population_stores import Place, opened, place_of
from tests.support.reporter import Reporter, birth

GROUP = 10  # births that are submitted at once


async def main(place: Place, name: str) -> None:
    """Submit, and tell what was answered."""
    reporter = Reporter(name)
    async with opened(place) as population:
        while True:
            submissions = [reporter.reports(birth()) for _ in range(GROUP)]
            outcomes = await population.apply_many(submissions)
            for submission, outcome in zip(submissions, outcomes, strict=True):
                if isinstance(outcome, Applied):
                    print(submission.request_id, outcome.personal_id, flush=True)  # noqa: T201 - as said


if __name__ == "__main__":
    asyncio.run(main(place_of(sys.argv[1]), sys.argv[2]))
