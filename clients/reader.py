"""Who reads what a command prints, and may have seen enough (``dancu … | head``)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reader_may_leave() -> Iterator[None]:
    """Print: that nobody reads it to its end is no failure, and changes no exit code.

    Not for what somebody must have got before the work goes on.
    """
    try:
        yield
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit) as error:
        cause = error.__context__ if isinstance(error, SystemExit) else error  # rich exits
        if not isinstance(cause, BrokenPipeError):
            raise
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())  # what is buffered, and what is yet to come
        os.close(nowhere)
