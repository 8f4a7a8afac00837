"""Changes as scripts read them: one JSON object each."""

from __future__ import annotations

import json
from typing import Any

from google.protobuf.json_format import MessageToDict

from clients.sdk import CitizenChange


def change_json(change: CitizenChange) -> dict[str, Any]:
    """A change; values as the contract's JSON has them."""
    citizen = change.citizen
    return {
        "revision": change.revision,
        "kind": change.kind.name,
        "personal_id": change.personal_id,
        "former_personal_id": change.former_personal_id,
        "recorded_at": change.recorded_at.isoformat(),
        "effective_date": change.effective_date,
        "paths": list(change.paths),
        "cause": change.cause.name,
        "event_id": change.event_id,
        "citizen": None
        if citizen is None
        else MessageToDict(citizen, preserving_proto_field_name=True),
        "fields": {path: status.name for path, status in change.fields.items()},
    }


def change_line(change: CitizenChange) -> bytes:
    """A change as one line of JSON Lines."""
    return json.dumps(change_json(change), ensure_ascii=False).encode() + b"\n"
