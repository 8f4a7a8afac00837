"""The driver, which comes with the extra ``postgres``, and addresses as they may be shown."""

from __future__ import annotations

from urllib.parse import urlsplit

from mock_population_db.store.errors import PopulationError

try:
    import asyncpg
except ImportError as error:  # pragma: no cover - the tests have it
    raise PopulationError(
        "PostgreSQL needs a driver; in dancu's checkout: pip install -e '.[postgres]'"
    ) from error

__all__ = ["FAILURES", "asyncpg", "shown"]

# what a statement or a connection can fail with; a lost connection is an OSError
FAILURES = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


def shown(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
