"""An event from a JSON file: as the contract has it, alone or in the whole request."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf import json_format

from clients.cli_errors import UsageError
from dancu.v1.population_event_pb2 import PopulationEvent

_FORMS = {  # what people write as text, and the contract does not
    "google.type.Date": '{"year": 2025, "month": 12, "day": 1}',
    "dancu.v1.PersonName": '{"family": "…", "middle": "…", "given": "…"}',
}
_REVISIONS = ("expectedRevision", "expected_revision")


def parse_event(text: str, where: str) -> PopulationEvent:
    """Read an event, or a SubmitPopulationEventRequest of which only the event is taken.

    Args:
        text: JSON.
        where: What errors call it.

    Raises:
        UsageError: It is neither; says what is wrong, and how a date or a name is written.
    """
    try:
        found = json.loads(text, object_pairs_hook=_once_each)
    except ValueError as error:
        raise UsageError(f"{where} is no JSON: {error}") from None
    if isinstance(found, dict) and "event" in found:
        if any(found.get(name) for name in _REVISIONS):
            raise UsageError(f"{where}: give its revision as --expected-revision")
        found = found["event"]
    for wrong in _misshapen(found, PopulationEvent.DESCRIPTOR):
        raise UsageError(f"{where}: {wrong}")
    try:
        return json_format.ParseDict(found, PopulationEvent())
    except (json_format.ParseError, AttributeError, TypeError) as error:
        raise UsageError(f"{where} is no PopulationEvent: {error}") from None


def _once_each(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"a key stands twice among {', '.join(name for name, _ in pairs)}")
    return found


def _misshapen(value: object, descriptor: Any, path: str = "") -> Iterator[str]:
    """The fields that are text, and must not be: where, and what to write."""
    if not isinstance(value, dict):
        return
    fields = {key: each for each in descriptor.fields for key in (each.name, each.json_name)}
    for name, inner in value.items():
        kind = fields[name].message_type if name in fields else None
        if kind is None:
            continue
        if isinstance(inner, str) and kind.full_name in _FORMS:
            yield f"{path}{name}: write {_FORMS[kind.full_name]}"
        yield from _misshapen(inner, kind, f"{path}{name}.")
