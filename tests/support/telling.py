"""A gateway that commits until it is killed: ``python -m tests.support.telling STORE START``.

Prints the number of each entry as soon as it is acknowledged, a line each, from START on.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from tests.support.record_stores import Place, opened, place_of
from tests.support.records import certify, check_committed, entry


async def tell(place: Place, start: int) -> None:
    """Commit one by one."""
    async with opened(place) as records:
        for number in count(start):
            check_committed(await records.commit([entry(number)], certify), [entry(number)])
            os.write(1, b"%d\n" % number)


if __name__ == "__main__":
    asyncio.run(tell(place_of(sys.argv[1]), int(sys.argv[2])))
