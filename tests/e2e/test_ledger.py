"""A gateway that is killed: its last note of the log's size holds."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.server import Server, dev, failing_dev
from tests.rpc.raw import RawClient


async def ask(server: Server, count: int) -> None:
    """Let the log grow."""
    async with RawClient(server.running) as raw:
        for _ in range(count):
            await raw.verify()


async def test_a_crash_keeps_the_last_note(data_dir: Path, tmp_path: Path) -> None:
    """What was noted at the start holds after kill -9, lets the log in, and not an older one."""
    with dev(data_dir) as server:
        await ask(server, 2)
        assert server.terminate() == 0
    backup = shutil.copy(data_dir / "gateway.db", tmp_path / "backup.db")
    for killed in (True, False):
        with dev(data_dir) as server:
            await ask(server, 2)
            if killed:
                server.kill()
            else:
                assert server.terminate() == 0
    shutil.copy(backup, data_dir / "gateway.db")
    line = failing_dev(data_dir)
    assert line.startswith("error: LOG_ROLLED_BACK: ")
    assert "it has 2 leaves, and 6 were there before" in line
