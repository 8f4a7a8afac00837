"""The options that several commands share, and how they become a connection to a gateway."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from clients.cli_errors import UsageError, note, read_file
from clients.receipts import read_roots
from clients.sdk import CallContext, Claim, Credentials, Gateway, Trust

KEY_SET_FILE = "keyset.binpb"
ROOT_FILE = "root.pub"

DEFAULT_SERVER = "127.0.0.1:50051"
DEFAULT_DATA_DIR = Path(".dancu")
DEFAULT_TIMEOUT = 10.0
DEFAULT_PROCEDURE = "DEMO.VERIFY"
DEFAULT_UNIT = "000.00.00.G01"
DEFAULT_OFFICER = "DEMO-OFFICER"

_OLD_NUMBER_DIGITS = 9
_WHERE, _CONTEXT = "Gateway and trust", "Who asks, and what for"

Number = Annotated[
    str,
    typer.Argument(help="Personal number, 12 digits; or the number of an old card, 9 digits."),
]
Name = Annotated[str, typer.Option("--name", help="Full name, with or without marks.")]
BirthDate = Annotated[
    str,
    typer.Option(
        "--birth-date", metavar="YYYY[-MM[-DD]]", help="Birth date, as far as it is known."
    ),
]
Server = Annotated[
    str, typer.Option(metavar="HOST:PORT", help="The gateway to ask.", rich_help_panel=_WHERE)
]
DataDir = Annotated[
    Path,
    typer.Option(
        help=f"Where {ROOT_FILE} and {KEY_SET_FILE} are looked for.", rich_help_panel=_WHERE
    ),
]
Keys = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Key set to begin with.", rich_help_panel=_WHERE),
]
Root = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Root keys to pin.", rich_help_panel=_WHERE),
]
CredentialsFile = Annotated[
    Path | None,
    typer.Option(
        "--credentials",
        metavar="FILE",
        help="Who you are: TOML file that names caller, token key and TLS files.",
        rich_help_panel=_WHERE,
    ),
]
Timeout = Annotated[
    float,
    typer.Option(min=0.1, help="Seconds to wait for an answer.", rich_help_panel=_WHERE),
]
Procedure = Annotated[
    str, typer.Option(help="Procedure, by its code (mã dịch vụ công).", rich_help_panel=_CONTEXT)
]
Unit = Annotated[str, typer.Option(help="Unit, by its code (mã đơn vị).", rich_help_panel=_CONTEXT)]
Officer = Annotated[str, typer.Option(help="Officer (mã cán bộ).", rich_help_panel=_CONTEXT)]
Dossier = Annotated[str, typer.Option(help="Dossier (mã hồ sơ).", rich_help_panel=_CONTEXT)]
RequestId = Annotated[
    str,
    typer.Option(
        help="Id of the request (mã yêu cầu); made up if left out.", rich_help_panel=_CONTEXT
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Answer as one JSON object, for scripts.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Keep the receipt (the signed statement) in a file."),
]


@dataclass(frozen=True, slots=True)
class Asking:
    """Everything that a question needs beside the claim, as the options gave it.

    The file that pins a root is ``--root``, or else the root.pub beside ``--keys`` or in the
    data directory. Where there is none, the gateway's own word is taken, and that is said.
    """

    server: str
    timeout: float
    data_dir: Path
    keys: Path | None
    root: Path | None
    context: CallContext
    credentials: Path | None = None

    def connect(self) -> Gateway:
        """A connection, to be used with ``async with``; UsageError when there can be none."""
        check_server(self.server)
        return Gateway.connect(
            self.server,
            trust=self.trust(),
            context=self.context,
            credentials=credentials_of(self.credentials),
            timeout=self.timeout,
        )

    def trust(self) -> Trust:
        """Whom to believe; UsageError or TrustError when that cannot be read."""
        keys = self._first(self.keys, self.data_dir / KEY_SET_FILE)
        beside = self.keys.parent if self.keys else self.data_dir
        root = self._first(self.root, beside / ROOT_FILE)
        key_set = read_file(keys, "the key set") if keys else None
        if root is None:
            return Trust.on_first_use(_say_first_use, key_set=key_set)
        return Trust.pinned(roots_of(root), key_set=key_set)

    @staticmethod
    def _first(named: Path | None, default: Path) -> Path | None:
        """The file that was named; else the default one, where it exists."""
        if named is not None or default.is_file():
            return named or default
        return None


def check_server(server: str) -> None:
    """UsageError when a server is not named as HOST:PORT."""
    host, _, port = server.rpartition(":")
    if not host or not port.isdecimal():
        raise UsageError(f"--server {server}: write HOST:PORT, e.g. {DEFAULT_SERVER}")


def credentials_of(path: Path | None) -> Credentials | None:
    """What a credentials file names; UsageError when it is none."""
    if path is None:
        return None
    try:
        return Credentials.from_file(path)
    except ValueError as error:
        raise UsageError(f"--credentials {path}: {error}") from None


def roots_of(path: Path) -> frozenset[str]:
    """The root keys of a file; UsageError or TrustError when there are none to read."""
    return read_roots(read_file(path, "the root keys").decode("utf-8", "replace"))


def pinned_roots(root: Path | None, keys: Path) -> frozenset[str]:
    """The pinned roots; those beside the key set prove little, and that is said."""
    if root is not None:
        return roots_of(root)
    beside = keys.parent / ROOT_FILE
    if not beside.is_file():
        raise UsageError(f"there is no {beside}; name the root keys to believe with --root")
    note(
        f"nothing was pinned: the root keys are those that lie beside the key set ({beside});"
        " name your own copy with --root"
    )
    return roots_of(beside)


def claim_of(number: str, name: str, birth_date: str) -> Claim:
    """A claim from the command line; what is no known number goes as a personal one.

    The gateway then names what is wrong with it, in the words that every client sees.
    """
    personal_id, old_id_number = numbers_of(number)
    claim = Claim(
        personal_id=personal_id,
        old_id_number=old_id_number,
        full_name=name,
        birth_date=birth_date,
    )
    try:
        claim.to_message()
    except ValueError as error:
        raise UsageError(f"--birth-date: {error}") from None
    return claim


def numbers_of(number: str) -> tuple[str, str]:
    """A number as the personal one or the one of an old card; the other is empty."""
    old = number.isascii() and number.isdecimal() and len(number) == _OLD_NUMBER_DIGITS
    return ("", number) if old else (number, "")


def _say_first_use(roots: frozenset[str]) -> None:
    note(
        "nothing was pinned: the gateway's own root was taken on trust"
        f" ({', '.join(sorted(roots))}); pin it with --root root.pub"
    )
