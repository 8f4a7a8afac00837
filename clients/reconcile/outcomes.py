"""What a signed record says, in the words of a result file.

Most records of a file say one of a few things. So each thing that is said is put into words once,
and known again by its bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from clients.sdk.reconciled import ChunkResult
from clients.sdk.requests import date_text
from dancu.v1 import reconciliation_pb2

MATCHED = "MATCHED"
INVALID = "INVALID"
DIFFERS = "DIFFERS"

_MANY = 20_000  # different outcomes kept; more than that is one a row, and not worth keeping
_INDEX, _ROW_KEY, _CLAIM = 0x08, 0x12, 0x1A  # tags of ReconciledRecord's first three fields
_MORE = 0x80


class Outcome:
    """One row of a result, beside what stood in the file. Shared by all rows that say the same.

    Attributes:
        verdict: A RecordVerdict without its prefix.
        agreements: Field and Agreement, for each field that was compared.
        flags: RecordFlags without their prefix.
        values: What the register has instead: field and value.
        violations: Field, rule and description; only when INVALID.
        cells: The columns that are added, as text.
    """

    def __init__(self, record: reconciliation_pb2.ReconciledRecord) -> None:
        self.verdict = _VERDICTS[record.verdict]
        self.agreements = [
            (each.field, _AGREEMENTS.get(each.agreement, "UNKNOWN")) for each in record.fields
        ]
        self.flags = [_FLAGS.get(flag, "UNKNOWN") for flag in record.flags]
        self.values = list(_values_of(record))
        self.violations = [(each.field, each.rule, each.description) for each in record.violations]
        self.cells = self._cells()

    @property
    def kinds(self) -> list[str]:
        """What it is an example of."""
        return [
            *([] if self.verdict == MATCHED else [self.verdict]),
            *(field for field, agreement in self.agreements if agreement == DIFFERS),
            *self.flags,
            *(f"{field} {rule}" for field, rule, _ in self.violations),
        ]

    @cached_property
    def told(self) -> str:
        """The names that are added to an object, as JSON without the braces."""
        told: dict[str, Any] = {
            "verdict": self.verdict,
            "fields": dict(self.agreements),
            "flags": self.flags,
            "register_values": dict(self.values),
        }
        if self.violations:
            names = ("field", "rule", "description")
            told["violations"] = [dict(zip(names, each, strict=True)) for each in self.violations]
        return dumps(told)[1:-1]

    def _cells(self) -> list[str]:
        agreements = "; ".join(f"{field}={agreement}" for field, agreement in self.agreements)
        broken = "; ".join(f"{field}={rule} ({why})" for field, rule, why in self.violations)
        values = "; ".join(f"{field}={value}" for field, value in self.values)
        return [self.verdict, agreements or broken, " ".join(self.flags), values]


class OutcomeReader:
    """Puts records into words."""

    def __init__(self) -> None:
        self._known: dict[bytes, Outcome] = {}

    def read(self, result: ChunkResult) -> list[Outcome]:
        """The outcome of each record of a chunk, in order."""
        known = self._known
        if len(known) > _MANY:
            known.clear()
        outcomes = []
        for value, record in zip(result.values, result.messages, strict=True):
            said = what_is_said(value)
            outcome = known.get(said)
            if outcome is None:
                outcome = known[said] = Outcome(record)
            outcomes.append(outcome)
        return outcomes


def what_is_said(value: bytes) -> bytes:
    """A ReconciledRecord's bytes without index, row key and claim, where they stand first.

    Two records with the same rest have the same outcome. Where the three are written otherwise
    more is left in it, and the record is only less likely to be known.
    """
    place = 0
    if value[place] == _INDEX:
        place += 1
        while value[place] & _MORE:
            place += 1
        place += 1
    for tag in (_ROW_KEY, _CLAIM):
        if value[place : place + 1] != bytes((tag,)):
            break
        length, after = value[place + 1], place + 2
        if length & _MORE:
            if value[after] & _MORE:  # longer than any claim
                break
            length, after = length & (_MORE - 1) | value[after] << 7, after + 1
        place = after + length
    return value[place:]


def dumps(value: Any) -> str:
    """Compact JSON; letters stay letters."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _values_of(record: reconciliation_pb2.ReconciledRecord) -> Iterator[tuple[str, str]]:
    for each in record.fields:
        if each.register_value:
            yield each.field, each.register_value
    if record.current_personal_id:
        yield "current_personal_id", record.current_personal_id
    if record.HasField("death_date"):
        yield "death_date", date_text(record.death_date)


def _words(numbers: Sequence[tuple[str, int]]) -> dict[int, str]:
    """Number to name without the prefix that all names of the enumeration share."""
    (prefix,) = (name.removesuffix("UNSPECIFIED") for name, number in numbers if number == 0)
    return {number: name.removeprefix(prefix) for name, number in numbers}


_VERDICTS = _words(reconciliation_pb2.RecordVerdict.items())
_FLAGS = _words(reconciliation_pb2.RecordFlag.items())
_AGREEMENTS = _words(reconciliation_pb2.Agreement.items())
