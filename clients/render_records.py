"""What one reconciled record says, as rows for people and as JSON."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from clients.sdk.reconciled import RecordAnswer

Row = tuple[str, str]


def record_rows(record: RecordAnswer) -> list[Row]:
    """Labels and values; empty ones are left out by whoever shows them."""
    claim, asked = record.claim, list[Row]()
    if claim is not None:
        asked = [
            ("number", claim.personal_id or claim.old_id_number),
            ("name", claim.full_name),
            ("birth date", claim.birth_date),
        ]
    told = [
        (each.field, f"{each.agreement.name} {each.register_value}".rstrip())
        for each in record.fields
    ]
    return [
        ("row", record.row_key),
        *asked,
        ("take note", ", ".join(flag.name for flag in record.flags)),
        ("current number", record.current_personal_id),
        ("died", record.death_date),
        *told,
        *((each.field, f"{each.rule}: {each.description}") for each in record.violations),
    ]


def record_json(record: RecordAnswer) -> dict[str, Any]:
    """The record as a script reads it."""
    return {each.name: getattr(record, each.name) for each in fields(record)}
