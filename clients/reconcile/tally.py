"""The sum of a result: how many of what, and where to look first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from clients.reconcile.outcomes import MATCHED, Outcome

_EXAMPLES = 3
_SHOWN_FRONT, _SHOWN_BACK = 3, 2


@dataclass(slots=True)
class Tally:
    """What was counted so far. Small, whatever the file: it goes into the journal.

    Attributes:
        rows: Rows with a result.
        verdicts: Rows by verdict.
        flags: Rows by flag.
        fields: By field, how often each agreement was found.
        violations: By ``field RULE``, how many rows break it.
        why: A rule's description, by the same.
        examples: By verdict, flag, differing field or broken rule: the first few rows, each with
            its number masked.
        not_understood: By field, cells that were not understood and so not compared.
        unreadable: Rows with bytes that are no text in the file's encoding.
    """

    rows: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    fields: dict[str, Counter[str]] = field(default_factory=dict)
    violations: Counter[str] = field(default_factory=Counter)
    why: dict[str, str] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    not_understood: Counter[str] = field(default_factory=Counter)
    unreadable: int = 0

    @property
    def all_matched(self) -> bool:
        """Whether there is nothing to look at."""
        return self.verdicts[MATCHED] == self.rows and not self.flags

    def add(self, first_row: int, numbers: Sequence[str], outcomes: Sequence[Outcome]) -> None:
        """Count some rows.

        Args:
            first_row: The number of the first of them.
            numbers: The personal or old number of each, for the examples.
            outcomes: What became of each.
        """
        self.rows += len(outcomes)
        shared = {id(outcome): outcome for outcome in outcomes}
        for each, count in Counter(map(id, outcomes)).items():
            self._count(shared[each], count)
        wanting = {
            each
            for each, outcome in shared.items()
            if any(len(self.examples.get(kind, ())) < _EXAMPLES for kind in outcome.kinds)
        }
        if wanting:
            for place, outcome in enumerate(outcomes):
                if id(outcome) in wanting:
                    self._show(outcome, f"row {first_row + place}: {masked(numbers[place])}")

    def _count(self, outcome: Outcome, count: int) -> None:
        self.verdicts[outcome.verdict] += count
        for name, agreement in outcome.agreements:
            self.fields.setdefault(name, Counter())[agreement] += count
        for flag in outcome.flags:
            self.flags[flag] += count
        for name, rule, why in outcome.violations:
            self.violations[f"{name} {rule}"] += count
            self.why.setdefault(f"{name} {rule}", why)

    def _show(self, outcome: Outcome, example: str) -> None:
        for kind in outcome.kinds:
            examples = self.examples.setdefault(kind, [])
            if len(examples) < _EXAMPLES:
                examples.append(example)

    def to_json(self) -> dict[str, Any]:
        """As the journal keeps it, and as scripts read it."""
        return {each.name: getattr(self, each.name) for each in fields(self)}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Tally:
        """What ``to_json`` made; KeyError or TypeError for anything else."""
        return cls(
            rows=int(kept["rows"]),
            verdicts=Counter(kept["verdicts"]),
            flags=Counter(kept["flags"]),
            fields={name: Counter(counts) for name, counts in kept["fields"].items()},
            violations=Counter(kept["violations"]),
            why=dict(kept["why"]),
            examples={kind: list(rows) for kind, rows in kept["examples"].items()},
            not_understood=Counter(kept["not_understood"]),
            unreadable=int(kept["unreadable"]),
        )


def masked(number: str) -> str:
    """A number of which only the ends show."""
    if len(number) <= _SHOWN_FRONT + _SHOWN_BACK:
        return "*" * len(number)
    hidden = len(number) - _SHOWN_FRONT - _SHOWN_BACK
    return number[:_SHOWN_FRONT] + "*" * min(hidden, 10) + number[-_SHOWN_BACK:]
