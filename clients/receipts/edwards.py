"""What must hold of an Ed25519 public key before any signature by it means something.

Libraries differ here. A key of small order verifies one signature over many messages, and a
point that has two encodings would have two key ids.
"""

from __future__ import annotations

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of the base point (RFC 8032 §5.1)."""
KEY_BYTES = 32

_D = -121665 * pow(121666, -1, FIELD) % FIELD
_ORDER_EIGHT_Y = int.from_bytes(
    bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
)
SMALL_ORDER_Y = frozenset({0, 1, FIELD - 1, _ORDER_EIGHT_Y, FIELD - _ORDER_EIGHT_Y})
"""The y coordinates of all eight points whose order divides 8."""


def check_point(raw: bytes, error: type[ValueError]) -> None:
    """Raise `error` unless `raw` is the one encoding of a point of large order."""
    if len(raw) != KEY_BYTES:
        raise error("an Ed25519 key has 32 bytes")
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= FIELD:
        raise error("the Ed25519 key is not in its canonical encoding")
    if y in SMALL_ORDER_Y:
        raise error("the Ed25519 key is of small order")
    if not _on_curve(y):
        raise error("the Ed25519 key is not a point of the curve")


def _on_curve(y: int) -> bool:
    """Whether -x² + y² = 1 + d·x²·y² has a solution: x² = (y² - 1) / (d·y² + 1) is a square."""
    x_squared = (y * y - 1) * pow(_D * y * y + 1, -1, FIELD) % FIELD
    return pow(x_squared, (FIELD - 1) // 2, FIELD) == 1
