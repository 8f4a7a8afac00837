"""What chunks consist of: fixed-width records, in which 0 means not recorded.

(For religion -1 means it, because 0 is a code.) Columns are those of the register's tables;
names are indexes into ``NameTables.strings``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntFlag
from typing import Any

import numpy as np
import numpy.typing as npt

from mock_population_db.generate.shares import Shares

Records = npt.NDArray[Any]  # of PERSON, HOUSEHOLD or STEP

PERSON = np.dtype(
    [
        ("id", "<i8"), ("father", "<i8"), ("mother", "<i8"), ("spouse", "<i8"),
        ("birth", "<i4"), ("old_id", "<i4"), ("vital_date", "<i4"), ("issued", "<i4"),
        ("expires", "<i4"), ("birth_commune", "<i4"), ("registered_commune", "<i4"),
        ("native_commune", "<i4"), ("household", "<i4"), ("resident_since", "<i4"),
        ("stay_household", "<i4"), ("stay_since", "<i4"), ("stay_until", "<i4"),
        ("current_commune", "<i4"), ("current_since", "<i4"),
        ("family", "<i2"), ("second", "<i2"), ("middle", "<i2"), ("given", "<i2"),
        ("vital", "i1"), ("number_status", "i1"), ("death_annulled", "i1"), ("sex", "i1"),
        ("ethnic", "i1"), ("religion", "i1"), ("blood", "i1"), ("marital", "i1"),
        ("relation", "i1"), ("document", "i1"), ("stay_relation", "i1"), ("spoiled", "i1"),
    ]
)  # fmt: skip
HOUSEHOLD = np.dtype(
    [
        ("id", "<i4"), ("kind", "i1"), ("head", "<i8"), ("commune", "<i4"), ("epoch", "i1"),
        ("conversion", "i1"), ("former", "<i4"), ("house", "<i2"), ("street", "<i2"),
    ]
)  # fmt: skip
STEP = np.dtype(
    [("former", "<i8"), ("successor", "<i8"), ("on_date", "<i4"), ("reason", "i1")],
)
REASONS = ("SEX_CORRECTED", "BIRTH_YEAR_CORRECTED", "DUPLICATE", "PLACE_CORRECTED")


class Spoiled(IntFlag):
    """Defects that are applied when a row is written."""

    ONE_FIELD = 1  # the whole name in the given name
    LOOK_ALIKE = 2  # Ð for Đ
    HALF_DECOMPOSED = 4
    NO_NATIONALITY = 8


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a population is a function of."""

    size: int
    seed: int
    as_of: date
    reserved_ids: bool
    shares: Shares
    chunks: int  # follows from size

    def chunk_size(self, chunk: int) -> int:
        """How many citizens chunk number ``chunk`` makes."""
        return self.size // self.chunks + (chunk < self.size % self.chunks)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk's records, each sorted by its first column."""

    people: Records
    households: Records
    steps: Records


def in_bytes(records: Records) -> Records:
    """The same records without their fields: NumPy moves those whole, others field by field."""
    return records.view(f"V{records.dtype.itemsize}")


def sorted_by(column: str, records: Records) -> Records:
    """The records in the order of a column, in which no value comes twice."""
    order = np.argsort(records[column])
    return in_bytes(records)[order].view(records.dtype)
