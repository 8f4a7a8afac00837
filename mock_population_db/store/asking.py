"""How the register is asked: in one transaction, with many keys at a time.

Every question takes its keys as one JSON array; see ``sql.py``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Answer(Protocol):
    """The rows of one statement."""

    def __iter__(self) -> Iterator[Any]:
        """Row by row."""
        ...

    def fetchone(self) -> Any:
        """The next row, None at the end."""
        ...

    def fetchmany(self, size: int, /) -> list[Any]:
        """So many more, or all that are left."""
        ...

    def fetchall(self) -> list[Any]:
        """All that are left."""
        ...


class Session(Protocol):
    """A connection as the register's functions use it: SQLite's own, or one in its image.

    Statements are in SQLite's language; another engine's session translates them.
    """

    @property
    def in_transaction(self) -> bool:
        """Whether one was begun and has not ended."""
        ...

    def execute(self, statement: str, parameters: Any = ..., /) -> Answer:
        """Run one statement."""
        ...

    def executemany(self, statement: str, parameters: Iterable[Any], /) -> Any:
        """Run one statement for each set of parameters."""
        ...


@contextmanager
def transaction(connection: Session) -> Iterator[None]:
    """One read transaction: all that is found in it is of one revision."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")  # nothing was written


def array(numbers: Iterable[str | int]) -> str:
    """Keys as a JSON array; integers, because JSON has no leading zeros."""
    return f"[{','.join([str(int(number)) for number in numbers])}]"


def rows_found(connection: Session, question: str, numbers: Iterable[str | int]) -> list[Any]:
    """The rows of a question that answers with one JSON array of them."""
    (rows,) = connection.execute(question, (array(numbers),)).fetchone()
    answer: list[Any] = json.loads(rows)
    return answer
