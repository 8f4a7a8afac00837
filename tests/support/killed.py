"""Commits that are killed at every step, one process each: ``python -m tests.support.killed``.

Arguments: the record store, and a file that each acknowledged entry's number is appended to.
Prints how many processes were killed. A program of its own, because a process with threads
must not fork.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from tests.support.faults import Faults, inject, kill
from tests.support.postgres_faults import inject_postgres
from tests.support.record_stores import Place, opened, place_of
from tests.support.records import certify, entry


async def commit_and_die(place: Place, told: int, number: int, step: int) -> None:
    """Commit one entry and say so; then another one, dying before or after a step of it."""
    faults = Faults(kill)
    with inject(faults), inject_postgres(faults):
        async with opened(place) as records:
            for one in (number, number + 1):
                await records.commit([entry(one)], certify)
                os.write(told, b"%d\n" % one)
                faults.arm(step // 2, after=step % 2 == 1)


def main(place: Place, told: int) -> int:
    """Go on until a commit has no more steps to die at; returns how many died."""
    for step in count():
        child = os.fork()
        if child == 0:
            asyncio.run(commit_and_die(place, told, 2 * step, step))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0:
            return step
    raise AssertionError


if __name__ == "__main__":
    acknowledged = os.open(sys.argv[2], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    sys.stdout.write(f"{main(place_of(sys.argv[1]), acknowledged)}\n")
