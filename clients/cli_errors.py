"""How a command fails: one line that says what is wrong and what to do, and an exit code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import grpc
import typer

from clients.receipts import Refusal, StateError, TrustError
from clients.sdk import OutcomeUnknown, Refused, Unreachable, UntrustedAnswer
from clients.tls_probe import speaks_tls

BAD_USAGE = 2
NO_ANSWER = 3

_FIXES = {
    Refusal.KEYSET_UNTRUSTED: (
        "this is not the gateway whose root is pinned; name the root.pub of this one with"
        " --root, or its --data-dir"
    ),
    Refusal.KEYSET_ROLLBACK: "the gateway went back to older keys; ask who runs it",
    Refusal.KEYSET_EXPIRED: "the gateway must publish a new key set; check your clock, too",
    Refusal.TIME_IN_FUTURE: "compare this machine's clock with the gateway's",
}
# what the gateway says is for who writes a client: the same for who types commands
_INSTEAD = {
    "TOKEN_MISSING": (
        "the gateway wants a session token; name a --credentials FILE with a token key"
        " (`dancu dev --auth token` makes DATA_DIR/callers/plain.toml)"
    ),
}
_BESIDES = {
    "REVISION_COMPACTED": ": remove the cursor's file and follow with --from that revision",
}
_DO_NOT_USE = "do not use this answer; ask who runs the gateway"


class UsageError(Exception):
    """The command cannot do what was asked: say how to ask."""


@contextmanager
def plain_errors(address: str = "--server", out: Path | None = None) -> Iterator[None]:
    """Turn what may go wrong into one line on standard error and an exit code.

    Args:
        address: the option that names the gateway.
        out: where the receipt was to be kept; what does not verify is kept beside it.
    """
    try:
        yield
    except (UsageError, TrustError, StateError) as error:
        fail(str(error), BAD_USAGE)
    except Refused as error:
        fail(refusal_text(error), exit_code_of(error))
    except Unreachable as error:
        fail(unreachable_text(error, address), NO_ANSWER)
    except OutcomeUnknown as error:
        fail(
            f"nobody said what became of it ({error.__cause__}); send the same again with"
            f" --request-id {error.request_id}: it is taken in once",
            NO_ANSWER,
        )
    except UntrustedAnswer as error:
        fix = _FIXES.get(error.refusal, _DO_NOT_USE)
        tell_error(f"the answer does not verify: {error.refusal} ({error.detail}); {fix}")
        _keep_rejected(error.receipt, out)
        raise typer.Exit(NO_ANSWER) from None
    except OSError as error:
        fail(f"{error.filename or 'input/output'}: {error.strerror or error}", BAD_USAGE)


def _keep_rejected(received: bytes, out: Path | None) -> None:
    """Keep what does not verify for whoever looks into it, under a name that is no receipt's."""
    if out is None or not received:
        return
    rejected = out.with_name(f"{out.name}.rejected")
    try:
        rejected.write_bytes(received)
    except OSError as error:
        tell_error(f"{rejected}: {error.strerror}; what was received is lost")
    else:
        note(f"what does NOT verify is in {rejected}, to be looked into; it is no evidence")


def fail(text: str, code: int) -> NoReturn:
    """Say why on standard error, in one line, and exit."""
    tell_error(text)
    raise typer.Exit(code)


def tell_error(text: str) -> None:
    """Say why on standard error, in one line."""
    typer.secho("error: ", fg="red", bold=True, err=True, nl=False)
    typer.echo(" ".join(text.split()), err=True)


def exit_code_of(error: Refused) -> int:
    """Bad usage where the request's shape is at fault."""
    return BAD_USAGE if error.code is grpc.StatusCode.INVALID_ARGUMENT else NO_ANSWER


def note(text: str) -> None:
    """Say what the reader should know on standard error."""
    typer.secho("note: ", fg="yellow", err=True, nl=False)
    typer.echo(text, err=True)


def read_file(path: Path, what: str) -> bytes:
    """The bytes of a file that the user named; UsageError when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read {what} {path}: {error.strerror}") from None


def refusal_text(error: Refused) -> str:
    """A refusal in one line: fields or message, the reason, when to come back, and its trace."""
    fields = "; ".join(f"{each.field}: {each.description}" for each in error.violations)
    said = fields or error.message_en or "the gateway refused"
    said = _INSTEAD.get(error.reason, said) + _BESIDES.get(error.reason, "")
    wait = "" if error.retry_after is None else f"; ask again in {error.retry_after:g} s"
    trace = f"; for the operator: dancu explain {error.trace}" if error.trace else ""
    return f"{said} ({error.reason}){wait}{trace}"


def unreachable_text(error: Unreachable, address: str = "--server") -> str:
    """Where nobody answers, and what may be done; ``address`` is the option that names it."""
    where = f"no answer from {error.target} ({_short(error.detail) or error.code.name})"
    fix = "; start a gateway with `dancu dev`"
    if not error.secure and speaks_tls(error.target):
        fix = ": it wants TLS; name a --credentials FILE with the TLS files"
    return f"{where}{fix}, or name another with {address}"


def _short(detail: str) -> str:
    """The last clause of what gRPC says: the cause, without the list of addresses tried."""
    return detail.rpartition(": ")[2]
