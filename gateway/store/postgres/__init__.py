"""The gateway's records in PostgreSQL, through asyncpg: any number of gateways on one database.

Raises StoreError on import where asyncpg is not installed.
"""

from __future__ import annotations

from importlib.util import find_spec

from gateway.store.errors import StoreError

if find_spec("asyncpg") is None:
    raise StoreError(
        "a store at postgresql:// needs asyncpg; in dancu's checkout: pip install -e '.[postgres]'"
    )
