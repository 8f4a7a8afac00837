"""``dancu callers``: who may call, under which certificate, with which key, for which units."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.commands.demo_callers import demo_callers
from gateway.commands.errors import one_line_errors
from gateway.commands.tls import issue_client, open_or_create
from gateway.config import DEFAULT_AUDIENCE, GatewayConfig
from gateway.core.caller import Caller, Unit
from gateway.datadir import SetupError
from gateway.store.callers import Enrolled, add_callers, change_caller, list_callers
from gateway.store.credentials import read_public_jwk, read_thumbprint

app = typer.Typer(help="The systems that may call `dancu serve`.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The caller, by its id.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]
_HERE = Path(".dancu")


@app.callback()
def callers() -> None:
    """The systems that may call `dancu serve`."""


@app.command()
def add(
    caller: Id,
    *,
    name: Annotated[str, typer.Option(help="What people call it.")],
    key: Annotated[Path, typer.Option(metavar="PEM", help="Public key of its session tokens.")],
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="PEM", help="Its client certificate; `dancu serve` needs one."),
    ] = None,
    unit: Annotated[
        list[str], typer.Option(metavar="CODE", help="A unit that it acts for. Repeatable.")
    ],
    officer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CODE=OFFICER",
            help="An officer of such a unit; where none is named, any will do. Repeatable.",
        ),
    ] = None,
    data_dir: DataDir = _HERE,
    as_json: Json = False,
) -> None:
    """Enrol a caller. A running gateway knows it from the next call on."""
    with one_line_errors():
        enrolled = Caller(
            caller,
            name,
            _units(unit, officer or []),
            (read_public_jwk(key),),
            frozenset([read_thumbprint(certificate)] if certificate else []),
        )
        add_callers(_registry(data_dir), [enrolled], _now())
        _show(_found(data_dir, caller), as_json=as_json)


@app.command(name="list")
def list_(data_dir: DataDir = _HERE, *, as_json: Json = False) -> None:
    """Who is enrolled."""
    with one_line_errors():
        found = list_callers(_path(data_dir))
    if as_json:
        _print([_to_json(one, whole=False) for one in found])
        return
    table = Table("id", "name", "status", "units", "keys", "certificates", "changed")
    for one in found:
        caller = one.caller
        counts = (len(caller.units or ()), len(caller.keys), len(caller.certificates))
        table.add_row(caller.id, caller.name, _status(caller), *map(str, counts), one.changed)
    Console(highlight=False).print(table)


@app.command()
def show(caller: Id, data_dir: DataDir = _HERE, *, as_json: Json = False) -> None:
    """Everything about one caller: keys, certificates, units and officers."""
    with one_line_errors():
        _show(_found(data_dir, caller), as_json=as_json)


@app.command()
def revoke(caller: Id, data_dir: DataDir = _HERE, *, as_json: Json = False) -> None:
    """Let a caller in no more, from its next call on, whatever token it holds.

    It stays on file, and its id is not given to another.
    """
    with one_line_errors():
        change_caller(_path(data_dir), caller, lambda old: replace(old, active=False), _now())
        _show(_found(data_dir, caller), as_json=as_json)


@app.command()
def rotate_key(
    caller: Id,
    *,
    key: Annotated[
        Path | None, typer.Option(metavar="PEM", help="New public key of its session tokens.")
    ] = None,
    certificate: Annotated[
        Path | None, typer.Option(metavar="PEM", help="New client certificate.")
    ] = None,
    keep_old: Annotated[
        bool,
        typer.Option("--keep-old", help="Let the ones in use stand until the next rotation."),
    ] = False,
    data_dir: DataDir = _HERE,
    as_json: Json = False,
) -> None:
    """Replace a caller's key, its certificate, or both, without stopping the gateway.

    To change over without one refused call, rotate with --keep-old, let the caller take its new
    key into use, and rotate again to the same without --keep-old.
    """
    with one_line_errors():
        if key is None and certificate is None:
            raise SetupError("nothing to rotate to: name --key, --certificate, or both")
        jwk = read_public_jwk(key) if key else None
        thumbprint = read_thumbprint(certificate) if certificate else None

        def rotated(old: Caller) -> Caller:
            keys, certificates = old.keys, old.certificates
            if jwk is not None:
                kept = keys[:1] if keep_old and keys[:1] != (jwk,) else ()
                keys = (jwk, *kept)
            if thumbprint is not None:
                certificates = (certificates if keep_old else frozenset()) | {thumbprint}
            return replace(old, keys=keys, certificates=certificates)

        change_caller(_path(data_dir), caller, rotated, _now())
        _show(_found(data_dir, caller), as_json=as_json)


@app.command()
def demo(
    data_dir: DataDir = _HERE,
    *,
    tls: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Also make keys and certificates, by the test CA of `dancu keys init-tls` in this "
            "directory; without it they can be set with rotate-key.",
        ),
    ] = None,
    audience: Annotated[
        str, typer.Option(help="The gateway's name in session tokens.")
    ] = DEFAULT_AUDIENCE,
    as_json: Json = False,
) -> None:
    """Enrol 15 ministries and 63 provinces with their units down to one-stop counters.

    The shape of the real link before 2025-07-01, with invented officers.
    """
    with one_line_errors():
        now, registry = _now(), _registry(data_dir)
        found = list(demo_callers())
        if tls is not None:
            found = _with_credentials(found, tls, audience, now)
        add_callers(registry, found, now)
    units = sum(len(one.units or ()) for one in found)
    if as_json:
        _print({"callers": len(found), "units": units})
    else:
        sys.stdout.write(f"{len(found)} callers with {units:,} units are enrolled\n")


def _with_credentials(
    found: list[Caller], folder: Path, audience: str, now: datetime
) -> list[Caller]:
    authority = open_or_create(folder, now)
    issued = [issue_client(authority, one.id, audience, now) for one in found]
    return [
        replace(one, keys=(new.jwk,), certificates=frozenset({new.thumbprint or ""}))
        for one, new in zip(found, issued, strict=True)
    ]


def _units(codes: list[str], officers: list[str]) -> dict[str, Unit]:
    known: dict[str, set[str]] = {code: set() for code in codes}
    for text in officers:
        code, _, officer = text.rpartition("=")
        if code not in known or not officer:
            raise SetupError(f"--officer {text}: write CODE=OFFICER with the code of a --unit")
        known[code].add(officer)
    return {code: Unit("", frozenset(found)) for code, found in known.items()}


def _found(data_dir: Path, caller: str) -> Enrolled:
    for one in list_callers(_path(data_dir)):
        if one.caller.id == caller:
            return one
    raise SetupError(f"{caller} is not enrolled in {data_dir}; see `dancu callers list`")


def _show(one: Enrolled, *, as_json: bool) -> None:
    if as_json:
        _print(_to_json(one, whole=True))
        return
    caller, console = one.caller, Console(highlight=False)
    console.print(f"[bold]{caller.id}[/bold]  {caller.name}  {_status(caller)}")
    console.print(f"enrolled {one.created}, changed {one.changed}")
    for jwk in caller.keys:
        console.print(f"key          {jwk}", soft_wrap=True)
    for thumbprint in sorted(caller.certificates):
        console.print(f"certificate  {thumbprint}")
    for code, unit in (caller.units or {}).items():
        officers = ", ".join(sorted(unit.officers)) or "any officer"
        console.print(f"unit         {code}  {unit.name}  ({officers})", soft_wrap=True)


def _to_json(one: Enrolled, *, whole: bool) -> dict[str, Any]:
    caller, units = one.caller, one.caller.units or {}
    short = {
        "id": caller.id,
        "name": caller.name,
        "status": _status(caller),
        "keys": [json.loads(jwk) for jwk in caller.keys],
        "certificates": sorted(caller.certificates),
        "created": one.created,
        "changed": one.changed,
        "generation": caller.generation,
    }
    if not whole:
        return short | {"units": len(units)}
    listed = [
        {"code": code, "name": unit.name, "officers": sorted(unit.officers)}
        for code, unit in units.items()
    ]
    return short | {"units": listed}


def _print(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def _status(caller: Caller) -> str:
    return "ACTIVE" if caller.active else "REVOKED"


def _registry(data_dir: Path) -> Path:
    """Where callers are enrolled; the directory must be there. Raises SetupError."""
    if not data_dir.is_dir():
        raise SetupError(
            f"there is no directory {data_dir}; make it, and the gateway's keys in it, with "
            f"`dancu keys init --data-dir {data_dir}`, or name another --data-dir"
        )
    return _path(data_dir)


def _path(data_dir: Path) -> Path:
    return GatewayConfig(data_dir=data_dir).callers_path


def _now() -> datetime:
    return datetime.now(UTC)
