"""Which engine a data directory's stores are in, and remembering it there."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from gateway.config import DevConfig, GatewayConfig
from gateway.engines.engine import Engine
from gateway.engines.sqlite import SqliteEngine, register_info
from gateway.store.durable import write_private
from gateway.store.errors import StoreError
from gateway.store.locking import alone_in
from mock_population_db.store.reading import RegisterInfo

SCHEMES = ("postgresql", "postgres")
NOTE = "store"  # the file of the data directory that names the database


def is_url(text: str) -> bool:
    """Whether a store's name is that of a database, not of a file."""
    return "://" in text


def engine_of(config: GatewayConfig) -> Engine:
    """The engine that the settings name, or that the data directory remembers; else SQLite.

    Raises:
        StoreError: the settings name another database than the data directory remembers, or
            none that there is an engine for.
    """
    store = store_of(config)
    return engine_at(store) if store else SqliteEngine(config)


def store_of(config: GatewayConfig) -> str:
    """The database's address; empty for SQLite. Raises StoreError, as ``engine_of``."""
    remembered = _remembered(config.data_dir)
    if config.store and remembered and config.store != remembered:
        raise StoreError(
            f"{config.data_dir} belongs to another store, see {config.data_dir / NOTE}; leave the "
            "setting store out, or name another data directory"
        )
    return config.store or remembered


def engine_in(data_dir: Path) -> Engine:
    """The engine of a data directory that is there already. Raises StoreError."""
    return engine_of(DevConfig(data_dir=data_dir))


def register_place(data_dir: Path, named: str = "") -> tuple[Path | str, RegisterInfo]:
    """Where a register is, path or URL, and what it says of itself.

    Args:
        data_dir: whose register it is, unless one is named.
        named: a file or a URL.

    Raises:
        StoreError, PopulationError: there is none that can be read.
    """
    if named and not is_url(named):
        return Path(named), register_info(Path(named))
    config = DevConfig(data_dir=data_dir)
    url = named or store_of(config)
    engine = engine_at(url) if url else SqliteEngine(config)
    return url or config.population_path, engine.register_info()


def engine_at(url: str) -> Engine:
    """The engine of a database. Raises StoreError for one that there is no engine for."""
    if urlsplit(url).scheme not in SCHEMES:
        raise StoreError("a store is postgresql://[USER@]HOST[:PORT]/DATABASE, or left out")
    # only here: its driver is an extra, and installed where it is wanted
    from gateway.engines.postgres import PostgresEngine  # noqa: PLC0415

    return PostgresEngine(url)


def remember(config: GatewayConfig) -> None:
    """Note which database the data directory belongs to, so that its commands find it.

    Raises:
        OSError: the note cannot be written.
    """
    if config.store and not _remembered(config.data_dir):
        with alone_in(config.data_dir):
            write_private(config.data_dir / NOTE, f"{config.store}\n".encode())


def _remembered(data_dir: Path) -> str:
    try:
        return (data_dir / NOTE).read_text("utf-8").strip()
    except FileNotFoundError:
        return ""
