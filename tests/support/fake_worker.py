"""A worker of the tests: ``python -m tests.support.fake_worker FOLDER HOW``.

Writes each life to ``FOLDER/NUMBER.lives`` and each SIGHUP to ``FOLDER/NUMBER.hups``. ``HOW``:

- ``well``: answers, and ends when told to
- ``never``: ends before it answers
- ``deaf``: does not hear SIGTERM
- ``slow``: answers after a while, in which it is told to hang up
- ``shares``: told to hang up, shares the state ``S`` and notes each who says nothing to it, as all
  do, in ``FOLDER/NUMBER.silent``; a life that begins with ``S`` in ``FOLDER/NUMBER.began``
"""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

from gateway.frames import Frame, await_frame
from gateway.worker import Order, Shared


def main(folder: str, how: str) -> NoReturn:
    """One life."""
    order = Order.from_line(sys.stdin.buffer.readline())
    mine = Path(folder) / str(order.place.number)

    def note(what: str) -> None:
        with mine.with_suffix(what).open("a") as file:
            file.write("x")

    if order.state == b"S":
        note(".began")
    if how == "shares":
        signal.signal(signal.SIGHUP, lambda *_: note(".silent" * _share(b"S")))
    elif how != "slow":
        signal.signal(signal.SIGHUP, lambda *_: note(".hups"))
    signal.signal(signal.SIGTERM, signal.SIG_IGN if how == "deaf" else lambda *_: sys.exit(0))
    note(".lives")
    if how == "never":
        sys.exit(3)
    if how == "slow":
        time.sleep(0.5)
        signal.signal(signal.SIGHUP, lambda *_: note(".hups"))
    sys.stdout.write("ready 0 0\n")
    sys.stdout.flush()
    while True:
        signal.pause()


def _share(state: bytes) -> int:
    """Share a state; how many are silent."""
    sys.stdout.buffer.write(Frame("share", 1, state).to_bytes())
    sys.stdout.buffer.flush()
    frame = await_frame(sys.stdin.buffer)
    assert frame
    return Shared.from_bytes(frame.body).silent


if __name__ == "__main__":
    main(*sys.argv[1:])
