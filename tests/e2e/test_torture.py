"""A short run of the randomised crash test; ``make torture`` is the long one."""

from __future__ import annotations

import secrets
from pathlib import Path

from tests.rpc.gateways import copy_of
from tests.torture.run import SHORT, Run


async def test_whatever_is_killed_nothing_is_lost(built: Path, tmp_path: Path) -> None:
    """Kills, cuts and pauses at random moments: afterwards register, log and clients agree."""
    copy_of(built, tmp_path / "data")
    seed = secrets.randbelow(10**6)
    outcome = await Run(tmp_path, seed, SHORT).run()
    again = f"python -m tests.torture --short --seed {seed}"
    assert outcome.findings == [], again
    assert outcome.figures["events"], again
    assert outcome.figures["answers to chunks"] >= outcome.figures["chunks"] > 0, again
    assert outcome.figures["starts of the server"] > 1, again
