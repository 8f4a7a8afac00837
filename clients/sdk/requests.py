"""What a procedure system asks with: its context, and what is claimed of a person."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import date

from google.type import date_pb2

from dancu.v1 import citizen_pb2, context_pb2

_PARTIAL_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CallContext:
    """Who asks and why: the fields that the link demands of every request.

    Attributes:
        procedure_code: Mã dịch vụ công, at most 20 characters.
        unit_code: Mã đơn vị, at most 35 characters.
        officer_id: Mã cán bộ, at most 20 characters; there are no anonymous look-ups.
        dossier_id: Mã hồ sơ, at most 64 characters; may be empty.
    """

    procedure_code: str
    unit_code: str
    officer_id: str
    dossier_id: str = ""

    @classmethod
    def of(cls, message: context_pb2.RequestContext) -> CallContext:
        """Read the contract's message, which has the request id besides."""
        return cls(
            message.procedure_code, message.unit_code, message.officer_id, message.dossier_id
        )

    def to_message(self, request_id: str) -> context_pb2.RequestContext:
        """The contract's message for one call."""
        return context_pb2.RequestContext(
            request_id=request_id,
            procedure_code=self.procedure_code,
            unit_code=self.unit_code,
            officer_id=self.officer_id,
            dossier_id=self.dossier_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is claimed of a person. One of the two numbers is needed.

    Attributes:
        personal_id: 12 digits (số định danh cá nhân).
        old_id_number: 9 digits (số CMND 9 số).
        full_name: With or without marks, at most 100 characters.
        birth_date: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``, or a date.
    """

    personal_id: str = ""
    old_id_number: str = ""
    full_name: str
    birth_date: str | date

    def to_message(self) -> citizen_pb2.CitizenClaim:
        """The contract's message.

        Raises:
            ValueError: ``birth_date`` has another shape.
        """
        return citizen_pb2.CitizenClaim(
            personal_id=self.personal_id,
            old_id_number=self.old_id_number,
            full_name=self.full_name,
            birth_date=partial_date(self.birth_date),
        )


def partial_date(value: str | date) -> date_pb2.Date:
    """A date of which the month and day, or the day, may be left out.

    Only the shape is looked at: whether there is such a day is the gateway's to say.

    Raises:
        ValueError: The text is not ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``.
    """
    if isinstance(value, date):
        return date_pb2.Date(year=value.year, month=value.month, day=value.day)
    found = _PARTIAL_DATE.fullmatch(value)
    if found is None:
        raise ValueError(f"not a birth date: {value!r}; write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part or 0) for part in found.groups())
    return date_pb2.Date(year=year, month=month, day=day)


def date_text(value: date_pb2.Date) -> str:
    """The text that ``partial_date`` reads; empty for no date."""
    parts = (f"{value.year:04d}", f"{value.month:02d}", f"{value.day:02d}")
    known = 3 if value.day else 2 if value.month else 1 if value.year else 0
    return "-".join(parts[:known])


def new_request_id() -> str:
    """A fresh request id (mã yêu cầu): 32 hexadecimal digits."""
    return uuid.uuid4().hex
