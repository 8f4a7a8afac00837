"""What every test shares: how Hypothesis searches, and a PostgreSQL for those that ask."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

pytest_plugins = ("tests.support.postgres",)

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # so begins what a shell's script started in the background, and all that it starts itself:
    # Ctrl-C would not be seen by the commands that are to be interrupted here
    signal.signal(signal.SIGINT, signal.default_int_handler)

# no deadline: the machine may be busy with other things
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.hookimpl(optionalhook=True)  # there may be no xdist
def pytest_xdist_auto_num_workers() -> int:
    """Two a core for ``-n auto``: tests wait half of the time, for a disk or a process."""
    return min(2 * (os.cpu_count() or 1), 8)
