"""What a check came to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """How bad it is."""

    OK = "OK"
    WARN = "WARN"  # it runs, and somebody should look
    FAIL = "FAIL"  # it does not run, or must not


class Finding(NamedTuple):
    """What a check came to.

    Attributes:
        check: its name; ``docs/observability.md`` lists them.
        level: how bad it is.
        found: one line.
        remedy: what to do; empty when it is well.
    """

    check: str
    level: Level
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, Level.OK, found)


def warn(check: str, found: str, remedy: str) -> Finding:
    """Somebody should look."""
    return Finding(check, Level.WARN, found, remedy)


def fail(check: str, found: str, remedy: str) -> Finding:
    """It must not go on so."""
    return Finding(check, Level.FAIL, found, remedy)


def at_least(
    check: str, value: float, levels: tuple[float, float], found: str, remedy: str
) -> Finding:
    """By a value that should be large: WARN below the first level, FAIL below the second."""
    warning, failing = levels
    if value >= warning:
        return ok(check, found)
    return (warn if value >= failing else fail)(check, found, remedy)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst of them."""
    return max((one.level for one in findings), key=list(Level).index, default=Level.OK)


def guarded(check: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """The findings of a check; what the system refuses is one, too."""
    try:
        yield from findings
    except OSError as error:
        yield fail(check, str(error), "run the doctor as the user that the gateway runs as")
