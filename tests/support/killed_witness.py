"""A witness killed as it is about to sign: ``python -m tests.support.killed_witness STATE``."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from unittest import mock

from clients.witness import Cosigner, WitnessState, cosign
from tests.support.memory_log import NOW, MemoryLog


def _die(_self: Cosigner, _text: bytes, _second: int) -> str:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


if __name__ == "__main__":
    log = MemoryLog()
    log.grow(5)
    state = WitnessState(Path(sys.argv[1]))
    cosigner = state.cosigner()
    with mock.patch.object(Cosigner, "line", _die):
        cosign(state, cosigner, log.fetch, log.key_set, lambda: NOW)
