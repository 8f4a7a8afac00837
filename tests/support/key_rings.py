"""Key rings on disk, and what the independent verifier makes of them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from clients.receipts import Trust, TrustedKeySet, load_key_set, read_roots
from gateway.core.signing import PublicKey, Role
from gateway.store.keys import KeyRing, load_or_create
from gateway.store.keys.changing import list_keys
from tests.support.scene import NOW, ORIGIN

ISSUER = "dancu-simulator"
LEAD = timedelta(seconds=10)


def opened(folder: Path, now: datetime = NOW, origin: str = ORIGIN) -> KeyRing:
    """What a start opens."""
    return load_or_create(folder, ISSUER, origin, now)


def trusted(folder: Path, at: datetime = NOW) -> TrustedKeySet:
    """The key set, as the verifier reads it with the root that is pinned."""
    trust = Trust(roots=read_roots((folder / "root.pub").read_text("utf-8")))
    return load_key_set((folder / "keyset.binpb").read_bytes(), trust, at)


def keys_of(folder: Path, role: Role) -> list[PublicKey]:
    """The keys of a role, oldest first."""
    return [key for key in list_keys(folder)[0].keys if key.role is role]
