"""``dancu sync follow`` and ``dancu sync watch``: the register's changes, and whose one wants."""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import shutil
import signal
import sys
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Annotated

import typer

from clients.cli_errors import UsageError, note, plain_errors, refusal_text, unreachable_text
from clients.cli_options import (
    DEFAULT_DATA_DIR,
    DEFAULT_OFFICER,
    DEFAULT_PROCEDURE,
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    DEFAULT_UNIT,
    Asking,
    CredentialsFile,
    DataDir,
    Dossier,
    Keys,
    Officer,
    Procedure,
    Root,
    Server,
    Timeout,
    Unit,
)
from clients.follower.cursor import Cursor, CursorError
from clients.follower.handover import Command, Handover, HandoverError, Lines, Webhook
from clients.follower.lines import change_line
from clients.follower.run import follow as run
from clients.render_changes import show_change, show_progress
from clients.sdk import (
    CallContext,
    ChangeBatch,
    ChangeFilter,
    ChangeKind,
    CitizenChange,
    Refused,
    Unreachable,
)

_OLDEST, _NOW = "oldest", "now"
_KINDS = [kind.name.lower() for kind in ChangeKind if kind.value]
_WHICH, _WHERE_TO = "Which changes", "Where they go"

_From = Annotated[
    str,
    typer.Option(
        "--from",
        metavar="REVISION|now|oldest",
        help="Where to begin when there is no cursor yet.",
        rich_help_panel=_WHICH,
    ),
]
_Provinces = Annotated[
    list[str],
    typer.Option("--province", metavar="CODE", help="2 digits.", rich_help_panel=_WHICH),
]
_Communes = Annotated[
    list[str], typer.Option("--commune", metavar="CODE", help="5 digits.", rich_help_panel=_WHICH)
]
_Kinds = Annotated[
    list[str],
    typer.Option("--kind", metavar="KIND", help=", ".join(_KINDS) + ".", rich_help_panel=_WHICH),
]
_Watched = Annotated[
    bool,
    typer.Option("--watched", help="Only citizens on your list.", rich_help_panel=_WHICH),
]
_Fields = Annotated[
    str,
    typer.Option(
        metavar="FIELD,…",
        help="Fields of a citizen to show; none: all granted.",
        rich_help_panel=_WHICH,
    ),
]
_Cursor = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Where one is. It moves when the changes were taken, and survives a crash.",
        rich_help_panel=_WHERE_TO,
    ),
]
_Exec = Annotated[
    str,
    typer.Option(
        "--exec",
        metavar="COMMAND",
        help="Run for each batch, JSON Lines on its input; it has them when it exits with 0.",
        rich_help_panel=_WHERE_TO,
    ),
]
_OutFile = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Append JSON Lines to a file.", rich_help_panel=_WHERE_TO
    ),
]
_Webhook = Annotated[
    str,
    typer.Option(metavar="URL", help="Post each batch; taken with 2xx.", rich_help_panel=_WHERE_TO),
]
_JsonLines = Annotated[bool, typer.Option("--json", help="Print JSON Lines, for scripts.")]


