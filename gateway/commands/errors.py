"""Failures as one clear line and a non-zero exit, never a traceback."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from gateway.core.errors import CallError
from gateway.datadir import SetupError
from gateway.policies.file import PolicyFileError
from gateway.reserving import PortTaken
from gateway.store.errors import StoreError
from mock_population_db.personas_file import PersonasFileError
from mock_population_db.store.errors import PopulationError

EXIT_FAILED = 1


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the known failures of the block into ``error: …`` and exit 1."""
    try:
        yield
    except (
        PortTaken,
        SetupError,
        StoreError,
        PolicyFileError,
        PopulationError,
        PersonasFileError,
    ) as error:
        _fail(str(error))
    except CallError as error:  # a store failed while it was opened
        _fail(error.message_en)
    except KeyboardInterrupt:
        _fail("interrupted")


def _fail(message: str) -> None:
    sys.stderr.write(f"error: {message}\n")
    raise SystemExit(EXIT_FAILED)
