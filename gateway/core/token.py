"""Session tokens: a JWT signed by the caller's own key says which caller a call comes from.

    (1) shape       three parts, at most 8 KiB, each JSON object with every name once
    (2) header      ``alg``, ``typ`` and ``kid`` and nothing else: no key may come with the token
    (3) caller      ``iss`` = ``sub`` = an enrolled caller
    (4) signature   by one of its registered keys
    (5) standing    the caller is not revoked
    (6) claims      for this gateway, for now, and for no longer than 300 s
    (7) binding     made for the certificate of this very connection

Pure: the clock and the registry are arguments.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import Any, NamedTuple

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey

from gateway.core.caller import Caller
from gateway.core.errors import Unauthenticated

TYPE = "dancu-session+jwt"
# as a header names it -> as it is verified: "EdDSA" is Ed25519 here, never another curve
ALGORITHMS = {"EdDSA": "Ed25519", "Ed25519": "Ed25519", "ES256": "ES256"}
MAX_BYTES = 8192
MAX_LIFE = 300  # seconds from now to ``exp``, and from ``iat`` to ``exp``
MAX_SKEW = 30  # seconds that a caller's clock may be ahead
MAX_ID = 128  # characters of ``jti``

_HEADERS = frozenset({"alg", "typ", "kid"})


class _Registry(jws.JWSRegistry):
    """The library's rules, with the algorithms above and no other."""

    def get_alg(self, name: str) -> JWSAlgModel:
        return self.algorithms[ALGORITHMS[name]]


_REGISTRY = _Registry()

Find = Callable[[str], Caller | None]


class Session(NamedTuple):
    """A token that was verified."""

    caller: Caller
    expires: int  # seconds since the epoch
    certificate: str | None  # the connection's, when it had one


def verify_token(
    token: str, find: Find, audience: str, certificate: str | None, now: float
) -> Session:
    """The session that a token opens.

    Args:
        token: as it stood behind ``Bearer``.
        find: the registry.
        audience: this gateway's name.
        certificate: ``x5t#S256`` of the connection; None where there is no TLS.
        now: seconds since the epoch.

    Raises:
        Unauthenticated: with the first rule that the token breaks.
    """
    parts, claims = _read(token)  # (1)
    _check_header(parts.protected)  # (2)
    caller = _caller(claims, find)  # (3)
    if not any(is_signed_by(parts, jwk) for jwk in caller.keys):  # (4)
        raise _refuse_signature()
    check_standing(caller)  # (5)
    _check_claims(claims, audience, now)  # (6)
    if certificate is not None:
        _check_binding(claims, caller, certificate)  # (7)
    return Session(caller, claims["exp"], certificate)


def check_standing(caller: Caller) -> None:
    """Raises Unauthenticated when the caller is revoked."""
    if not caller.active:
        raise Unauthenticated(
            "CALLER_REVOKED",
            "this caller was revoked; ask the operator",
            "hệ thống này đã bị thu hồi quyền kết nối; hãy liên hệ đơn vị quản lý",
        )


@functools.lru_cache(maxsize=4096)
def import_public(jwk: str) -> OKPKey | ECKey:
    """A registered key: Ed25519 or P-256.

    Raises:
        ValueError: it is of another kind, or not public, or no key at all.
    """
    value = json.loads(jwk)
    if "d" not in value and value.get("crv") == "Ed25519":
        return OKPKey.import_key(value)
    if "d" not in value and value.get("crv") == "P-256":
        return ECKey.import_key(value)
    raise ValueError("a key must be the public part of an Ed25519 or P-256 key")


