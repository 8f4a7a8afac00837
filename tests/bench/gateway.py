"""The gateway as a user starts it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.process import Server, running


def gateway(data_dir: Path, *options: str) -> AbstractContextManager[Server]:
    """``dancu dev`` over a data directory, for the length of the block."""
    return _dev([str(Path(sys.executable).with_name("dancu"))], data_dir, options)


def unrecorded_gateway(data_dir: Path) -> AbstractContextManager[Server]:
    """The same without recording, see ``unrecorded.py``: its answers do not verify."""
    return _dev([sys.executable, "-m", "tests.bench.unrecorded"], data_dir, ())


def _dev(
    dancu: list[str], data_dir: Path, options: Sequence[str]
) -> AbstractContextManager[Server]:
    command = [*dancu, "dev", "--port", "0", "--data-dir", str(data_dir), *options]
    return running(command, data_dir.with_suffix(".log"))
