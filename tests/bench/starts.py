"""How long until the gateway answers."""

from __future__ import annotations

from pathlib import Path

from tests.bench.figures import Figure, Target
from tests.bench.gateway import gateway

LATER_STARTS = 3


def first_start(data_dir: Path, population: int = 100_000) -> float:
    """Seconds from exec to READY in a data directory that does not exist yet."""
    with gateway(data_dir, "--population", str(population)) as server:
        return server.seconds_to_ready


def measure(data_dir: Path, first: float) -> list[Figure]:
    """The first start, timed before, and some later ones."""
    later = []
    for _ in range(LATER_STARTS):
        with gateway(data_dir) as server:
            later.append(server.seconds_to_ready)
    return [
        Figure("first start, 100,000 citizens", "s", [first], Target(8, 8)),
        Figure("later starts", "s", later, Target(2, 2)),
    ]
