"""The tables of a policy file as they are written, with the line of everything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.core.policy import FIELDS, SENSITIVE
from gateway.policies.lines import Block, line_of_text

ORDINARY = "ordinary"  # the one set of fields that every file has


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and what to do about it.

    Attributes:
        line: Where it stands; 0 for the file as a whole.
    """

    line: int
    key: str
    rule: str
    fix: str

    def told_of(self, name: str) -> str:
        """In one line that begins as those of a compiler do.

        Args:
            name: Of the file.
        """
        place = f"{name}:{self.line}" if self.line else name
        return f"{place}: {self.key}: {self.rule}; {self.fix}"


Check = Callable[[object], bool]
Keys = Mapping[str, tuple[str, Check]]
"""What each key of a table must be, in words and as a check."""


def is_texts(value: object) -> bool:
    """A list of at least one text, none of them empty or twice."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, str) and one.strip() and one.isprintable() for one in value)
        and len(set(value)) == len(value)
    )


TEXTS = ("a list of texts, none empty and none twice", is_texts)


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``[[grant]]`` or ``[[quota]]``."""

    file: str
    text: str  # of the whole file
    place: Block
    values: dict[str, Any]
    groups: Mapping[str, list[str]]
    sets: Mapping[str, list[str]]
    problems: list[Problem] = field(default_factory=list)

    @property
    def line(self) -> int:
        """Where it begins."""
        return self.place.line

    def found(self, key: str, rule: str, fix: str, value: str = "") -> None:
        """Note something wrong with a key, or with one value of its list."""
        line = self.place.line_of(key)
        if value:
            line = line_of_text(self.text, self.place, key, value)
        self.problems.append(Problem(line, key, rule, fix))

    def check(self, keys: Keys, required: frozenset[str]) -> None:
        """Check that all keys are known, there, and of their types; drop those that are not."""
        for key in self.values.keys() - keys.keys():
            self.found(key, "is not a known key", f"use {', '.join(keys)}")
        for key in sorted(required - self.values.keys()):
            self.found(key, "is missing", f"write {key} = …")
        for key, (words, right) in keys.items():
            if key in self.values and not right(self.values[key]):
                self.found(key, f"is not {words}", "see docs/policy.md")
                del self.values[key]

    def texts(self, key: str) -> list[str]:
        """The texts of a key; none if it is not there."""
        found: list[str] = self.values.get(key, [])
        return found

    def callers(self) -> frozenset[str]:
        """Who is meant, groups taken apart."""
        found: set[str] = set()
        for name in self.texts("callers"):
            if name == "*":
                fix = 'name them, or a group of [groups] as "@name"'
                self.found("callers", '"*" would let in anybody', fix, name)
            elif not name.startswith("@"):
                found.add(name)
            elif name[1:] in self.groups:
                found.update(self.groups[name[1:]])
            else:
                fix = f"there are {_listed(self.groups)}"
                self.found("callers", f"there is no group {name[1:]}", fix, name)
        return frozenset(found)

    def fields(self) -> frozenset[str]:
        """Which fields are meant, sets taken apart."""
        found: set[str] = set()
        for name in self.texts("fields"):
            if name in FIELDS:
                found.add(name)
            elif name in self.sets:
                found.update(self.sets[name])
            elif name == "*":
                fix = f'write "{ORDINARY}", and name {", ".join(sorted(SENSITIVE))} one by one'
                self.found("fields", '"*" would open sensitive fields', fix, name)
            else:
                fix = f"use a set ({_listed(self.sets)}) or a field: {', '.join(FIELDS)}"
                self.found("fields", f"there is no field {name}", fix, name)
        return frozenset(found)


def check_groups(groups: object, place: Block) -> tuple[dict[str, list[str]], list[Problem]]:
    """``[groups]``: those without fault, and the faults."""
    found, problems = _lists("groups", groups, place)
    for name, members in found.items():
        for member in members:
            if member == "*" or member.startswith("@"):
                problems.append(
                    Problem(place.line_of(name), name, f"{member} is no caller", "name callers")
                )
    return found, problems


def check_sets(sets: object, place: Block) -> tuple[dict[str, list[str]], list[Problem]]:
    """``[field_sets]``: those without fault, with the one of every file, and the faults."""
    found, problems = _lists("field_sets", sets, place)
    for name, members in found.items():
        line = place.line_of(name)
        if name == ORDINARY or name in FIELDS:
            problems.append(Problem(line, name, "is a name of dancu's own", "choose another"))
        problems += [
            Problem(line, name, f"there is no field {one}", f"use {', '.join(FIELDS)}")
            for one in members
            if one not in FIELDS
        ]
        problems += [
            Problem(line, name, f"{one} is sensitive", "name it in each grant instead")
            for one in members
            if one in SENSITIVE
        ]
    return {**found, ORDINARY: [one for one in FIELDS if one not in SENSITIVE]}, problems


def _lists(key: str, table: object, place: Block) -> tuple[dict[str, list[str]], list[Problem]]:
    if not isinstance(table, dict):
        return {}, [Problem(place.line_of(key), key, "is no table", f"write [{key}]")]
    words, right = TEXTS
    problems = [
        Problem(place.line_of(name), name, f"is not {words}", f'write {name} = ["…"]')
        for name, value in table.items()
        if not right(value)
    ]
    return {name: value for name, value in table.items() if right(value)}, problems


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(names) or "none"
