"""Somebody else who watches the log: remembers what it showed, and signs only what continues it.

A witness trusts the gateway in nothing. It needs the log's checkpoint and tiles, over HTTP,
and the key set with a pinned root. Start reading in ``watch.py``.
"""

from clients.witness.cosigner import Cosigner
from clients.witness.findings import LogMisbehaved, LogUnreachable, NotCosigned, TilesInvalid
from clients.witness.http import fetcher
from clients.witness.refresh import NotInLog, refreshed
from clients.witness.state import WitnessState
from clients.witness.watch import Cosigned, cosign

__all__ = [
    "Cosigned",
    "Cosigner",
    "LogMisbehaved",
    "LogUnreachable",
    "NotCosigned",
    "NotInLog",
    "TilesInvalid",
    "WitnessState",
    "cosign",
    "fetcher",
    "refreshed",
]
