"""How the register is asked: in one transaction, with many keys at a time.

Every question takes its keys as one JSON array; see ``sql.py``.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One read transaction: all that is found in it is of one revision."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")  # nothing was written


def array(numbers: Iterable[str | int]) -> str:
    """Keys as a JSON array; integers, because JSON has no leading zeros."""
    return f"[{','.join([str(int(number)) for number in numbers])}]"


def rows_found(
    connection: sqlite3.Connection, question: str, numbers: Iterable[str | int]
) -> list[Any]:
    """The rows of a question that answers with one JSON array of them."""
    (rows,) = connection.execute(question, (array(numbers),)).fetchone()
    answer: list[Any] = json.loads(rows)
    return answer
