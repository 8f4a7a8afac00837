"""Which column of a file is which field of a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clients.reconcile.errors import FileError

CLAIM = ("personal_id", "old_id_number", "full_name", "birth_date")
COMPARED = (
    "sex",
    "marital_status",
    "permanent_commune_code",
    "temporary_commune_code",
    "person_status",
    "nationality",
)
FIELDS = (*CLAIM, *COMPARED)
ADDED = ("verdict", "fields", "flags", "register_values")
"""What a result has besides the columns of the file."""


def parse_map(text: str) -> dict[str, str]:
    """Read ``--map``: ``personal_id=SO_CCCD,full_name=HO_TEN`` to column by field.

    Raises:
        FileError: It has another form, or names a field that there is not.
    """
    pairs = [part.partition("=") for part in text.split(",") if part.strip()]
    mapping = {field.strip(): column.strip() for field, _, column in pairs}
    wrong = [field for field, column in mapping.items() if field not in FIELDS or not column]
    if wrong:
        raise FileError(f"--map {wrong[0]}: write FIELD=COLUMN with a field of {', '.join(FIELDS)}")
    return mapping


def find_columns(present: Sequence[str], mapping: Mapping[str, str]) -> dict[str, str]:
    """Column by field: as mapped, or else of the same name, capitals and blanks aside.

    Raises:
        FileError: A mapped column is not there; or no number, no name or no birth date.
    """
    by_name = {name.strip().casefold(): name for name in reversed(present)}
    found = {}
    for field in FIELDS:
        column = by_name.get(mapping.get(field, field).strip().casefold())
        if column is not None:
            found[field] = column
        elif field in mapping:
            raise FileError(f"--map: there is no column {mapping[field]!r}{_listed(present)}")
    missing = [name for name in ("full_name", "birth_date") if name not in found]
    if not found.keys() & {"personal_id", "old_id_number"}:
        missing.insert(0, "personal_id")
    if missing:
        raise FileError(
            f"no column for {', '.join(missing)}{_listed(present)};"
            f" name them: --map {','.join(f'{name}=COLUMN' for name in missing)}"
        )
    return found


def check_added(present: Sequence[str]) -> None:
    """FileError when a column of the result is in the file already."""
    taken = [name for name in present if name.strip().casefold() in ADDED]
    if taken:
        raise FileError(f"the file has a column {taken[0]!r} already; rename it or leave it out")


def _listed(present: Sequence[str]) -> str:
    return f"; the file has {', '.join(present)}" if present else ""
