"""What the code tells callers, read from its syntax tree: reasons, rules and texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from mock_population_db.rules.refusals import REFUSALS

GATEWAY = Path(__file__).parents[2] / "gateway"

_NAME = re.compile(r"[A-Z][A-Z_]{2,}")
_ERRORS = frozenset(
    {
        "MalformedRequest",
        "Refused",
        "QuotaExceeded",
        "Unauthenticated",
        "Overloaded",
        "Simulated",
        "TooSlow",
        "OutOfRange",
        "NotFound",
        "Conflict",
        "Obstructed",
        "Outdated",
        "Unavailable",
        "AnsweredMeanwhile",
        "Internal",
    }
)
_VIOLATIONS = frozenset({"Violation", "number_violation"})


def reasons_given() -> set[str]:
    """First arguments of every error that the gateway makes, and what the register refuses by."""
    return set(_names(_ERRORS, 0, sorted(GATEWAY.rglob("*.py")))) | REFUSALS.keys()


def rules_given() -> set[str]:
    """Second arguments of every violation that the core makes."""
    return set(_names(_VIOLATIONS, 1, sorted((GATEWAY / "core").glob("*.py"))))


def texts() -> set[str]:
    """Every text of the gateway, with what is filled in as ``{expression}``; and the register's."""
    return {text for both in REFUSALS.values() for text in both} | {
        text.strip()
        for path in GATEWAY.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (text := _text(node))
    }


def _names(makers: frozenset[str], position: int, paths: list[Path]) -> Iterator[str]:
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or len(node.args) <= position:
                continue
            name = _text(node.args[position])
            if ast.unparse(node.func) in makers and _NAME.fullmatch(name):
                yield name


def _text(node: ast.AST) -> str:
    """A text as it stands in the source; empty if it is none."""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return f"{{{ast.unparse(node.value)}}}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return ""
