"""Callers: the systems that may ask, by name, with the units and officers that act for them."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.core.errors import Refused

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (đơn vị) of a caller's agency, and who acts for it."""

    name: str = ""
    officers: frozenset[str] = frozenset()  # none listed: the agency answers for its officers


Units = Mapping[str, Unit]
"""By unit code (mã đơn vị)."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A procedure system that is enrolled.

    Attributes:
        id: what statements name as audience, and tokens as ``iss`` and ``sub``.
        name: for people.
        units: by unit code; a request that names another is refused. None: nobody enrolled
            this caller, and any unit will do (``dancu dev``).
        keys: public keys of its session tokens as JWK texts, the newest first.
        certificates: ``x5t#S256`` of the client certificates it may connect with.
        active: False once it is revoked.
        generation: grows with every change of this caller.
    """

    id: str
    name: str = ""
    units: Units | None = field(default_factory=dict)
    keys: tuple[str, ...] = ()
    certificates: frozenset[str] = frozenset()
    active: bool = True
    generation: int = 0


def is_caller_id(text: str) -> bool:
    """Whether a text can be a caller's id: also a file's name and a certificate's common name."""
    return _ID.fullmatch(text) is not None


def check_unit(units: Units | None, unit_code: str, officer_id: str) -> None:
    """Whether the unit is the caller's own and the officer known to it.

    Raises:
        Refused: the unit is another's, or it lists its officers and this is none of them.
    """
    if units is None:
        return
    unit = units.get(unit_code)
    if unit is None:
        raise Refused(
            "UNIT_NOT_OF_CALLER",
            "this unit is none of the caller's; send the code of an enrolled unit",
            "đơn vị này không thuộc hệ thống gọi; hãy gửi mã đơn vị đã đăng ký",
        ).by("units of the caller")
    if unit.officers and officer_id not in unit.officers:
        raise Refused(
            "OFFICER_UNKNOWN",
            "this officer is not enrolled for the unit; ask the operator to enrol them",
            "cán bộ này chưa được đăng ký cho đơn vị; hãy liên hệ đơn vị quản lý để đăng ký",
        ).by("officers of the unit")


def certificate_thumbprint(der: bytes) -> str:
    """``x5t#S256`` of RFC 8705: SHA-256 of a certificate's DER, base64url without padding."""
    return urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
