"""The items of a batch into exact bytes, and what a statement says of any items."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from gateway.core.hmac_key import HmacKey
from gateway.core.model import Decision
from gateway.core.proto_bytes import position, varint
from gateway.core.statement import verdict

ITEM_TYPE = "type.googleapis.com/dancu.v1.ItemVerification"
_ITEM = b"dancu.item.v1\n"


def item(index: int, claim: bytes, decision: Decision) -> bytes:
    """The bytes of one item of a batch: as the library would write them, in a fifth of the time.

    Args:
        index: its position.
        claim: as asked; the message's bytes.
        decision: about it.
    """
    outcome, _, person, levels, explanation = decision
    rest = verdict(outcome, person, levels, explanation)
    return b"".join((position(b"\x08", index), b"\x12", varint(len(claim)), claim, rest))


def digests(seed: bytes, values: Sequence[bytes]) -> list[bytes]:
    """What a statement says of its items; salts keep them from being guessed."""
    salt = HmacKey(seed).digest
    return [
        hashlib.sha256(_ITEM + salt(index.to_bytes(4, "big")) + value).digest()
        for index, value in enumerate(values)
    ]
