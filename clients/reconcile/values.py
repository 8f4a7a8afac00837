"""From the cells of a file to the records of a chunk.

Numbers, names and codes are sent as they stand, spoilt or not: what can be repaired the gateway
repairs, and flags. Dates that are written in the contract's way are sent as dates, others as
text. Words for sex and the like are read here; one that is not understood is not compared.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache

from clients.reconcile.columns import COMPARED
from dancu.v1 import citizen_pb2, reconciliation_pb2, sync_service_pb2

LONGEST_CELL = 256
"""More is never sent: it could only be refused, and a thousand of them would not fit a message."""

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_COUNTRY = re.compile("[A-Z]{2}")
_MANY_DATES = 100_000

_NO_DATA = frozenset({"", "0"})
_WORDS: dict[str, dict[str, int]] = {
    "sex": {
        **dict.fromkeys(("nam", "male", "m", "1", "trai"), citizen_pb2.SEX_MALE),
        **dict.fromkeys(("nu", "female", "f", "2", "gai"), citizen_pb2.SEX_FEMALE),
    },
    "marital_status": {
        **dict.fromkeys(
            ("1", "never married", "single", "chua ket hon", "doc than"),
            citizen_pb2.MARITAL_STATUS_NEVER_MARRIED,
        ),
        **dict.fromkeys(
            ("2", "married", "da ket hon", "ket hon", "co vo", "co chong"),
            citizen_pb2.MARITAL_STATUS_MARRIED,
        ),
        **dict.fromkeys(
            ("3", "divorced", "widowed", "divorced or widowed", "ly hon", "da ly hon", "goa"),
            citizen_pb2.MARITAL_STATUS_DIVORCED_OR_WIDOWED,
        ),
    },
    "person_status": {
        **dict.fromkeys(("1", "alive", "con song"), citizen_pb2.PERSON_STATUS_ALIVE),
        **dict.fromkeys(("2", "dead", "chet", "da chet"), citizen_pb2.PERSON_STATUS_DEAD),
        **dict.fromkeys(
            ("3", "declared missing", "mat tich"), citizen_pb2.PERSON_STATUS_DECLARED_MISSING
        ),
        **dict.fromkeys(("4", "declared dead"), citizen_pb2.PERSON_STATUS_DECLARED_DEAD),
        **dict.fromkeys(("5", "number pending"), citizen_pb2.PERSON_STATUS_NUMBER_PENDING),
    },
}


def fill(
    chunk: sync_service_pb2.RecordChunk, first_row: int, columns: Mapping[str, Sequence[str]]
) -> Counter[str]:
    """Fill a chunk with a piece of a file.

    Args:
        chunk: An empty one.
        first_row: The row number of the first record, which becomes its ``row_key``.
        columns: Cells by field; all of one length.

    Returns:
        How many cells of each field were not understood, and so are not compared.
    """
    rows = len(columns["full_name"])
    empty = [""] * rows
    add = chunk.records.add
    for row, personal_id, old_id_number, full_name, birth_date in zip(
        range(first_row, first_row + rows),
        columns.get("personal_id", empty),
        columns.get("old_id_number", empty),
        columns["full_name"],
        columns["birth_date"],
        strict=True,
    ):
        record = add()
        record.row_key = str(row)
        claim = record.claim
        claim.personal_id = personal_id[:LONGEST_CELL]
        if old_id_number:
            claim.old_id_number = old_id_number[:LONGEST_CELL]
        claim.full_name = full_name[:LONGEST_CELL]
        parts = _date(birth_date)
        if parts is None:
            record.birth_date_text = birth_date[:LONGEST_CELL]
        else:
            date = claim.birth_date
            date.year, date.month, date.day = parts
    return _compare(chunk.records, columns)


def _compare(
    records: Iterable[reconciliation_pb2.CitizenRecord], columns: Mapping[str, Sequence[str]]
) -> Counter[str]:
    """Fill in what is compared besides the claim."""
    not_understood: Counter[str] = Counter()
    for field in COMPARED:
        if field not in columns:
            continue
        read = _READERS[field]
        for record, cell in zip(records, columns[field], strict=True):
            value = read(cell) if cell else ""
            if value is None:
                not_understood[field] += 1
            elif value:
                setattr(record, field, value)
    return not_understood


@lru_cache(_MANY_DATES)
def _date(text: str) -> tuple[int, int, int] | None:
    """Year, month, day as the contract writes them, 0 where not known; None in another form."""
    found = _DATE.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day = (int(part or 0) for part in found.groups())
    return year, month, day


def _word(field: str) -> Callable[[str], int | None]:
    words = _WORDS[field]

    @lru_cache(_MANY_DATES)
    def read(text: str) -> int | None:
        plain = _plain(text)
        return 0 if plain in _NO_DATA else words.get(plain)

    return read


def _code(text: str) -> str:
    return text.strip()[:LONGEST_CELL]


@lru_cache(_MANY_DATES)
def _nationality(text: str) -> str | None:
    code = text.strip().upper()
    if _COUNTRY.fullmatch(code):
        return code
    return "VN" if _plain(text) in {"viet nam", "vietnam"} else None


def _plain(text: str) -> str:
    """Small letters without marks, single blanks."""
    apart = unicodedata.normalize("NFD", text.casefold().replace("đ", "d").replace("_", " "))
    return " ".join("".join(one for one in apart if not unicodedata.combining(one)).split())


_READERS: dict[str, Callable[[str], str | int | None]] = {
    "sex": _word("sex"),
    "marital_status": _word("marital_status"),
    "permanent_commune_code": _code,
    "temporary_commune_code": _code,
    "person_status": _word("person_status"),
    "nationality": _nationality,
}
