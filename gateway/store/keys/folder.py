"""The files: private keys and ``keys.json``, owner only; ``keyset.binpb`` and ``root.pub``."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.core.signing import (
    Algorithm,
    PrivateKey,
    PublicKey,
    Role,
    raw_public,
    thumbprint,
)
from gateway.store.errors import StoreError
from gateway.store.keys.book import Book
from gateway.store.keys.keyset import KeySetError, Published, read_signed

ROOT_FILE = "root.pub"


class KeyFolder:
    """The key files of a data directory. Change them under ``locked``."""

    def __init__(self, data_dir: Path) -> None:
        self.private_dir = data_dir / "keys"
        self.book_path = self.private_dir / "keys.json"
        self.key_set_path = data_dir / "keyset.binpb"
        self.root_path = data_dir / ROOT_FILE

    def read_book(self) -> Book:
        """What ``keys.json`` says. Raises StoreError, OSError."""
        try:
            return Book.from_json(self.book_path.read_text("utf-8"))
        except (ValueError, KeyError, TypeError) as error:
            raise StoreError(f"{self.book_path} is damaged; restore it from a backup") from error

    def write_book(self, book: Book) -> None:
        """Replace ``keys.json``."""
        write_private(self.book_path, book.to_json())

    def published(self, book: Book) -> Published | None:
        """The signed key set; None when it is missing, damaged, or another root's."""
        try:
            return read_signed(self.key_set_path.read_bytes(), book.roots)
        except (FileNotFoundError, KeySetError):
            return None

    def write_key_set(self, envelope: bytes) -> None:
        """Replace ``keyset.binpb``, which running gateways read at once."""
        replace_file(self.key_set_path, envelope)

    def write_roots(self, book: Book) -> None:
        """Replace ``root.pub``."""
        replace_file(self.root_path, root_lines(book.roots).encode())

    def read_private(self, key: PublicKey) -> PrivateKey:
        """A private key. Raises StoreError, OSError."""
        path = self.private_dir / file_name(key)
        private = read_pem(path)
        if raw_public(private) != key.raw:
            raise StoreError(
                f"{path} is not the key that keys.json names; restore it from a backup"
            )
        return private


@contextlib.contextmanager
def locked(data_dir: Path) -> Iterator[KeyFolder]:
    """The key files, for one process at a time.

    Raises:
        StoreError: also for every OSError of the block.
    """
    try:
        lock = os.open(data_dir, os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield KeyFolder(data_dir)
        finally:
            os.close(lock)
    except OSError as error:
        raise StoreError(f"cannot use the keys in {data_dir / 'keys'}: {error}") from error


def make_key(folder: Path, role: Role, algorithm: Algorithm = Algorithm.ED25519) -> PublicKey:
    """Make a key and keep its private part in a folder."""
    private: PrivateKey = (
        Ed25519PrivateKey.generate()
        if algorithm is Algorithm.ED25519
        else ec.generate_private_key(ec.SECP256R1())
    )
    raw = raw_public(private)
    key = PublicKey(thumbprint(raw, algorithm), role, raw, algorithm=algorithm)
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    write_private(folder / file_name(key), pem.decode())
    return key


def file_name(key: PublicKey) -> str:
    """The name of a private key's file."""
    return f"{key.role.name.lower()}-{key.key_id[:16]}.pem"


def read_pem(path: Path) -> PrivateKey:
    """A private key of a kind that signs here. Raises StoreError, OSError."""
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise StoreError(f"{path} is damaged; restore it from a backup") from error
    if isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(private.curve, ec.SECP256R1):
        return private
    if isinstance(private, Ed25519PrivateKey):
        return private
    raise StoreError(f"{path} is neither an Ed25519 nor a P-256 key; put the right file there")


def root_lines(roots: Iterable[PublicKey]) -> str:
    """The content of ``root.pub``: id, algorithm and key, a line each."""
    return "".join(
        f"{key.key_id} {key.algorithm.name} {base64.b64encode(key.raw).decode()}\n" for key in roots
    )


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner alone, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def replace_file(path: Path, content: bytes) -> None:
    """Write a public file whole or not at all."""
    draft = path.with_name(path.name + ".new")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