def follow(
    *,
    start: _From = _NOW,
    province: _Provinces = [],  # noqa: B006 - typer copies it
    commune: _Communes = [],  # noqa: B006 - typer copies it
    kind: _Kinds = [],  # noqa: B006 - typer copies it
    watched: _Watched = False,
    fields: _Fields = "",
    cursor: _Cursor = None,
    command: _Exec = "",
    out: _OutFile = None,
    webhook: _Webhook = "",
    json: _JsonLines = False,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    keys: Keys = None,
    root: Root = None,
    credentials: CredentialsFile = None,
    procedure: Procedure = DEFAULT_PROCEDURE,
    unit: Unit = DEFAULT_UNIT,
    officer: Officer = DEFAULT_OFFICER,
    dossier: Dossier = "",
) -> None:
    """Theo dõi biến động: follow the register's changes, losing none.

    Every batch is verified, handed over, and only then does the cursor move: whoever takes them
    may get a change twice, and knows it by its revision. Where the connection is cut it is made
    again. Ctrl-C ends it; the same command goes on where it stood.

    Exits 0 when ended by Ctrl-C or SIGTERM, 2 bad usage, 3 refused, or a batch does not verify.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors():
        which = ChangeFilter(
            provinces=tuple(province),
            communes=tuple(commune),
            kinds=tuple(map(_kind, kind)),
            watched_only=watched,
        )
        names = tuple(name for name in fields.split(",") if name)
        if sum(map(bool, (command, out, webhook))) > 1:
            raise UsageError("choose one of --exec, --out and --webhook")
        with contextlib.ExitStack() as stack:
            try:
                kept = Cursor(cursor) if cursor else None
                first = kept.load() if kept else None
                beginning = _start(start) if first is None else first
                handover = _handover(command, out, webhook, stack, json=json)
            except (CursorError, HandoverError, ValueError) as error:
                raise UsageError(str(error)) from None
            asyncio.run(_until_told(_followed(asking, beginning, which, names, kept, handover)))


async def _followed(
    asking: Asking,
    start: int | None,
    which: ChangeFilter,
    fields: Sequence[str],
    cursor: Cursor | None,
    handover: Handover,
) -> None:
    """``start`` is 0 for now, and None for the oldest revision that is kept."""
    async with asking.connect() as gateway:
        connection = ConnectionNotes()
        if start is None:
            page = await gateway.list_changes(page_size=1, which=which, fields=fields)
            first = page.batch.changes[0].revision if page.batch.changes else 0
            start = first or page.batch.through_revision + 1
        follower = gateway.follower(
            start,
            which=which,
            fields=fields,
            save=cursor.save if cursor else lambda _revision: None,
            on_cut=connection.cut,
        )
        await run(follower, handover, on_failed=_say_failed, on_batch=connection.heard)


async def _until_told(work: Coroutine[None, None, None]) -> None:
    """Work until it fails, or SIGINT or SIGTERM comes."""
    task = asyncio.create_task(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        # the loop closes the pipe that signals are told through before it gives them up: one
        # more that comes then would find it closed
        signal.set_wakeup_fd(-1)


class ConnectionNotes:
    """Says how the connection goes: once that nobody is there, not at every attempt."""

    def __init__(self) -> None:
        self._open = self._told = False

    def heard(self, batch: ChangeBatch) -> None:
        """A batch, or a progress mark, was taken."""
        self._open, self._told = True, False
        if not batch.changes and sys.stderr.isatty():
            show_progress(batch)

    def cut(self, error: Refused | Unreachable) -> None:
        """The stream ended, or none could be opened; there will be another attempt."""
        if self._open:
            reason = error.reason if isinstance(error, Refused) else error.detail
            note(f"the stream ended ({reason}); opening another")
        elif not self._told:
            why = unreachable_text(error) if isinstance(error, Unreachable) else refusal_text(error)
            note(f"{why}; trying again, less and less often")
            self._told = True
        self._open = False


class _Shown:
    """Standard output, for people or scripts; whoever reads it has them."""

    def __init__(self, *, json: bool) -> None:
        self._json = json

    async def take(self, changes: Sequence[CitizenChange]) -> None:
        """Print them."""
        for change in changes:
            if self._json:
                typer.echo(change_line(change), nl=False)
            else:
                show_change(change)


def _handover(
    command: str, out: Path | None, webhook: str, stack: contextlib.ExitStack, *, json: bool
) -> Handover:
    if command:
        return Command(_runnable(command))
    if webhook:
        return Webhook(webhook)
    return stack.enter_context(contextlib.closing(Lines(out))) if out else _Shown(json=json)


def _runnable(command: str) -> list[str]:
    """A command in words; UsageError when there is nothing to run, which no retry would mend."""
    words = shlex.split(command)
    if not words or shutil.which(words[0]) is None:
        name = words[0] if words else "nothing"
        raise UsageError(f"--exec {name}: is not there, or may not be run; name a command")
    return words


def _start(text: str) -> int | None:
    if text == _OLDEST:
        return None
    if text == _NOW:
        return 0
    if not text.isascii() or not text.isdecimal() or not int(text):
        raise UsageError(f"--from {text}: write a revision, {_NOW} or {_OLDEST}")
    return int(text)


def _kind(name: str) -> ChangeKind:
    if name.lower() not in _KINDS:
        raise UsageError(f"--kind {name}: choose from {', '.join(_KINDS)}")
    return ChangeKind[name.upper()]


def _say_failed(error: HandoverError, seconds: float) -> None:
    note(f"not taken: {error}; again in {seconds:g} s")
