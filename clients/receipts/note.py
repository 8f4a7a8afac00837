"""The signature lines of a signed note, and the strict text forms used in it (C2SP signed-note)."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

ED25519 = 0x01
"""Signature type of a log's own signature."""
COSIGNATURE = 0x04
"""Signature type of a witness's cosignature/v1."""
KEY_ID_BYTES = 4

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINE_START = "\N{EM DASH} "
_LINE_PARTS = 2


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line. (name, key_id) says which key it claims to be by."""

    name: str
    key_id: bytes
    signature: bytes


def note_key_id(name: str, signature_type: int, key: bytes) -> bytes:
    """The 4-byte id of a key in signed notes."""
    material = name.encode() + b"\n" + bytes([signature_type]) + key
    return hashlib.sha256(material).digest()[:KEY_ID_BYTES]


def is_key_name(name: str) -> bool:
    """Whether a note's key may be called so: not empty, no blank, plus or control character."""
    return name != "" and not any(c.isspace() or c == "+" or c < " " for c in name)


def parse_signature_line(line: str) -> NoteSignature:
    """Read ``— NAME BASE64`` (without the newline); ValueError for any other form."""
    parts = line.removeprefix(_LINE_START).split(" ")
    if not line.startswith(_LINE_START) or len(parts) != _LINE_PARTS or not is_key_name(parts[0]):
        raise ValueError("not a signature line")
    blob = decode_base64(parts[1])
    if len(blob) <= KEY_ID_BYTES:
        raise ValueError("a signature line without a signature")
    return NoteSignature(parts[0], blob[:KEY_ID_BYTES], blob[KEY_ID_BYTES:])


def decode_base64(text: str) -> bytes:
    """Decode standard base64; ValueError unless it encodes again to the same text."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 with stray bits")
    return data


def decode_decimal(text: str) -> int:
    """Read a decimal without leading zeros below 2⁶³; ValueError otherwise."""
    if _DECIMAL.fullmatch(text) is None or int(text) >= 2**63:
        raise ValueError("not a decimal below 2^63")
    return int(text)
