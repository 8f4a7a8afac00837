"""Reading the documents: tables by their heads, and code blocks by the headings above them."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"

_CELLS = re.compile(r"(?<!\\)\|")
_HEADING_OR_BLOCK = re.compile(
    r"^### (?P<heading>\S+)$|^```json\n(?P<block>.*?)^```$", re.MULTILINE | re.DOTALL
)


def read(page: str) -> str:
    """A page of docs/."""
    return (DOCS / page).read_text("utf-8")


def tables(text: str, *head: str) -> list[dict[str, str]]:
    """The rows of every table whose first columns have these names.

    Cells lose their backticks.
    """
    found = []
    lines = text.splitlines()
    for at, line in enumerate(lines):
        names = _cells(line)
        if names[: len(head)] != list(head):
            continue
        for row in lines[at + 2 :]:
            if not row.startswith("|"):
                break
            found.append(dict(zip(names, _cells(row), strict=True)))
    return found


def examples(text: str) -> dict[str, list[str]]:
    """The JSON blocks under each heading of the third level."""
    found: dict[str, list[str]] = {}
    heading = ""
    for match in _HEADING_OR_BLOCK.finditer(text):
        if match["heading"]:
            heading = match["heading"]
            found[heading] = []
        else:
            found[heading].append(match["block"])
    return found


def _cells(line: str) -> list[str]:
    return [_plain(cell) for cell in _CELLS.split(line)[1:-1]]


def _plain(cell: str) -> str:
    text = cell.strip().replace(r"\|", "|")
    one_code = text.startswith("`") and text.endswith("`") and text.count("`") == 2
    return text[1:-1] if one_code else text
