"""Edits with exactly the contract's fields that they change."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from mock_population_db.changes import ChangeKind
from mock_population_db.citizen import Citizen, NumberStatus
from mock_population_db.rules.plan import Edit

_IDENTITY: dict[str, Callable[[Citizen], object]] = {
    "personal_id": lambda one: one.identity.personal_id,
    "old_id_number": lambda one: one.identity.old_id_number,
    "name": lambda one: one.identity.name.full and one.identity.name,
    "birth_date": lambda one: one.identity.birth_date,
    # as the contract tells it: a number that waits to be confirmed is a status of its own
    "person_status": lambda one: (
        one.identity.vital_status,
        one.identity.number_status is NumberStatus.PENDING,
    ),
}

# in the contract's order
FIELDS = (
    "personal_id", "old_id_number", "name", "other_names", "birth_date", "sex", "ethnic_code",
    "religion_code", "nationality", "blood_type", "marital_status", "birth_place",
    "birth_registration_place", "native_place", "permanent_residence", "temporary_residence",
    "current_residence", "residence_file_number", "father", "mother", "spouse", "representative",
    "documents", "person_status", "vital_date", "phone", "email",
)  # fmt: skip

_OTHERS = tuple(name for name in FIELDS if name not in _IDENTITY)
_others = attrgetter(*_OTHERS)


def made(kind: ChangeKind, after: Citizen) -> Edit:
    """A record that is made; its fields are those that it holds something in."""
    return Edit(kind, None, after, tuple(name for name in FIELDS if _value(after, name)))


def changed(kind: ChangeKind, before: Citizen, after: Citizen, reason: str = "") -> Edit:
    """A change of a record."""
    pairs = zip(_OTHERS, _others(before), _others(after), strict=True)
    # mostly the very same object, which costs nothing to compare
    found = {name for name, old, new in pairs if old is not new and old != new}
    if before.identity is not after.identity:
        found |= {name for name, read in _IDENTITY.items() if read(before) != read(after)}
    return Edit(kind, before, after, tuple(name for name in FIELDS if name in found), reason)


def _value(one: Citizen, name: str) -> object:
    read = _IDENTITY.get(name)
    return read(one) if read else getattr(one, name)
