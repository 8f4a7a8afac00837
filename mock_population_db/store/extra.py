"""The ``extra`` column: what few people have, as compact JSON.

Its keys are the fields of ``Extra``, its relatives', documents' and addresses' keys
those of the citizen type; what has its default value is left out. Days are YYYYMMDD.
"""

from __future__ import annotations

import json
from dataclasses import MISSING, dataclass, field, fields
from datetime import date
from typing import Any

from mock_population_db.citizen import (
    Address,
    CodeEpoch,
    Conversion,
    Document,
    DocumentKind,
    DocumentStatus,
    Relative,
)
from mock_population_db.store.packing import day, pack_day


@dataclass(frozen=True, slots=True)
class Extra:
    """What the columns of ``citizen`` cannot say."""

    persona: bool = False  # a fixed or user-made person: may be replaced
    other_names: tuple[str, ...] = ()
    phone: str = ""
    email: str = ""
    residence_file_number: str | None = None  # None = the household's
    representative: Relative | None = None
    # by role (father, mother, spouse): those whom the register does not hold
    relatives: dict[str, Relative] = field(default_factory=dict)
    documents: tuple[Document, ...] = ()  # besides the present card
    # by use (birth_place, …): places that are more than a commune, or abroad
    places: dict[str, Address] = field(default_factory=dict)


NOTHING = Extra()
_dumped = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def dump_extra(extra: Extra) -> str | None:
    """The column's text, None when there is nothing to say."""
    if extra == NOTHING:  # that of nearly everybody
        return None
    return _dumped(_plain(extra))


def load_extra(text: str | None) -> Extra:
    """What the column says. Raises ValueError or KeyError for text of another shape."""
    if text is None:
        return NOTHING
    content: dict[str, Any] = json.loads(text)
    representative = content.get("representative")
    return Extra(
        persona=content.get("persona", False),
        other_names=tuple(content.get("other_names", ())),
        phone=content.get("phone", ""),
        email=content.get("email", ""),
        residence_file_number=content.get("residence_file_number"),
        representative=None if representative is None else Relative(**representative),
        relatives={role: Relative(**one) for role, one in content.get("relatives", {}).items()},
        documents=tuple(_document(one) for one in content.get("documents", ())),
        places={use: _address(one) for use, one in content.get("places", {}).items()},
    )


def _plain(value: Any) -> Any:
    """Dataclasses and addresses as objects without their defaults, days as integers."""
    if isinstance(value, date):
        return pack_day(value)
    if isinstance(value, Address):
        given, default = value._asdict(), Address()._asdict()
        return {name: one for name, one in given.items() if one != default[name]}
    if isinstance(value, (tuple, list)):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {
            one.name: _plain(getattr(value, one.name))
            for one in fields(value)
            if getattr(value, one.name) != _default(one)
        }
    return value


def _default(one: Any) -> object:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _document(content: dict[str, Any]) -> Document:
    return Document(
        DocumentKind(content["kind"]),
        content["number"],
        day(content.get("issued")),
        day(content.get("expires")),
        DocumentStatus(content.get("status", DocumentStatus.VALID)),
    )


def _address(content: dict[str, Any]) -> Address:
    coded = {
        "epoch": CodeEpoch(content.get("epoch", CodeEpoch.Y2025)),
        "conversion": Conversion(content.get("conversion", Conversion.NATIVE)),
    }
    return Address(**{**content, **coded})
