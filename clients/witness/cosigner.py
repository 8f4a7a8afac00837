"""The witness's own key, and its line under a checkpoint (C2SP cosignature/v1)."""

from __future__ import annotations

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.receipts import StateError
from clients.receipts.note import COSIGNATURE, decode_base64, is_key_name, note_key_id
from clients.witness.files import PRIVATE, write_durably

# the private form of a note key: PRIVATE+KEY+<name>+<key id>+<base64 of type and seed>
_PREFIX = "PRIVATE+KEY"


class Cosigner:
    """An Ed25519 key under a name."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        self.name = name
        self.public_key = private.public_key().public_bytes_raw()
        self._private = private
        self._key_id = note_key_id(name, COSIGNATURE, self.public_key)

    @classmethod
    def load_or_create(cls, path: Path, name: str | None) -> Cosigner:
        """The key in a file; made on first run, readable by its owner only.

        Args:
            path: of the key.
            name: under which a new key signs; one is made up from the key if left out.

        Raises:
            StateError: the file is damaged, its key has another name, or the name is none.
            OSError: it cannot be read or written.
        """
        if name is not None and not is_key_name(name):
            raise StateError(f"{name!r}: a witness needs a name without blanks and plus signs")
        if not path.exists():
            private = Ed25519PrivateKey.generate()
            public = private.public_key().public_bytes_raw()
            made = cls(name or f"dancu-witness-{public[:4].hex()}", private)
            write_durably(path, made.to_text().encode(), PRIVATE)
        found = _read(path)
        if name not in (None, found.name):
            raise StateError(f"{path} is the key of {found.name}, not of {name}")
        return found

    @property
    def verifier(self) -> str:
        """NAME=BASE64(public key), as ``dancu receipt verify --witness`` takes it."""
        return f"{self.name}={base64.b64encode(self.public_key).decode()}"

    def line(self, text: bytes, second: int) -> str:
        """The signature line over a checkpoint's three lines.

        Args:
            text: the lines, with their newlines.
            second: the moment of signing, since 1970.
        """
        signature = self._private.sign(b"cosignature/v1\ntime %d\n%b" % (second, text))
        blob = self._key_id + second.to_bytes(8, "big") + signature
        return f"\N{EM DASH} {self.name} {base64.b64encode(blob).decode()}\n"

    def to_text(self) -> str:
        """The private key, one line."""
        material = base64.b64encode(bytes([COSIGNATURE]) + self._private.private_bytes_raw())
        return f"{_PREFIX}+{self.name}+{self._key_id.hex()}+{material.decode()}\n"


def _read(path: Path) -> Cosigner:
    text = path.read_text("utf-8")
    try:
        name, _, material = text.removeprefix(f"{_PREFIX}+").rstrip("\n").split("+", 2)
        seed = decode_base64(material)[1:]
        found = Cosigner(name, Ed25519PrivateKey.from_private_bytes(seed))
    except ValueError:
        found = None
    if found is None or found.to_text() != text:
        raise StateError(f"{path} is damaged; restore it from a backup")
    return found
