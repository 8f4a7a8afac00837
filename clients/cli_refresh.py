"""``dancu receipt refresh``: a receipt's proof under a checkpoint that witnesses signed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli_errors import NO_ANSWER, UsageError, fail, plain_errors, read_file
from clients.cli_log import DEFAULT_LOG, Log, log_at
from clients.receipts import RefusedError
from clients.witness import LogUnreachable, NotInLog, TilesInvalid, refreshed

NOT_IN_LOG = 1


def refresh(
    file: Annotated[Path, typer.Argument(help="The receipt: what --out wrote.")],
    *,
    cosigned: Annotated[
        Path, typer.Option(metavar="FILE", help="The checkpoint that witnesses signed.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write the new receipt.")],
    log: Log = DEFAULT_LOG,
) -> None:
    """Prove a receipt under a later checkpoint, one that witnesses signed.

    Only the proof in the receipt changes. Whether it is genuine, and whether the witnesses are
    those that you trust, is for `dancu receipt verify` to say.

    Exits 0 done, 1 not in that log, 2 bad usage, 3 the log is unreachable or its tiles are wrong.
    """
    with plain_errors():
        receipt, checkpoint = read_file(file, "the receipt"), read_file(cosigned, "the checkpoint")
        try:
            out.write_bytes(refreshed(receipt, checkpoint, log_at(log)))
        except NotInLog as error:
            fail(f"NOT_IN_LOG: {error}", NOT_IN_LOG)
        except (LogUnreachable, TilesInvalid) as error:
            fail(f"{error.name}: {error}", NO_ANSWER)
        except RefusedError as error:
            raise UsageError(f"{file} is no receipt: {error.detail}") from None
        except ValueError as error:
            raise UsageError(f"{cosigned} is no checkpoint: {error}") from None
