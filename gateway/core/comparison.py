"""Comparing the other fields of a caller's record with a citizen's, as far as they are granted.

Nothing here is asked before number, name and birth date agreed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from gateway.core.decision import person_status
from gateway.core.errors import Violation
from gateway.core.model import ResidenceState, Status
from gateway.core.repair import mend_code
from gateway.core.residence import state_on
from gateway.core.shapes import is_number, number_violation
from gateway.core.validation import COMMUNE_DIGITS
from mock_population_db.citizen import (
    CodeEpoch,
    Conversion,
    Identity,
    MaritalStatus,
    Residence,
    Sex,
)
from mock_population_db.snapshot import Part
from mock_population_db.stored import StoredResidence

FIRST_DAY_OF_2025_CODES = date(2025, 7, 1)
COUNTRY_LETTERS = 2
VITAL_DATE = "vital_date"


class Agreement(IntEnum):
    """How one compared field agrees, numbered as in the contract."""

    MATCH = 1
    DIFFERS = 2
    NO_DATA = 3
    WITHHELD = 4


class Others(NamedTuple):
    """What a record says besides the claim; 0 and empty are not compared."""

    sex: int = 0
    marital_status: int = 0
    permanent_commune_code: str = ""
    temporary_commune_code: str = ""
    person_status: int = 0
    nationality: str = ""
    code_epoch: int = 0  # of both codes; 0 is the one in force


class Compared(NamedTuple):
    """What became of one field."""

    field: str
    agreement: Agreement
    register_value: str = ""  # only where it differs


# by which field of ``Citizen`` each is granted, in the order in which they are told
GRANTED_BY = {
    "sex": "sex",
    "marital_status": "marital_status",
    "permanent_commune_code": "permanent_residence",
    "temporary_commune_code": "temporary_residence",
    "person_status": "person_status",
    "nationality": "nationality",
}

_COMMUNES = {
    "permanent_commune_code": "permanent_residence",
    "temporary_commune_code": "temporary_residence",
}
_ENUMS: Mapping[str, frozenset[int]] = {
    "sex": frozenset(Sex),
    "marital_status": frozenset(MaritalStatus),
    "person_status": frozenset(Status),
    "code_epoch": frozenset(CodeEpoch),
}


def mend_others(others: Others) -> Others:
    """The same with commune codes of five digits and a country in capitals."""
    sex, marital_status, permanent, temporary, status, nationality, epoch = others
    return Others(
        sex,
        marital_status,
        mend_code(permanent),
        mend_code(temporary),
        status,
        nationality.strip().upper(),
        epoch,
    )


def check_others(others: Others, found: list[Violation]) -> None:
    """Check the shape of what is given; mistakes are added to ``found``."""
    for name, kind in _ENUMS.items():
        value = getattr(others, name)
        if value and value not in kind:
            found.append(
                Violation(
                    name,
                    "UNKNOWN_VALUE",
                    "is no value of the contract; leave out what you do not know",
                    "không phải giá trị trong hợp đồng; bỏ trống nếu không biết",
                )
            )
    for name in ("permanent_commune_code", "temporary_commune_code"):
        code = getattr(others, name)
        if code and not is_number(code, COMMUNE_DIGITS):
            found.append(number_violation(name, "CODE_FORMAT", code, COMMUNE_DIGITS))
    country = others.nationality
    if country and not (
        len(country) == COUNTRY_LETTERS and country.isascii() and country.isalpha()
    ):
        found.append(
            Violation(
                "nationality",
                "COUNTRY_CODE",
                "must be two letters A-Z (ISO 3166-1), e.g. VN",
                "phải gồm hai chữ cái A-Z (ISO 3166-1), ví dụ VN",
            )
        )


def compare(
    others: Others, person: Identity, held: Part, granted: frozenset[str], as_of: date
) -> tuple[Compared, ...]:
    """What became of each field that is given; ``held`` has those that ``wanted`` names."""
    return tuple(
        Compared(name, *_agreement(name, others, person, held, as_of))
        if GRANTED_BY[name] in granted
        else Compared(name, Agreement.WITHHELD)
        for name in GRANTED_BY
        if getattr(others, name)
    )


def wanted(others: Others, granted: frozenset[str]) -> frozenset[str]:
    """The fields of a citizen to read for a comparison; with others also the day of death."""
    paths = [path for name, path in GRANTED_BY.items() if getattr(others, name) and path in granted]
    return frozenset([*paths, VITAL_DATE]) if paths else frozenset()


def _agreement(
    name: str, others: Others, person: Identity, held: Part, as_of: date
) -> tuple[Agreement, str]:
    said, value = getattr(others, name), _value(name, others, person, held, as_of)
    if not value:
        return Agreement.NO_DATA, ""
    if said == value:
        return Agreement.MATCH, ""
    if name in _COMMUNES and _is_default(others, getattr(held, _COMMUNES[name])):
        return Agreement.NO_DATA, ""
    return Agreement.DIFFERS, value.name if isinstance(value, IntEnum) else str(value)


def _value(name: str, others: Others, person: Identity, held: Part, as_of: date) -> IntEnum | str:
    """What the register has; empty or 0 for nothing."""
    if name in _COMMUNES:
        return _commune(getattr(held, _COMMUNES[name]), others, as_of)
    if name == "person_status":
        return person_status(person)
    value: IntEnum | str = getattr(held, name)
    return value


def _commune(residence: Residence | StoredResidence | None, others: Others, as_of: date) -> str:
    """The code of a residence in the epoch that is asked in, empty if it has none there."""
    if residence is None or state_on(residence.until, as_of) is ResidenceState.EXPIRED:
        return ""
    address, epoch = residence.address, _epoch(others, as_of)
    if address.epoch == epoch:
        return address.commune_code
    return address.former_commune_code if epoch == CodeEpoch.LEGACY else ""


def _epoch(others: Others, as_of: date) -> int:
    in_force = CodeEpoch.Y2025 if as_of >= FIRST_DAY_OF_2025_CODES else CodeEpoch.LEGACY
    return others.code_epoch or in_force


def _is_default(others: Others, residence: Residence | StoredResidence | None) -> bool:
    """Whether a commune is only the default successor of one that was divided.

    Nobody knows which part an address went to, so another code does not contradict it.
    """
    if residence is None or others.code_epoch == CodeEpoch.LEGACY:
        return False
    address = residence.address
    return address.epoch is CodeEpoch.Y2025 and address.conversion is Conversion.SPLIT
