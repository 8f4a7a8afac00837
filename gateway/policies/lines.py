"""Where things stand in a TOML text: tomllib reads values and forgets their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]',
    re.DOTALL,
)
_HEADER = re.compile(r"\s*\[{1,2}\s*([\w.-]+)\s*\]{1,2}")
_KEY = re.compile(r"""\s*["']?([\w.-]+)["']?\s*=""")


@dataclass(slots=True)
class Block:
    """One table as it is written: its name, and the lines of its keys, from 1."""

    name: str
    line: int
    keys: dict[str, int] = field(default_factory=dict)
    end: int = 0  # its last line

    def line_of(self, key: str) -> int:
        """The line of a key, or of the table."""
        return self.keys.get(key, self.line)


def blocks(text: str) -> list[Block]:
    """Every table of a text, in order; the keys before the first one are of table ""."""
    lines = text.split("\n")
    found = [Block("", 1)]
    for number in _outer_lines(text):
        line = lines[number - 1]
        if header := _HEADER.match(line):
            found.append(Block(header[1], number))
        elif key := _KEY.match(line):
            found[-1].keys.setdefault(key[1], number)
    for one, following in zip(found, [*found[1:], None], strict=True):
        one.end = len(lines) if following is None else following.line - 1
    return found


def line_of_text(text: str, block: Block, key: str, value: str) -> int:
    """The line of one text in a key's array, or of the key where it is not found."""
    first = block.line_of(key)
    later = [line for line in block.keys.values() if line > first]
    quoted = (f'"{value}"', f"'{value}'")
    lines = text.split("\n")
    for number in range(first, min([block.end + 1, *later])):
        if any(one in lines[number - 1] for one in quoted):
            return number
    return first


def _outer_lines(text: str) -> Iterator[int]:
    """The lines that begin outside of every text and array."""
    yield 1
    number, depth = 1, 0
    for token in _TOKEN.finditer(text):
        found = token.group()
        number += found.count("\n")
        depth += (found in "[{") - (found in "]}")
        if found == "\n" and depth == 0:
            yield number
