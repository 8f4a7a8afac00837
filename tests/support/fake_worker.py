"""A worker of the tests: ``python -m tests.support.fake_worker FOLDER HOW``.

Writes each life to ``FOLDER/NUMBER.lives`` and each SIGHUP to ``FOLDER/NUMBER.hups``. ``HOW``:

- ``well``: answers, and ends when told to
- ``never``: ends before it answers
- ``deaf``: does not hear SIGTERM
- ``slow``: answers after a while, in which it is told to hang up
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from gateway.workers import Order


def main(folder: str, how: str) -> NoReturn:
    """One life."""
    order = Order.from_line(sys.stdin.buffer.readline())
    mine = Path(folder) / str(order.place.number)

    def note(what: str) -> None:
        with mine.with_suffix(what).open("a") as file:
            file.write("x")

    if how != "slow":
        signal.signal(signal.SIGHUP, lambda *_: note(".hups"))
    signal.signal(signal.SIGTERM, signal.SIG_IGN if how == "deaf" else lambda *_: sys.exit(0))
    note(".lives")
    if how == "never":
        sys.exit(3)
    if how == "slow":
        time.sleep(0.5)
        signal.signal(signal.SIGHUP, lambda *_: note(".hups"))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    while True:
        signal.pause()


if __name__ == "__main__":
    main(*sys.argv[1:])
