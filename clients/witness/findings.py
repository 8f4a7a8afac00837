"""What a witness may find, other than a log that only grew."""

from __future__ import annotations

from pathlib import Path

ROLLED_BACK = "ROLLED_BACK"
FORKED = "FORKED"
CHECKPOINT_MALFORMED = "CHECKPOINT_MALFORMED"
OLDER_THAN_SEEN = "OLDER_THAN_SEEN"
TOO_MANY_SIGNATURES = "TOO_MANY_SIGNATURES"


class LogMisbehaved(Exception):
    """The log signed two checkpoints that cannot be of one log that only grows.

    Attributes:
        name: ROLLED_BACK or FORKED.
        evidence: the folder that holds both checkpoints, as the log signed them.
    """

    def __init__(self, name: str, message: str, evidence: Path) -> None:
        super().__init__(f"{name}: {message}; both checkpoints are kept in {evidence}")
        self.name = name
        self.evidence = evidence


class NotCosigned(Exception):
    """What was shown cannot be signed, and proves nothing against the log.

    Attributes:
        name: stable, UPPER_SNAKE; those of ``clients.receipts.Refusal`` besides the ones here.
    """

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


class TilesInvalid(Exception):
    """The log's tiles are missing, misshapen, or not those of its checkpoint."""

    name = "TILES_INVALID"


class LogUnreachable(Exception):
    """The log gave no answer, or not the one that was asked for."""

    name = "LOG_UNREACHABLE"
