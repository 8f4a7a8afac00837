"""A policy from its TOML file, checked as a whole: everything wrong is told at once.

``docs/policy.md`` tells how to write one. Reads a file and decides nothing:
``core/policy.py`` does.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from importlib import resources
from itertools import combinations
from pathlib import Path
from typing import Any

from gateway.core.policy import Policy, Rule, conflicts
from gateway.core.pool import Quota
from gateway.policies.entries import Entry, Problem, check_groups, check_sets
from gateway.policies.lines import Block, blocks
from gateway.policies.tables import QuotaRule, read_grant, read_quota

_TOML_LINE = re.compile(r"\(at (?:line (\d+), column \d+|end of document)\)")
_VERSION_DIGITS = 16
_TABLES = ("groups", "field_sets", "grant", "quota")


class PolicyFileError(Exception):
    """A policy that cannot be used.

    Attributes:
        problems: everything that is wrong, by line.
    """

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = sorted(problems, key=lambda problem: problem.line)
        super().__init__("\n".join(problem.told_of(name) for problem in self.problems))


def load_policy(path: Path) -> Policy:
    """Read and compile a policy.

    Raises:
        PolicyFileError: something in the file is wrong, or it cannot be read.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "cannot be read"
        problem = Problem(0, "file", reason, "check the path and its rights")
        raise PolicyFileError(str(path), [problem]) from error
    return parse_policy(content, str(path))


def demo_policy() -> Policy:
    """The policy of ``dancu dev`` when no other is named."""
    file = resources.files("gateway.policies") / "demo.toml"
    return parse_policy(file.read_bytes(), "demo.toml")


def parse_policy(content: bytes, name: str) -> Policy:
    """Compile the bytes of a file called ``name``.

    Its version is a digest of the bytes: two files with one version say the same.

    Raises:
        PolicyFileError: something in it is wrong.
    """
    problems: list[Problem] = []
    page = _Page(name, *_read(content, problems), problems)
    grants, quotas = page.entries("grant"), page.entries("quota")
    rules = [rule for entry in grants if (rule := read_grant(entry))]
    limits = [quota for entry in quotas if (quota := read_quota(entry))]
    problems += [problem for entry in (*grants, *quotas) for problem in entry.problems]
    problems += _overlapping_grants(rules)
    problems += _overlapping_quotas(limits)
    if not problems:  # else a caller may be missing because its grant is at fault
        problems += _pointless(rules, limits)
    if problems:
        raise PolicyFileError(name, problems)
    version = "sha256:" + hashlib.sha256(content).hexdigest()[:_VERSION_DIGITS]
    return Policy(version, rules, _by_account(limits))


def _read(content: bytes, problems: list[Problem]) -> tuple[str, dict[str, Any]]:
    """The text, and its tables."""
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problems.append(Problem(line, "file", "is not UTF-8", "save it as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        line = int(at[1]) if at and at[1] else content.count(b"\n") + 1
        rule = _TOML_LINE.sub("", str(error)).strip()
        problems.append(Problem(line, "file", f"is no TOML: {rule}", "see docs/policy.md"))
    return "", {}


class _Page:
    """A file's tables, with where they stand and the names that it defines."""

    def __init__(
        self, name: str, text: str, tables: dict[str, Any], problems: list[Problem]
    ) -> None:
        self._name = name
        self._text = text
        self._tables = tables
        self._problems = problems
        self._places = blocks(text)
        self._check_top()
        self._groups, wrong = check_groups(tables.get("groups", {}), self._place("groups"))
        problems += wrong
        self._sets, wrong = check_sets(tables.get("field_sets", {}), self._place("field_sets"))
        problems += wrong

    def entries(self, kind: str) -> list[Entry]:
        """Every ``[[kind]]`` table."""
        tables = self._tables.get(kind, [])
        places = [place for place in self._places if place.name == kind]
        if not isinstance(tables, list) or len(tables) != len(places):
            line = self._places[0].line_of(kind)
            fix = f"write [[{kind}]] above each"
            self._problems.append(Problem(line, kind, "is no list of tables", fix))
            return []
        return [
            Entry(self._name, self._text, place, table, self._groups, self._sets)
            for table, place in zip(tables, places, strict=True)
        ]

    def _place(self, name: str) -> Block:
        """Where a table stands, or the keys before the first one."""
        parts = (place for place in self._places if place.name.partition(".")[0] == name)
        return next(parts, self._places[0])

    def _check_top(self) -> None:
        for name in self._tables:
            if name not in _TABLES:
                fix = "use [groups], [field_sets], [[grant]], [[quota]]"
                line = self._place(name).line_of(name)
                self._problems.append(Problem(line, name, "is no part of a policy", fix))


def _overlapping_grants(rules: list[Rule]) -> Iterator[Problem]:
    for one, other in conflicts(rules):
        caller = min(one.callers & other.callers)
        procedure = min(one.procedures & other.procedures)
        rpc = min(one.rpcs & other.rpcs)
        yield Problem(
            other.grant.line,
            "grant",
            f"overlaps the one of line {one.grant.line}: both decide {rpc} of {caller} for "
            f"procedure {procedure} at the same time",
            "take it out of one of them, or let one end before the other begins",
        )


def _overlapping_quotas(limits: list[QuotaRule]) -> Iterator[Problem]:
    for one, other in combinations(limits, 2):
        callers, procedures = one.callers & other.callers, one.procedures & other.procedures
        if callers and procedures:
            yield Problem(
                other.quota.line,
                "quota",
                f"overlaps the one of line {one.quota.line}: both limit {min(callers)} for "
                f"procedure {min(procedures)}",
                "take it out of one of them",
            )


def _pointless(rules: list[Rule], limits: list[QuotaRule]) -> Iterator[Problem]:
    if not rules:
        yield Problem(1, "grant", "there is none, so nothing is allowed", "write a [[grant]]")
    granted = {caller for rule in rules for caller in rule.callers}
    for limit in limits:
        for caller in sorted(limit.callers - granted):
            rule, fix = f"{caller} has a quota and no grant", "check the name, or take it out"
            yield Problem(limit.quota.line, "callers", rule, fix)


def _by_account(limits: list[QuotaRule]) -> dict[tuple[str, str], Quota]:
    return {
        (caller, procedure): limit.quota
        for limit in limits
        for caller in limit.callers
        for procedure in limit.procedures
    }
