"""Profiles of the simulator from a TOML file, checked as a whole. ``docs/simulate.md`` tells how.

The keys are those of the contract's ``Profile`` in plain words; times are seconds.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.core.latency import READY_MADE, Constant, Latency, LogNormal, Percentiles, Uniform
from gateway.core.profile import Outage, Profile, Throttle
from gateway.core.profile_rules import profile_faults
from gateway.policies.entries import Problem
from gateway.policies.file import PolicyFileError
from gateway.policies.lines import Block, blocks

_TOML_LINE = re.compile(r"at line (\d+)")
_FIELDS = {  # of the contract, by key
    "name": "name",
    "caller": "caller",
    "rpc": "rpc",
    "seed": "seed",
    "latency": "latency",
    "faults": "faults",
    "timeouts": "faults",
    "lost_answers": "faults",
    "outages": "outages",
    "throttle": "throttle",
    "drip": "drip",
    "wrong_signatures": "wrong_signature_share",
    "expired_keys": "wrong_signature_share",
}
_FIX = "docs/simulate.md has an example of each"


def load_profiles(path: Path) -> list[Profile]:
    """Read the profiles of a file, in its order.

    Raises:
        PolicyFileError: everything that is wrong in it, or that it cannot be read.
    """
    try:
        text = path.read_text("utf-8-sig").replace("\r\n", "\n")
        tables = tomllib.loads(text)
    except (OSError, ValueError) as error:
        at = _TOML_LINE.search(str(error))
        problem = Problem(int(at[1]) if at else 1, "file", f"cannot be read: {error}", _FIX)
        raise PolicyFileError(str(path), [problem]) from error
    places = [place for place in blocks(text) if place.name == "profile"]
    entries = tables.get("profile", [])
    if tables.keys() - {"profile"} or not isinstance(entries, list) or len(entries) != len(places):
        problem = Problem(1, "file", "has something else than profiles", "write [[profile]] above")
        raise PolicyFileError(str(path), [problem])
    problems: list[Problem] = []
    found = [_profile(*pair, problems) for pair in zip(entries, places, strict=True)]
    problems += _named_twice(found, places)
    if problems:
        raise PolicyFileError(str(path), problems)
    return [one for one in found if one is not None]


def _profile(table: Mapping[str, Any], place: Block, problems: list[Problem]) -> Profile | None:
    before = len(problems)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _FIELDS:
            known = ", ".join(_FIELDS)
            problems.append(Problem(place.line_of(key), key, "is no key", f"there are: {known}"))
            continue
        try:
            values[key] = _READ[key](value)
        except (TypeError, ValueError, KeyError, AttributeError):
            problems.append(Problem(place.line_of(key), key, "is not written so", _FIX))
    if "name" not in table:
        problems.append(Problem(place.line, "name", "is missing", "give the profile a name"))
    if len(problems) > before:
        return None
    profile = Profile(**values)
    for fault in profile_faults(profile):
        field = fault.field.removeprefix("profile.")
        key = next((one for one in table if _FIELDS[one] == field), field)
        problems.append(Problem(place.line_of(key), key, fault.message_en, _FIX))
    return profile


def _named_twice(found: list[Profile | None], places: list[Block]) -> Iterator[Problem]:
    seen: set[str] = set()
    for one, place in zip(found, places, strict=True):
        if one is not None and one.name in seen:
            yield Problem(place.line_of("name"), "name", "stands twice", "choose another")
        seen.add(one.name if one else "")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**64:
        raise TypeError
    return value


def _latency(value: object) -> Latency:
    """``"real-link"``, seconds, or a table with the one distribution."""
    if isinstance(value, str):
        return READY_MADE[value]
    if not isinstance(value, dict):
        return Constant(_number(value))
    if value.keys() == {"percentiles"}:
        points = value["percentiles"]
        return Percentiles(tuple([(_number(at), _number(time)) for at, time in points]))
    if value.keys() == {"low", "high"}:
        return Uniform(_number(value["low"]), _number(value["high"]))
    return LogNormal(**{key: _number(one) for key, one in value.items()})


def _faults(value: Mapping[str, object]) -> tuple[tuple[str, float], ...]:
    return tuple([(code, _number(share)) for code, share in value.items()])


def _outages(value: object) -> tuple[Outage, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple([_outage(dict(one)) for one in value])


def _outage(value: dict[str, Any]) -> Outage:
    """``after`` or ``at``, ``duration``, and perhaps ``every``."""
    at = value.pop("at", None)
    if at is not None and (not isinstance(at, datetime) or at.tzinfo is None):
        raise TypeError
    start = at.timestamp() if at else _number(value.pop("after", 0))
    times = {key: _number(one) for key, one in value.items()}
    return Outage(start, by_clock=at is not None, **times)


def _throttle(value: Mapping[str, object]) -> Throttle:
    if value.keys() - {"per_second", "burst"}:
        raise KeyError
    return Throttle(_number(value["per_second"]), _whole(value.get("burst", 1)))


_READ: Mapping[str, Callable[[Any], object]] = {
    "name": _text,
    "caller": _text,
    "rpc": _text,
    "seed": _whole,
    "latency": _latency,
    "faults": _faults,
    "timeouts": _number,
    "lost_answers": _number,
    "outages": _outages,
    "throttle": _throttle,
    "drip": _latency,
    "wrong_signatures": _number,
    "expired_keys": _number,
}