def _read(token: str) -> tuple[jws.CompactSignature, dict[str, Any]]:
    if len(token) > MAX_BYTES:
        raise _malformed()
    try:
        parts = jws.extract_compact(token.encode("ascii"))
        claims = json.loads(parts.payload, object_pairs_hook=_once)
    except (JoseError, ValueError, RecursionError):
        raise _malformed() from None
    if not isinstance(claims, dict) or not isinstance(parts.protected, dict):
        raise _malformed()
    return parts, claims


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names are all different: readers must not disagree on what it says."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _check_header(header: dict[str, Any]) -> None:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Unauthenticated(
            "TOKEN_ALGORITHM",
            "the token must be signed with EdDSA (Ed25519) or ES256",
            "mã phiên phải được ký bằng EdDSA (Ed25519) hoặc ES256",
        )
    if header.get("typ") != TYPE:
        raise Unauthenticated(
            "TOKEN_TYPE",
            "the token's typ must be dancu-session+jwt",
            "trường typ của mã phiên phải là dancu-session+jwt",
        )
    if not header.keys() <= _HEADERS:
        raise Unauthenticated(
            "TOKEN_HEADER",
            "the token's header may have alg, typ and kid, and nothing else",
            "phần đầu của mã phiên chỉ được có alg, typ và kid",
        )


def _caller(claims: dict[str, Any], find: Find) -> Caller:
    issuer = claims.get("iss")
    caller = find(issuer) if isinstance(issuer, str) and issuer == claims.get("sub") else None
    if caller is None:
        raise Unauthenticated(
            "CALLER_UNKNOWN",
            "iss and sub must both be the id of an enrolled caller",
            "iss và sub đều phải là mã của hệ thống đã đăng ký",
        )
    return caller


def is_signed_by(parts: jws.CompactSignature, jwk: str) -> bool:
    """Whether a registered key made this signature; its algorithm must have been checked."""
    try:
        return jws.validate_compact(parts, import_public(jwk), registry=_REGISTRY)
    except JoseError:
        return False


def _check_claims(claims: dict[str, Any], audience: str, now: float) -> None:
    if claims.get("aud") != audience:  # a list is never equal: the token is for one gateway
        raise Unauthenticated(
            "TOKEN_AUDIENCE",
            "aud must be one string, the name of this gateway",
            "aud phải là một chuỗi duy nhất, là tên của hệ thống này",
        )
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if expires <= now:
        raise Unauthenticated(
            "TOKEN_EXPIRED",
            "the token expired; make a new one, and compare the clocks",
            "mã phiên đã hết hạn; hãy tạo mã mới và so lại đồng hồ",
        )
    begins = _time(claims, "nbf") if "nbf" in claims else issued
    if expires > min(now, issued) + MAX_LIFE or max(issued, begins) > now + MAX_SKEW:
        raise _refuse_lifetime()
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= MAX_ID:
        raise _malformed()


def _time(claims: dict[str, Any], name: str) -> int:
    """A claim in whole seconds."""
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _refuse_lifetime()
    return value


def _check_binding(claims: dict[str, Any], caller: Caller, certificate: str) -> None:
    if claims.get("cnf") != {"x5t#S256": certificate} or certificate not in caller.certificates:
        raise Unauthenticated(
            "TOKEN_BINDING",
            "the token's cnf must name the certificate of this connection, and the certificate "
            "must be registered for this caller",
            "cnf của mã phiên phải ứng với chứng thư của kết nối này, và chứng thư đó phải được "
            "đăng ký cho hệ thống gọi",
        )


def _malformed() -> Unauthenticated:
    return Unauthenticated(
        "TOKEN_MALFORMED",
        "the token must be one JWT in compact form, at most 8 KiB, with a jti of 1 to 128 "
        "characters, sent once as authorization: Bearer",
        "mã phiên phải là một JWT dạng rút gọn, tối đa 8 KiB, có jti từ 1 đến 128 ký tự, gửi một "
        "lần trong authorization: Bearer",
    )


def _refuse_signature() -> Unauthenticated:
    return Unauthenticated(
        "TOKEN_SIGNATURE",
        "the token is not signed by a key that is registered for this caller",
        "mã phiên không được ký bằng khóa đã đăng ký của hệ thống gọi",
    )


def _refuse_lifetime() -> Unauthenticated:
    return Unauthenticated(
        "TOKEN_LIFETIME",
        "the token needs iat, not in the future, and exp, at most 300 s ahead and 300 s after "
        "iat, both whole seconds; compare the clocks",
        "mã phiên cần iat không ở tương lai và exp cách hiện tại và iat tối đa 300 giây, đều là số "
        "giây nguyên; hãy so lại đồng hồ",
    )
