"""A log that shows what it is told to, honest or not: leaves in memory, tiles by definition."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.receipts import TrustedKey, TrustedKeySet
from clients.receipts.keys import Ed25519Key
from dancu.v1.statement_pb2 import KEY_ROLE_CHECKPOINT
from tests.support import merkle

NOW = datetime(2026, 3, 1, tzinfo=UTC)
_TILE = re.compile(r"tile/(?P<level>\d+)/(?P<number>[x\d/]+?)(?:\.p/(?P<width>\d+))?")


@dataclass
class MemoryLog:
    """Leaves' data under an origin and a key."""

    leaves: list[bytes] = field(default_factory=list)
    origin: str = "log"
    key: Ed25519PrivateKey = field(
        default_factory=lambda: Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    )
    fetched: list[str] = field(default_factory=list)

    def grow(self, count: int, kind: str = "leaf") -> None:
        """Append leaves that are like no others of their kind."""
        size = len(self.leaves)
        self.leaves += [b"%s %d" % (kind.encode(), size + number) for number in range(count)]

    def checkpoint(self) -> bytes:
        """The signed checkpoint over all leaves."""
        root = base64.b64encode(merkle.tree_hash(self.leaves)).decode()
        text = f"{self.origin}\n{len(self.leaves)}\n{root}\n"
        signature = base64.b64encode(self._note_key_id() + self.key.sign(text.encode())).decode()
        return f"{text}\n— {self.origin} {signature}\n".encode()

    def fetch(self, path: str) -> bytes | None:
        """The file at a path; partial tiles only of the width asked for."""
        self.fetched.append(path)
        if path == "checkpoint":
            return self.checkpoint()
        found = _TILE.fullmatch(path)
        assert found
        level, number = int(found["level"]), int(re.sub("[x/]", "", found["number"]))
        under = 256**level
        start, width = number * 256, int(found["width"] or 256)
        if (start + width) * under > len(self.leaves):
            return None
        return b"".join(
            merkle.tree_hash(self.leaves[at * under : (at + 1) * under])
            for at in range(start, start + width)
        )

    def key_set(self, _at: datetime = NOW, revoked: datetime | None = None) -> TrustedKeySet:
        """A key set that lists the log's key."""
        raw = self.key.public_key().public_bytes_raw()
        key = TrustedKey(
            key_id="log key",
            role=KEY_ROLE_CHECKPOINT,
            public_key=Ed25519Key(raw),
            not_before=0,
            not_after=None,
            revoked_at=int(revoked.timestamp()) * 10**9 if revoked else None,
            note_keys=frozenset({(self.origin, self._note_key_id())}),
        )
        expires_at = int(NOW.timestamp() + 86_400) * 10**9
        return TrustedKeySet(1, 0, expires_at, "issuer", {key.key_id: key}, frozenset({"root"}))

    def _note_key_id(self) -> bytes:
        raw = self.key.public_key().public_bytes_raw()
        return hashlib.sha256(self.origin.encode() + b"\n\x01" + raw).digest()[:4]
