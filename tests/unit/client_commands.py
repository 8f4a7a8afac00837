"""How the tests run the client's commands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from typer.testing import Result

Run = Callable[..., Awaitable[Result]]
"""A fixture that runs ``dancu`` with arguments."""

CLAIM = ["001090000013", "--name", "Lê Văn An", "--birth-date", "1990-05-12"]
"""The first one on a command line."""


def one_error_line(result: Result) -> str:
    """Standard error, after checking that it is one line that begins with error."""
    assert result.stderr.startswith("error: ")
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    return result.stderr
