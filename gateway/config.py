"""Every setting of the gateway, in frozen records. ``docs/settings.md`` explains each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

DEFAULT_POPULATION = 100_000
DEFAULT_SEED = 42
DEFAULT_AS_OF = date(2026, 1, 1)
DEFAULT_AUDIENCE = "dancu-simulator"
DEFAULT_KEEP_REVISIONS = 1_000_000
MAX_WORKERS = 64


@dataclass(frozen=True, slots=True)
class GatewayConfig:
    """What ``dancu dev`` and ``dancu serve`` have in common."""

    data_dir: Path = Path(".dancu")
    store: str = ""  # postgresql://... for both stores; empty: SQLite files of the data directory
    host: str = "127.0.0.1"
    port: int = 50051  # 0 = any free one
    control_port: int | None = None  # None = port + 2, 0 = any free one
    log_port: int | None = None  # None = port + 3, 0 = any free one
    metrics_port: int | None = None  # None = port + 4, 0 = any free one
    policy: Path | None = None  # who may see what; None: the demo policy
    audience: str = DEFAULT_AUDIENCE  # what session tokens name this gateway
    log_level: str = "info"
    log_format: str = "console"
    lame_seconds: float = 1.0  # after SIGTERM, how long new calls are taken at the most
    drain_seconds: float = 10.0
    workers: int = 1  # processes behind the one port
    profiles: Path | None = None  # how calls are made slow or fail; None: not at all
    number_delay: float = 0.0  # seconds that the number of a reported birth waits; 0 = none
    keep_revisions: int = DEFAULT_KEEP_REVISIONS  # of the register's history, at least

    @property
    def population_path(self) -> Path:
        """The register."""
        return self.data_dir / "population.db"

    @property
    def added_rows_path(self) -> Path:
        """The rows of people that the user added to the register, to be added again."""
        return self.data_dir / "personas-rows.json"

    @property
    def records_path(self) -> Path:
        """The gateway's own records."""
        return self.data_dir / "gateway.db"

    @property
    def access_index_path(self) -> Path:
        """Where each person stands in the access log; made from the records."""
        return self.data_dir / "accesses.db"

    @property
    def log_mark_path(self) -> Path:
        """How far the log had grown, apart from it."""
        return self.data_dir / "keys" / "log.json"

    @property
    def decisions_path(self) -> Path:
        """The latest refusals, with all their checks."""
        return self.data_dir / "decisions.jsonl"

    @property
    def wanted_control_port(self) -> int:
        """The control port, with its default worked out."""
        if self.control_port is not None:
            return self.control_port
        return self.port + 2 if self.port else 0

    @property
    def wanted_log_port(self) -> int:
        """The port of the log's files, with its default worked out."""
        if self.log_port is not None:
            return self.log_port
        return self.port + 3 if self.port else 0

    @property
    def wanted_metrics_port(self) -> int:
        """The port of the metrics, with its default worked out."""
        if self.metrics_port is not None:
            return self.metrics_port
        return self.port + 4 if self.port else 0

    @property
    def callers_path(self) -> Path:
        """The registry of callers."""
        return self.data_dir / "callers.db"

    @property
    def credentials_path(self) -> Path:
        """The private keys of demo callers; of others there are none here."""
        return self.data_dir / "callers"


@dataclass(frozen=True, slots=True)
class Place:
    """Which of a gateway's processes this is."""

    number: int = 0
    count: int = 1

    @property
    def first(self) -> bool:
        """Whether it is the one that does what only one has to do."""
        return self.number == 0

    @property
    def shared(self) -> bool:
        """Whether its ports are reserved for it, and others may listen on them, too."""
        return self.count > 1


class Auth(StrEnum):
    """What a call must bring to ``dancu dev``."""

    NONE = "none"
    TOKEN = "token"  # noqa: S105 - the name of a choice


@dataclass(frozen=True, slots=True)
class DevConfig(GatewayConfig):
    """Settings of ``dancu dev``. Those that are None take what the data directory holds."""

    population: int | None = None
    seed: int | None = None
    as_of: date | None = None
    life: float | None = None  # real seconds that a simulated day takes; None: time stands still
    personas: Path | None = None
    caller: str = "plain"
    auth: Auth = Auth.NONE


@dataclass(frozen=True, slots=True)
class ServeConfig(GatewayConfig):
    """Settings of ``dancu serve``; the names of its configuration file."""

    tls_certificate: Path | None = None  # PEM, the server's own first
    tls_key: Path | None = None  # PEM
    tls_client_ca: Path | None = None  # PEM, who issues the callers' certificates
    tls_balancers: Path | None = None  # PEM, certificates of balancers that end the callers' TLS
    simulator: bool = False  # offer SimulatorService on the control port
