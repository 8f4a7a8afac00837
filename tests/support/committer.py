"""A second gateway at one record store: ``python -m tests.support.committer STORE START END``.

Commits the entries [START, END), one by one, and prints the checkpoint of each as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tests.support.record_stores import Place, opened, place_of
from tests.support.records import certify, check_committed, entry


async def commit_all(path: Place, start: int, end: int) -> list[str]:
    """Commit one by one; the signed checkpoints, in order."""
    checkpoints = []
    async with opened(path) as records:
        for number in range(start, end):
            committed = await records.commit([entry(number)], certify)
            check_committed(committed, [entry(number)])
            checkpoints.append(committed.checkpoint)
            await asyncio.sleep(0)
    return checkpoints


if __name__ == "__main__":
    path, start, end = place_of(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    sys.stdout.write(json.dumps(asyncio.run(commit_all(path, start, end))))
