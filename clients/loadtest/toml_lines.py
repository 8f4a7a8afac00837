"""Where in a TOML file a field stands, so that an error can say so."""

from __future__ import annotations

import re
from collections import Counter

_TABLE = re.compile(r"\s*\[(\[?)\s*([\w.\-\"' ]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"\s*([\w\-]+(?:\s*\.\s*[\w\-]+)*)\s*=")


def lines_of(text: str) -> dict[str, int]:
    """The line of each table and field of a TOML text, from 1.

    The names are as ``load.rate`` and, within arrays of tables, ``mix[0].rpc``. What stands within
    a value has no line of its own.
    """
    found: dict[str, int] = {}
    counted: Counter[str] = Counter()
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _TABLE.match(line):
            name = heading[2].replace(" ", "")
            table = f"{name}[{counted[name]}]" if heading[1] else name
            counted[name] += 1
            found.setdefault(table, number)
        elif key := _KEY.match(line):
            field = re.sub(r"\s", "", key[1])
            found.setdefault(f"{table}.{field}" if table else field, number)
    return found
