"""``dancu ledger witness``: a process of its own, which trusts the gateway in nothing.

Exit codes: 0 cosigned, 1 the log was rolled back or forked, 2 bad usage, 3 the log is
unreachable or shows nothing that could be signed.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from clients.cli_errors import NO_ANSWER, fail, note, plain_errors, read_file
from clients.cli_log import DEFAULT_LOG, Log, log_at
from clients.cli_options import DEFAULT_DATA_DIR, KEY_SET_FILE, ROOT_FILE, pinned_roots
from clients.receipts import Trust, TrustedKeySet
from clients.witness import (
    Cosigner,
    LogMisbehaved,
    LogUnreachable,
    NotCosigned,
    TilesInvalid,
    WitnessState,
    cosign,
)
from clients.witness.files import write_durably
from clients.witness.tiles import Fetch

MISBEHAVED = 1
OUT_FILE = "cosigned.checkpoint"

_State = Annotated[
    Path,
    typer.Option(metavar="DIR", help="What the witness remembers, and its key. Keep it safe."),
]
_Keys = Annotated[
    Path, typer.Option(metavar="FILE", help="The gateway's key set; read anew in each round.")
]
_Root = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help=f"Root keys to believe. Default: {ROOT_FILE} beside the key set."
    ),
]
_Out = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where to write the cosigned checkpoint.",
        show_default=f"{OUT_FILE} in --state",
    ),
]
_Checkpoint = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Sign this checkpoint, e.g. one that another witness signed, not the latest.",
    ),
]
_Once = Annotated[bool, typer.Option("--once", help="One round, then exit.")]
_Every = Annotated[
    float, typer.Option(min=0.1, help="Seconds between two rounds.", metavar="SECONDS")
]
_Name = Annotated[
    str | None,
    typer.Option(help="Name to sign under; given once, when the key is made."),
]
_ShowKey = Annotated[
    bool, typer.Option("--show-key", help="Print NAME=KEY for `receipt verify`, and exit.")
]


def witness(
    *,
    state: _State,
    log: Log = DEFAULT_LOG,
    keys: _Keys = DEFAULT_DATA_DIR / KEY_SET_FILE,
    root: _Root = None,
    out: _Out = None,
    checkpoint: _Checkpoint = None,
    once: _Once = False,
    every: _Every = 60.0,
    name: _Name = None,
    show_key: _ShowKey = False,
) -> None:
    """Watch a log from outside: check that it only grew, remember that, and cosign it.

    Needs nothing of the gateway but what it shows to everybody. A log that was rolled back or
    forked is called by that name, and the two checkpoints that prove it are kept.

    Exits 0 cosigned, 1 ROLLED_BACK or FORKED, 2 bad usage, 3 unreachable or nothing to sign.
    """
    with plain_errors(), _misbehaviour():
        memory = WitnessState(state)
        cosigner = memory.cosigner(name)
        if show_key:
            typer.echo(cosigner.verifier)
            return
        read_file(keys, "the key set")  # a mistake is told before the log is asked
        roots = pinned_roots(root, keys)
        watch = _Watch(
            memory, cosigner, log_at(log), keys, roots, checkpoint, out or state / OUT_FILE
        )
        if once or checkpoint is not None:
            watch.once()
        else:
            watch.every(every)


@dataclass(frozen=True, slots=True)
class _Watch:
    """What every round needs."""

    state: WitnessState
    cosigner: Cosigner
    fetch: Fetch
    keys: Path
    roots: frozenset[str]
    checkpoint: Path | None
    out: Path

    def once(self) -> None:
        """One round; ends the command if nothing could be signed."""
        try:
            self._round()
        except _NOTHING_SIGNED as error:
            fail(_told(error), NO_ANSWER)

    def every(self, seconds: float) -> NoReturn:
        """Round after round: a log that is away for a while is waited for."""
        while True:
            try:
                self._round()
            except _NOTHING_SIGNED as error:
                note(_told(error))
            time.sleep(seconds)

    def _round(self) -> None:
        given = read_file(self.checkpoint, "the checkpoint") if self.checkpoint else None
        cosigned = cosign(self.state, self.cosigner, self.fetch, self._key_set, _now, given=given)
        write_durably(self.out, cosigned.note.encode())
        checkpoint = cosigned.checkpoint
        typer.echo(f"cosigned {checkpoint.origin} with {checkpoint.size} leaves: {self.out}")

    def _key_set(self, at: datetime) -> TrustedKeySet:
        content = read_file(self.keys, "the key set")
        return self.state.key_sets.load_key_set(content, Trust(self.roots), at)


_NOTHING_SIGNED = (NotCosigned, LogUnreachable, TilesInvalid)


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def _misbehaviour() -> Iterator[None]:
    """End the command with the name of what the log did."""
    try:
        yield
    except LogMisbehaved as error:
        fail(str(error), MISBEHAVED)


def _told(error: NotCosigned | LogUnreachable | TilesInvalid) -> str:
    return f"{error.name}: {error}"
