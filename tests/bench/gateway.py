"""The gateway as a user starts it."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager
from pathlib import Path

from tests.bench.process import Server, running


def gateway(data_dir: Path, *options: str) -> AbstractContextManager[Server]:
    """``dancu dev`` over a data directory, for the length of the block."""
    command = [str(Path(sys.executable).with_name("dancu")), "dev", "--port", "0"]
    return running([*command, "--data-dir", str(data_dir), *options], data_dir.with_suffix(".log"))
