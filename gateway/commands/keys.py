"""``dancu keys``: the keys of a data directory, their rotation, and an offline root's ceremony."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.errors import one_line_errors
from gateway.commands.keys_view import DATES, jwk_set, say, show, show_keys, to_json
from gateway.commands.tls import init_tls
from gateway.core.signing import Algorithm, Role
from gateway.datadir import SetupError, prepare_keys
from gateway.store.keys import Plan, changing, keyset
from gateway.store.keys.folder import replace_file
from gateway.store.keys.publishing import LEAD

app = typer.Typer(help="The keys that sign statements and the log.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
_REQUEST = "keyset.request"


class StatementAlgorithm(StrEnum):
    """How statements are signed."""

    ED25519 = "ed25519"
    ES256 = "es256"


class Rotated(StrEnum):
    """The roles whose keys are followed by others."""

    STATEMENT = "statement"
    CHECKPOINT = "checkpoint"


@app.callback()
def keys() -> None:
    """The keys that sign statements and the log."""


@app.command()
def init(
    data_dir: DataDir = Path(".dancu"),
    offline_root: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Put the root's private key here, on a medium to be taken away, and keep none.",
        ),
    ] = None,
    statement_algorithm: Annotated[
        StatementAlgorithm, typer.Option(help="How statements are signed.")
    ] = StatementAlgorithm.ED25519,
    tls: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also make a test CA here, and the certificate of a gateway on this machine; see "
            "init-tls.",
        ),
    ] = None,
    caller: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ID", help="With --tls: also this caller's key and certificate. Repeatable."
        ),
    ] = None,
) -> None:
    """Make the keys before the first start, which otherwise makes them: all Ed25519, root at hand.

    Keys that are there already are never replaced.
    """
    with one_line_errors():
        if caller and tls is None:
            raise SetupError("--caller needs --tls DIR: the test CA issues its certificate")
        algorithm = Algorithm[statement_algorithm.name]
        prepare_keys(data_dir, Plan(algorithm, offline_root))
        show(*changing.list_keys(data_dir))
    if tls is not None:
        init_tls(tls, caller=caller)
    say(f"give {data_dir / 'root.pub'} to whoever verifies")
    if offline_root:
        say(f"take {offline_root} away now: only `dancu keys publish` needs it")


@app.command(name="list")
def list_(
    data_dir: DataDir = Path(".dancu"),
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show every key with role, state and dates."""
    with one_line_errors():
        book, published = changing.list_keys(data_dir)
    if as_json:
        sys.stdout.write(json.dumps(to_json(book, published), indent=2) + "\n")
    else:
        show(book, published)


@app.command()
def rotate(
    role: Annotated[Rotated, typer.Argument(help="Whose key: statement or checkpoint.")],
    data_dir: DataDir = Path(".dancu"),
    lead: Annotated[
        int,
        typer.Option(
            min=2,
            metavar="SECONDS",
            help="From publishing the new key to its first signature. Not for offline roots.",
        ),
    ] = int(LEAD.total_seconds()),
) -> None:
    """Make a new key, publish it, and let it take over; the former one then only verifies.

    Running gateways follow without a restart. With an offline root the key waits for
    `dancu keys publish`.
    """
    with one_line_errors():
        changing.rotate(data_dir, Role[role.name], _now(), timedelta(seconds=lead))
        show(*changing.list_keys(data_dir))


# an id may begin with "-", which is no option then
@app.command(context_settings={"ignore_unknown_options": True})
def revoke(
    key_id: Annotated[str, typer.Argument(help="Its id, or how it begins.")],
    data_dir: DataDir = Path(".dancu"),
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Since when, ISO 8601, by default in UTC.", show_default="now"
        ),
    ] = None,
) -> None:
    """Declare that a key is not to be trusted any more. There is no way back.

    What it signed becomes INDETERMINATE for all who have no witness that saw it earlier. If it
    was in use, a new key takes its place at once.
    """
    with one_line_errors():
        now = _now()
        changing.revoke(data_dir, key_id, _moment(at) if at else now, now)
        show(*changing.list_keys(data_dir))


@app.command()
def publish(
    data_dir: DataDir = Path(".dancu"),
    root_key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="An offline root's private key, to sign with."),
    ] = None,
    request: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The request to write or, with --root-key, to sign."),
    ] = None,
    signed: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The signed key set to publish or, with --root-key and --request, to write.",
        ),
    ] = None,
    within: Annotated[
        int,
        typer.Option(
            min=1,
            metavar="HOURS",
            help="Until when a request is signed and back: then keys change.",
        ),
    ] = 24,
) -> None:
    """Issue a new key set: at once where the root is at hand, else in three steps.

    1. At the gateway, without an option: writes the request, DATA_DIR/keyset.request.
    2. At the root, --root-key FILE --request FILE --signed FILE: shows and signs it. Needs no
    data directory.
    3. At the gateway, --signed FILE: checks and publishes it; running gateways follow.

    With --root-key alone, all three at once.
    """
    with one_line_errors():
        if root_key and request:
            _sign(root_key, request, signed or request.with_name("keyset.signed"))
            return
        if root_key:
            unsigned = changing.ask(data_dir, _now(), LEAD)
            changing.take_in(data_dir, changing.sign_request(unsigned, root_key), _now())
        elif signed:
            changing.take_in(data_dir, _read(signed), _now())
        elif changing.list_keys(data_dir)[0].offline_root:
            _ask(data_dir, request or data_dir / _REQUEST, timedelta(hours=within))
            return
        else:
            changing.publish(data_dir, _now())
        show(*changing.list_keys(data_dir))


@app.command()
def jwks(data_dir: DataDir = Path(".dancu")) -> None:
    """Print the published keys as a JWK set (RFC 7517), for tools that read such.

    Not signed, and without dates: to verify statements, use the key set. Revoked keys are left
    out.
    """
    with one_line_errors():
        _, published = changing.list_keys(data_dir)
        if published is None:
            raise SetupError(f"{data_dir} has no key set; run `dancu keys publish`")
    sys.stdout.write(json.dumps(jwk_set(published), indent=2) + "\n")


app.command()(init_tls)


def _ask(data_dir: Path, path: Path, within: timedelta) -> None:
    unsigned = changing.ask(data_dir, _now(), within)
    _write(path, unsigned)
    show_keys(keyset.read(unsigned).keys)
    until = _now() + within
    say(f"wrote {path}: let the root sign it, and publish it by {until.strftime(DATES)}")


def _sign(root_key: Path, request: Path, signed: Path) -> None:
    unsigned = _read(request)
    envelope = changing.sign_request(unsigned, root_key)
    found = keyset.read(envelope)
    show_keys(found.keys)
    _write(signed, envelope)
    say(f"signed version {found.version} of {found.issuer}: {signed}")


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise SetupError(f"--at {text}: not an ISO 8601 time") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SetupError(f"cannot read {path}: {error.strerror}") from error


def _write(path: Path, content: bytes) -> None:
    try:
        replace_file(path, content)
    except OSError as error:
        raise SetupError(f"cannot write {path}: {error.strerror}") from error


def _now() -> datetime:
    return datetime.now(UTC)
