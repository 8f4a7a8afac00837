"""Every setting of the gateway, in one frozen record. ``docs/settings.md`` explains each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

DEFAULT_POPULATION = 100_000
DEFAULT_SEED = 42
DEFAULT_AS_OF = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class DevConfig:
    """Settings of ``dancu dev``. Those that are None take what the data directory holds."""

    data_dir: Path = Path(".dancu")
    population: int | None = None
    seed: int | None = None
    as_of: date | None = None
    personas: Path | None = None
    caller: str = "plain"
    host: str = "127.0.0.1"
    port: int = 50051  # 0 = any free one
    control_port: int | None = None  # None = port + 2, 0 = any free one
    log_level: str = "info"
    log_format: str = "console"
    drain_seconds: float = 10.0

    @property
    def population_path(self) -> Path:
        """The register."""
        return self.data_dir / "population.db"

    @property
    def records_path(self) -> Path:
        """The gateway's own records."""
        return self.data_dir / "gateway.db"

    @property
    def wanted_control_port(self) -> int:
        """The control port, with its default worked out."""
        if self.control_port is not None:
            return self.control_port
        return self.port + 2 if self.port else 0
