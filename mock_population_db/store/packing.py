"""Single values as the register's columns hold them, there and back.

Numbers and codes are integers without their leading zeros, dates are YYYYMMDD, and
what is not recorded is NULL.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from mock_population_db import divisions
from mock_population_db.citizen import Address, CodeEpoch, Conversion, PartialDate, PersonName
from mock_population_db.store.records import Place

# births before this day are registered under the codes of that time
FIRST_DAY_OF_2025_CODES = 20250701

# few dates recur in many rows: about 45,000 days lie between 1900 and today
partial_date = lru_cache(maxsize=65536)(PartialDate.from_int)


def pack_number(digits: str) -> int | None:
    """An identification number or a code."""
    return int(digits) if digits else None


def personal_id(packed: int) -> str:
    """A personal number with its leading zeros, 12 digits."""
    return f"{packed:012d}"


def old_id_number(packed: int | None) -> str:
    """An old number with its leading zeros, 9 digits."""
    return "" if packed is None else f"{packed:09d}"


def code(packed: int | None, digits: int) -> str:
    """A code with its leading zeros."""
    return "" if packed is None else f"{packed:0{digits}d}"


def pack_day(day: date | None) -> int | None:
    """A day as YYYYMMDD."""
    return None if day is None else day.year * 10000 + day.month * 100 + day.day


def day(packed: int | None) -> date | None:
    """The day of a YYYYMMDD."""
    return None if packed is None else date(packed // 10000, packed // 100 % 100, packed % 100)


def person_name(family: str | None, middle: str | None, given: str | None) -> PersonName:
    """A name of its three columns."""
    return PersonName(family or "", middle or "", given or "")


def birth_epoch(birth: int | None) -> CodeEpoch:
    """The epoch of a person's birth and registration communes, by the packed birth date."""
    later = birth is not None and birth >= FIRST_DAY_OF_2025_CODES
    return CodeEpoch.Y2025 if later else CodeEpoch.LEGACY


def commune_address(commune: int | None, epoch: CodeEpoch) -> Address | None:
    """The address that a bare commune code stands for."""
    return None if commune is None else divisions.address_in(f"{commune:05d}", epoch)


def address(place: Place) -> Address:
    """The address of a household or a stay."""
    return divisions.address_in(
        f"{place.commune:05d}",
        CodeEpoch(place.epoch),
        Conversion(place.conversion),
        former=code(place.former, 5),
        detail=place.detail or "",
    )


def pack_address(value: Address) -> Place:
    """The columns of an address in Vietnam.

    Raises ValueError when they cannot hold it: without a commune, abroad, or with
    another province than the commune's.
    """
    commune = pack_number(value.commune_code)
    if commune is not None:
        former = pack_number(value.former_commune_code)
        place = Place(commune, value.epoch, value.conversion, former, value.detail or None)
        if address(place) == value:
            return place
    raise ValueError(f"not an address in a commune of Vietnam: {value}")
