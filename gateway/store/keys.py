"""The gateway's keys on disk: private keys, their dates, and the signed key set.

A data directory holds ``keys/`` (owner only: one PEM file a key and ``keys.json`` with roles
and dates), ``keyset.binpb`` (the signed key set, what a verifier needs offline) and
``root.pub`` (what a verifier pins). Keys are never deleted.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dancu.v1.statement_pb2 import SignedStatement
from gateway.core import statement
from gateway.core.signing import PublicKey, Role, Signer, raw_public, signer, thumbprint
from gateway.store.errors import StoreError

FORMAT = 1
KEY_SET_LIFE = timedelta(days=365)
KEY_SET_RENEWAL = timedelta(days=90)  # left when a start issues a new one
# a clock that jumps back by hours must not make answers older than their key
BACKDATED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The keys in use and the key set that tells the world of them."""

    issuer: str
    statement: Signer
    checkpoint: Signer
    key_set: bytes  # a SignedStatement


def load_or_create(data_dir: Path, issuer: str, origin: str, now: datetime) -> KeyRing:
    """Open the keys of a data directory, making them on first run.

    The key set is signed anew when ``origin`` is not in it yet or when it expires soon.

    Raises:
        StoreError: a file is missing, damaged, of another version, or cannot be written.
    """
    folder = data_dir / "keys"
    try:
        if not folder.exists():
            _create(folder, issuer, now)
        book = _read_book(folder / "keys.json")
        privates = {key.key_id: _read_private(folder, key) for key in book.keys}
        book = _with_origin(book, origin)
        if book.must_issue(now):
            book = _issue(data_dir, book, privates, now)
            _write_private_text(folder / "keys.json", book.to_json())
        key_set = (data_dir / "keyset.binpb").read_bytes()
    except OSError as error:
        raise StoreError(f"cannot use the keys in {folder}: {error}") from error
    active = {key.role: privates[key.key_id] for key in book.keys if key.not_after is None}
    return KeyRing(
        book.issuer, signer(active[Role.STATEMENT]), signer(active[Role.CHECKPOINT]), key_set
    )


def checkpoint_key(data_dir: Path, origin: str) -> bytes:
    """The public key, 32 bytes, that signs the checkpoints of a log.

    Raises:
        StoreError: no key of this data directory signs for that log.
    """
    path = data_dir / "keys" / "keys.json"
    try:
        keys = _read_book(path).keys
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error}") from error
    for key in keys:
        if origin in key.note_names:
            return key.raw
    raise StoreError(f"{path} has no key for the log {origin}")


@dataclass(frozen=True, slots=True)
class _Book:
    """What ``keys.json`` says."""

    issuer: str
    keys: tuple[PublicKey, ...]
    version: int = 0  # of the key set; 0 before the first
    expires_at: datetime | None = None
    changed: bool = True

    def must_issue(self, now: datetime) -> bool:
        return self.changed or self.expires_at is None or now > self.expires_at - KEY_SET_RENEWAL

    def to_json(self) -> str:
        keys = [
            {
                "key_id": key.key_id,
                "role": key.role.name,
                "public_key": base64.b64encode(key.raw).decode(),
                "not_before": key.not_before.isoformat(),
                "not_after": key.not_after.isoformat() if key.not_after else None,
                "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
                "note_names": list(key.note_names),
            }
            for key in self.keys
        ]
        book = {
            "format": FORMAT,
            "issuer": self.issuer,
            "key_set_version": self.version,
            "key_set_expires_at": self.expires_at.isoformat() if self.expires_at else None,
            "keys": keys,
        }
        return json.dumps(book, indent=2) + "\n"


def _create(folder: Path, issuer: str, now: datetime) -> None:
    # under another name until complete: a start that dies halfway leaves no half ring
    draft = folder.with_name("keys.new")
    draft.mkdir(mode=0o700, exist_ok=True)
    keys = []
    for role in (Role.ROOT, Role.STATEMENT, Role.CHECKPOINT):
        private = Ed25519PrivateKey.generate()
        raw = raw_public(private)
        key = PublicKey(thumbprint(raw), role, raw, (now - BACKDATED).replace(microsecond=0))
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write_private_text(draft / _file_name(key), pem.decode())
        keys.append(key)
    _write_private_text(draft / "keys.json", _Book(issuer, tuple(keys)).to_json())
    draft.rename(folder)


def _file_name(key: PublicKey) -> str:
    return f"{key.role.name.lower()}-{key.key_id[:16]}.pem"


def _read_book(path: Path) -> _Book:
    try:
        raw = json.loads(path.read_text("utf-8"))
        if raw["format"] != FORMAT:
            raise StoreError(f"{path} has format {raw['format']}, this dancu reads {FORMAT}")
        return _Book(
            raw["issuer"],
            tuple(_read_key(key) for key in raw["keys"]),
            raw["key_set_version"],
            _moment(raw["key_set_expires_at"]),
            changed=False,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise StoreError(f"{path} is damaged; restore it from a backup") from error


def _read_key(raw: dict[str, Any]) -> PublicKey:
    return PublicKey(
        raw["key_id"],
        Role[raw["role"]],
        base64.b64decode(raw["public_key"]),
        datetime.fromisoformat(raw["not_before"]),
        _moment(raw["not_after"]),
        _moment(raw["revoked_at"]),
        tuple(raw["note_names"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _read_private(folder: Path, key: PublicKey) -> Ed25519PrivateKey:
    path = folder / _file_name(key)
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise StoreError(f"{path} is damaged; restore it from a backup") from error
    if not isinstance(private, Ed25519PrivateKey) or raw_public(private) != key.raw:
        raise StoreError(f"{path} is not the key that keys.json names; restore it from a backup")
    return private


def _with_origin(book: _Book, origin: str) -> _Book:
    """The book with the log's origin among the names that the checkpoint key signs under."""
    keys = tuple(
        replace(key, note_names=(*key.note_names, origin))
        if key.role is Role.CHECKPOINT and origin not in key.note_names
        else key
        for key in book.keys
    )
    return replace(book, keys=keys, changed=book.changed or keys != book.keys)


def _issue(
    data_dir: Path, book: _Book, privates: dict[str, Ed25519PrivateKey], now: datetime
) -> _Book:
    """Sign a new key set and write it beside what pins it."""
    issued = replace(book, version=book.version + 1, expires_at=now + KEY_SET_LIFE, changed=False)
    roots = [key for key in issued.keys if key.role is Role.ROOT]
    message = statement.key_set(issued.version, issued.issuer, now, now + KEY_SET_LIFE, issued.keys)
    signed = statement.sign(message, [signer(privates[key.key_id]) for key in roots])
    envelope = SignedStatement()
    statement.write_envelope(envelope, signed)
    _replace(data_dir / "keyset.binpb", envelope.SerializeToString(deterministic=True))
    _replace(data_dir / "root.pub", _root_lines(roots).encode())
    return issued


def _root_lines(roots: Sequence[PublicKey]) -> str:
    return "".join(f"{key.key_id} ED25519 {base64.b64encode(key.raw).decode()}\n" for key in roots)


def _write_private_text(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _replace(path: Path, content: bytes) -> None:
    """Write a public file whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.write_bytes(content)
    draft.rename(path)
