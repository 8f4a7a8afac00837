"""Single values as the register's columns hold them, there and back.

Numbers and codes are integers without their leading zeros, dates are YYYYMMDD, and
what is not recorded is NULL.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from mock_population_db import divisions
from mock_population_db.citizen import Address, CodeEpoch, Conversion, PersonName
from mock_population_db.partial_date import PartialDate
from mock_population_db.store.records import Place

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COUNTRY = "VN"
_MICROSECOND = timedelta(microseconds=1)

# enum calls cost 0.2 µs each; these are read by the thousand
_EPOCH_OF = {int(one): one for one in CodeEpoch}
_CONVERSION = {int(one): one for one in Conversion}

# births before this day are registered under the codes of that time
FIRST_DAY_OF_2025_CODES = 20250701

# few dates recur in many rows: about 45,000 days lie between 1900 and today
partial_date = lru_cache(maxsize=65536)(PartialDate.from_int)


def pack_number(digits: str) -> int | None:
    """An identification number or a code."""
    return int(digits) if digits else None


def personal_id(packed: int) -> str:
    """A personal number with its leading zeros, 12 digits."""
    return str(packed).zfill(12)


def old_id_number(packed: int | None) -> str:
    """An old number with its leading zeros, 9 digits."""
    return "" if packed is None else f"{packed:09d}"


@lru_cache(maxsize=32768)  # there are 14,000 communes
def code(packed: int | None, digits: int) -> str:
    """A code with its leading zeros."""
    return "" if packed is None else f"{packed:0{digits}d}"


def pack_day(day: date | None) -> int | None:
    """A day as YYYYMMDD."""
    return None if day is None else pack_whole_day(day)


def pack_whole_day(day: date) -> int:
    """A day as YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def day(packed: int | None) -> date | None:
    """The day of a YYYYMMDD, None for none."""
    return None if packed is None else whole_day(packed)


@lru_cache(maxsize=65536)  # few days recur in many rows, as with partial_date
def whole_day(packed: int) -> date:
    """The day of a YYYYMMDD."""
    return date(packed // 10000, packed // 100 % 100, packed % 100)


def pack_time(moment: datetime) -> int:
    """A moment as microseconds since 1970, UTC. Raises TypeError when it is not aware."""
    return (moment - _EPOCH) // _MICROSECOND


def time(packed: int) -> datetime:
    """The moment of so many microseconds since 1970, aware, UTC."""
    return _EPOCH + packed * _MICROSECOND


def person_name(family: str | None, middle: str | None, given: str | None) -> PersonName:
    """A name of its three columns."""
    return PersonName(family or "", middle or "", given or "")


def birth_epoch(birth: int | None) -> CodeEpoch:
    """The epoch of a person's birth and registration communes, by the packed birth date."""
    later = birth is not None and birth >= FIRST_DAY_OF_2025_CODES
    return CodeEpoch.Y2025 if later else CodeEpoch.LEGACY


@lru_cache(maxsize=32768)  # there are 14,000
def commune_address(commune: int, epoch: CodeEpoch) -> Address:
    """The address that a bare commune code stands for."""
    return divisions.address_in(f"{commune:05d}", epoch)


def address(place: tuple[int, int, int, int | None, str | None]) -> Address:
    """The address of a household or a stay, by the columns of ``Place``.

    Not kept: to find one that was kept takes as long as to make it.
    """
    commune, epoch, conversion, former, detail = place
    told = (*_coded(commune, epoch, conversion, former), detail or "", _COUNTRY)
    return tuple.__new__(Address, told)  # half the time of a call


@lru_cache(maxsize=65536)  # communes, and those that they came from
def _coded(
    commune: int, epoch: int, conversion: int, former: int | None
) -> tuple[str, str, CodeEpoch, Conversion, str]:
    """The parts of an address that are codes; by plain numbers: an enum's hash takes long."""
    whole = commune_address(commune, _EPOCH_OF[epoch])
    told = (whole.province_code, whole.commune_code, whole.epoch)
    return (*told, _CONVERSION[conversion], code(former, 5))


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
