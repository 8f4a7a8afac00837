"""What can go wrong with the register's file."""

from __future__ import annotations


class PopulationError(Exception):
    """The register cannot be used; one line that names the file and what to do."""


class PopulationUnavailable(PopulationError):
    """A read failed; the next one may succeed."""


class EngineFailed(Exception):
    """A statement, or the connection, failed in an engine other than SQLite."""


class ConnectionLost(EngineFailed, PopulationError):
    """The server went away, or broke off, in the midst of something."""
