"""Where households live and people were born, in the codes of the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from mock_population_db.citizen import CodeEpoch, Conversion
from mock_population_db.generate.dates import REFORM, day_number
from mock_population_db.generate.records import Plan, Records
from mock_population_db.generate.rng import Draws, Ints
from mock_population_db.generate.tables import Tables

STREETS = (
    "Thôn 1", "Thôn 2", "Thôn 3", "Thôn Đông", "Thôn Đoài", "Xóm 4", "Xóm 7", "Ấp 2", "Ấp 5",
    "Tổ 3", "Tổ 8", "Tổ 12", "Khu phố 1", "Khu phố 6", "Trần Hưng Đạo", "Lê Lợi",
    "Quang Trung", "Hai Bà Trưng", "Nguyễn Trãi", "Lý Thường Kiệt", "Ngô Quyền", "Phan Chu Trinh",
    "Hùng Vương", "Nguyễn Du", "Chợ Cũ", "Bờ Kè", "Đê La Thành", "Giếng Nước", "Cầu Đất", "30/4",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Homes:
    """The legacy province (index) and commune of each household."""

    province: Ints
    commune: Ints


def choose_homes(draws: Draws, tables: Tables, count: int) -> Homes:
    """Spread households over provinces by population, and over their communes."""
    province = tables.province.pick(draws.raw("home province", count))
    return Homes(province, tables.communes.legacy.pick(draws.raw("home commune", count), province))


def is_reformed(as_of: date) -> bool:
    """Whether addresses of that day are written in the codes of 2025-07-01."""
    return as_of >= REFORM


def write_address(draws: Draws, tables: Tables, plan: Plan, homes: Homes, into: Records) -> None:
    """Fill the address columns of household records."""
    count = len(into)
    into["house"] = 1 + draws.below("house", count, 399)
    into["street"] = draws.below("street", count, len(STREETS))
    into["commune"] = homes.commune
    into["epoch"], into["conversion"] = CodeEpoch.LEGACY, Conversion.NATIVE
    if is_reformed(plan.as_of):
        _convert(draws, tables, plan, homes, into)


def _convert(draws: Draws, tables: Tables, plan: Plan, homes: Homes, into: Records) -> None:
    chance = draws.unit("conversion", len(into))
    old = chance < plan.shares.unconverted
    new = ~old & (chance < plan.shares.unconverted + plan.shares.written_since)
    fresh = tables.communes.current.pick(draws.raw("new commune", len(into)), homes.province)
    moved = np.where(new, fresh, tables.communes.successor[homes.commune])
    into["commune"] = np.where(old, homes.commune, moved)
    into["epoch"] = np.where(old, CodeEpoch.LEGACY, CodeEpoch.Y2025)
    into["former"] = np.where(old | new, 0, homes.commune)
    conversion = np.where(new, Conversion.NATIVE, tables.communes.conversion[homes.commune])
    into["conversion"] = np.where(old, Conversion.UNCONVERTED, conversion)


def commune_code_of_day(tables: Tables, legacy: Ints, day: Ints) -> Ints:
    """The code by which a legacy commune goes on ``day`` (days since 1970-01-01)."""
    return np.where(day >= day_number(REFORM), tables.communes.successor[legacy], legacy)


def number_place(plan: Plan, tables: Tables, province: Ints, day: Ints) -> Ints:
    """The first three digits of a number, by legacy province and day of birth."""
    if plan.reserved_ids:
        return 97 + province % 3
    provinces = tables.provinces
    reformed = day >= day_number(REFORM)
    return np.where(reformed, provinces.successor[province], provinces.codes[province])
