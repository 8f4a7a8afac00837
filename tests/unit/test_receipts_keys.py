"""Public keys: thumbprints, the points that are refused, the one form of a signature."""

from __future__ import annotations

import base64

import pytest

from clients.receipts import edwards
from clients.receipts.keys import BadKeyError, Ed25519Key, Es256Key, public_key
from tests.vectors import scene as v

RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo="
D = -121665 * pow(121666, -1, edwards.FIELD) % edwards.FIELD
Point = tuple[int, int]


def _add(p: Point, q: Point) -> Point:
    """Affine addition on the twisted Edwards curve, as in RFC 8032 §5.1.4."""
    product = D * p[0] * q[0] * p[1] * q[1]
    x = (p[0] * q[1] + q[0] * p[1]) * pow(1 + product, -1, edwards.FIELD)
    y = (p[1] * q[1] + p[0] * q[0]) * pow(1 - product, -1, edwards.FIELD)
    return x % edwards.FIELD, y % edwards.FIELD


def _x_of(y: int) -> int:
    """A square root of (y² - 1) / (d·y² + 1)."""
    square = (y * y - 1) * pow(D * y * y + 1, -1, edwards.FIELD) % edwards.FIELD
    root = pow(square, (edwards.FIELD + 3) // 8, edwards.FIELD)
    if root * root % edwards.FIELD != square:
        root = root * pow(2, (edwards.FIELD - 1) // 4, edwards.FIELD) % edwards.FIELD
    assert root * root % edwards.FIELD == square
    return root


def test_the_thumbprint_is_that_of_the_standard() -> None:
    """RFC 8037 appendix A.3 gives the thumbprint of its key."""
    key = Ed25519Key(base64.urlsafe_b64decode(RFC8037_X))
    assert key.thumbprint() == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


def test_the_small_order_list_is_the_whole_eight_torsion() -> None:
    """Eight times each listed point is the neutral one, and they are eight."""
    points: set[Point] = set()
    for y in edwards.SMALL_ORDER_Y:
        x = _x_of(y)
        points |= {(x, y), (-x % edwards.FIELD, y)}
    assert len(points) == 8
    for point in points:
        twice = _add(point, point)
        four = _add(twice, twice)
        assert _add(four, four) == (0, 1)


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*sorted(edwards.SMALL_ORDER_Y), edwards.FIELD, edwards.FIELD + 1])
def test_small_order_and_non_canonical_keys_are_refused(y: int, sign: int) -> None:
    """With either sign bit, and also when y is written with the field's size added."""
    with pytest.raises(BadKeyError):
        Ed25519Key((y | sign << 255).to_bytes(32, "little"))


def test_real_keys_are_accepted() -> None:
    """The checks let every honest key pass."""
    for signer in (v.ROOT, v.STATEMENT, v.STATEMENT_P256, v.LOG, v.NEW_ROOT):
        key = public_key(signer.algorithm, signer.public)
        assert key.thumbprint() == signer.key_id
        assert key.verifies(signer.sign(b"message"), b"message")
        assert not key.verifies(signer.sign(b"message"), b"another")


def test_the_point_at_infinity_and_hybrid_points_are_refused() -> None:
    """SEC 1 has more encodings of a point than the one we take."""
    hybrid = bytes([6 | v.STATEMENT_P256.public[-1] & 1]) + v.STATEMENT_P256.public[1:]
    for raw in (b"\0", b"", hybrid, v.STATEMENT_P256.public + b"\0"):
        with pytest.raises(BadKeyError):
            Es256Key(raw)
