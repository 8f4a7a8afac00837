"""The keys in use. A gateway signs only with keys of the key set that it serves.

So nobody can hold an answer whose key the key set did not list before: there is one file that
says both, ``keyset.binpb``, and it is replaced whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog

from gateway.core.errors import Unavailable
from gateway.core.signing import (
    Ed25519Signer,
    Es256Signer,
    PrivateKey,
    PublicKey,
    Role,
    Signer,
    State,
    signer,
)
from gateway.store.errors import StoreError
from gateway.store.keys.folder import KeyFolder
from gateway.store.keys.keyset import KeySetError, Published, read_signed

_SIGNING = (Role.STATEMENT, Role.CHECKPOINT)

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in use and the key set that tells the world of them."""

    published: Published
    signers: tuple[tuple[PublicKey, Ed25519Signer | Es256Signer], ...]  # the latest first

    @property
    def issuer(self) -> str:
        """Who states."""
        return self.published.issuer

    @property
    def key_set(self) -> bytes:
        """A SignedStatement."""
        return self.published.envelope

    def statement(self, at: datetime) -> Signer:
        """Who signs statements of this moment. Raises Unavailable."""
        return self._active(Role.STATEMENT, at)

    def retired(self, at: datetime) -> Signer | None:
        """A key that signed statements once and must not any more, the latest; or None."""
        for key, one in self.signers:
            if key.role is Role.STATEMENT and key.state(at) is State.RETIRED:
                return one
        return None

    def checkpoint(self, at: datetime) -> Ed25519Signer:
        """Who signs checkpoints at this moment. Raises Unavailable."""
        found = self._active(Role.CHECKPOINT, at)
        if not isinstance(found, Ed25519Signer):
            raise TypeError("checkpoints are signed with Ed25519")
        return found

    def _active(self, role: Role, at: datetime) -> Ed25519Signer | Es256Signer:
        """The key that became active last, by the moment's own time, wherever the clock jumps."""
        for key, one in self.signers:
            if key.role is role and key.state(at) is State.ACTIVE:
                return one
        raise _no_key()


def make_ring(published: Published, read_private: Callable[[PublicKey], PrivateKey]) -> KeyRing:
    """The ring of a key set: its keys that may sign, now or at another time.

    What is revoked signs nothing, not even for a clock that was put back; the file of a key
    that has an end may be gone.

    Raises:
        StoreError, OSError: a private key cannot be read.
    """
    signers = []
    for key in sorted(published.keys, key=_beginning, reverse=True):
        if key.role not in _SIGNING or key.revoked_at is not None:
            continue
        try:
            signers.append((key, signer(read_private(key))))
        except FileNotFoundError:
            if key.not_after is None:
                raise
    return KeyRing(published, tuple(signers))


class LiveKeys:
    """The ring of a data directory that other processes change.

    Asking costs a ``stat``; a changed ``keyset.binpb`` is read again on the spot. One that
    cannot be read, is older, or not signed by the same root is told once and not used.
    """

    def __init__(self, data_dir: Path, ring: KeyRing) -> None:
        self._folder = KeyFolder(data_dir)
        self._ring = ring
        self._roots = [key for key in ring.published.keys if key.role is Role.ROOT]
        self._seen: tuple[int, int, int] | None = None

    def ring(self) -> KeyRing:
        """The ring of now."""
        seen = self._stamp()
        if seen != self._seen:
            self._seen = seen  # before reading: a change while reading is read next time
            try:
                self._take_over()
            except (OSError, StoreError, KeySetError) as error:
                _log.error("key_set_not_used", error=str(error))
        return self._ring

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            about = self._folder.key_set_path.stat()
        except OSError:
            return None
        return about.st_mtime_ns, about.st_ino, about.st_size

    def _take_over(self) -> None:
        raw = self._folder.key_set_path.read_bytes()
        if raw == self._ring.key_set:
            return
        published = read_signed(raw, self._roots)
        held = self._ring.published.version
        if published.version <= held:
            raise KeySetError(f"it is version {published.version}, in use is {held}")
        self._ring = make_ring(published, self._folder.read_private)
        _log.info("key_set_taken_over", version=published.version)


def _beginning(key: PublicKey) -> datetime:
    return key.not_before or datetime.min.replace(tzinfo=UTC)


def _no_key() -> Unavailable:
    return Unavailable(
        "NO_ACTIVE_KEY",
        "no signing key is valid at this moment of the gateway's clock; nothing was answered",
        "không có khóa ký nào còn hiệu lực theo đồng hồ của hệ thống; chưa có kết quả",
    )
