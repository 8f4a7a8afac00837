"""``dancu dev``."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import uvloop

from gateway import telemetry
from gateway.app import Ready, serve
from gateway.commands.errors import one_line_errors
from gateway.commands.progress import building
from gateway.config import (
    DEFAULT_AS_OF,
    DEFAULT_KEEP_REVISIONS,
    DEFAULT_POPULATION,
    DEFAULT_SEED,
    MAX_WORKERS,
    Auth,
    DevConfig,
)
from gateway.datadir import prepare
from gateway.workers import become
from mock_population_db.life.pace import parse_pace

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _port(purpose: str, default: str) -> Any:
    """The option of a port that has its place beside the gateway's own."""
    told = f"{purpose}; 0 takes any free one."
    return typer.Option(min=0, max=65535, help=told, show_default=default)


def _pace(text: str) -> float:
    """Read the value of ``--life``."""
    try:
        return parse_pace(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


_DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
_Store = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help="postgresql://... keeps register and records there, for many gateways.",
        show_default="SQLite in the data directory",
    ),
]
_Population = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=100_000_000,
        help="Citizens to build on first run.",
        show_default=str(DEFAULT_POPULATION),
    ),
]
_Seed = Annotated[
    int | None, typer.Option(help="Of the population.", show_default=str(DEFAULT_SEED))
]
_AsOf = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="The register's day.", show_default=str(DEFAULT_AS_OF)),
]
_Life = Annotated[
    float | None,
    typer.Option(
        parser=_pace,
        metavar="SPEED",
        help="Let time pass, and people be born, move, marry and die: 1day/s, 6h/min, 1h/h.",
        show_default="time stands still",
    ),
]
_Personas = Annotated[Path | None, typer.Option(help="CSV or TOML file of people to add.")]
_Caller = Annotated[
    str,
    typer.Option(
        "--as",
        help="Whom calls come from: plain, explain, full or limited; or a caller of --policy.",
    ),
]
_Policy = Annotated[
    Path | None,
    typer.Option(
        help="TOML file: who may see what. Read again on SIGHUP.", show_default="a demo policy"
    ),
]
_Auth = Annotated[
    Auth,
    typer.Option(
        help="What calls must bring. With 'token' the demo callers' credentials are in "
        "DATA_DIR/callers, and --as means nothing."
    ),
]
_Host = Annotated[str, typer.Option(help="Address to listen on.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="0 takes any free one.")]
_ControlPort = Annotated[int | None, _port("For the simulator's switches", "port + 2")]
_LogPort = Annotated[int | None, _port("For the log's checkpoint and tiles, over HTTP", "port + 3")]
_MetricsPort = Annotated[int | None, _port("For metrics, over HTTP", "port + 4")]
_Profiles = Annotated[
    Path | None,
    typer.Option(
        help="TOML file: how calls are made slow, or fail. See docs/simulate.md.",
        show_default="not at all",
    ),
]
_NumberDelay = Annotated[
    float,
    typer.Option(
        min=0,
        metavar="SECONDS",
        help="How long the number of a reported birth waits to be confirmed; 0: not at all.",
    ),
]
_KeepRevisions = Annotated[
    int, typer.Option(min=1, help="Of the register's history, at least. See docs/register.md.")
]
_Workers = Annotated[
    int,
    typer.Option(min=1, max=MAX_WORKERS, help="Processes behind the one port, for load tests."),
]
_LogLevel = Annotated[telemetry.Level, typer.Option(help="What to log.")]
_LogFormat = Annotated[telemetry.Format, typer.Option(help="How to log.")]


def dev(
    data_dir: _DataDir = Path(".dancu"),
    store: _Store = "",
    population: _Population = None,
    seed: _Seed = None,
    as_of: _AsOf = None,
    life: _Life = None,
    personas: _Personas = None,
    caller: _Caller = "plain",
    policy: _Policy = None,
    auth: _Auth = Auth.NONE,
    host: _Host = "127.0.0.1",
    port: _Port = 50051,
    control_port: _ControlPort = None,
    log_port: _LogPort = None,
    metrics_port: _MetricsPort = None,
    profiles: _Profiles = None,
    number_delay: _NumberDelay = 0.0,
    keep_revisions: _KeepRevisions = DEFAULT_KEEP_REVISIONS,
    workers: _Workers = 1,
    log_level: _LogLevel = telemetry.Level.INFO,
    log_format: _LogFormat = telemetry.Format.CONSOLE,
) -> None:
    """Run the gateway for development: no credentials, ready in seconds.

    Prints one line that begins with READY once it answers calls. SIGTERM drains and exits 0.
    """
    config = DevConfig(
        data_dir=data_dir,
        store=store,
        population=population,
        seed=seed,
        as_of=as_of.date() if as_of else None,
        life=life,
        personas=personas,
        caller=caller,
        policy=policy,
        auth=auth,
        host=host,
        port=port,
        control_port=control_port,
        log_port=log_port,
        metrics_port=metrics_port,
        log_level=log_level,
        log_format=log_format,
        profiles=profiles,
        number_delay=number_delay,
        keep_revisions=keep_revisions,
        workers=workers,
    )
    _run(config)


def _run(config: DevConfig) -> None:
    telemetry.configure(config.log_level, config.log_format)
    with one_line_errors():
        with building("building the population") as progress:
            prepared = prepare(config, progress)
        _warn(config)
        if config.workers > 1:
            become(config)
        uvloop.run(serve(config, prepared, _announce))


def _announce(ready: Ready) -> None:
    sys.stdout.write(f"READY {ready}\n")
    sys.stdout.flush()


def _warn(config: DevConfig) -> None:
    sys.stderr.write(
        "dancu is a SIMULATOR of the link to the national population database.\n"
        "No real person is in it, and its statements vouch for nobody.\n"
        f"{_who(config)}\n"
    )
    if config.host not in _LOOPBACK and config.auth is Auth.TOKEN:
        sys.stderr.write(
            f"WARNING: listening on {config.host} without TLS: everybody on the way can take the "
            "tokens.\n"
        )
    elif config.host not in _LOOPBACK:
        sys.stderr.write(
            f"WARNING: listening on {config.host}: everybody who reaches it is let in.\n"
        )
    sys.stderr.flush()


def _who(config: DevConfig) -> str:
    if config.auth is Auth.TOKEN:
        example = config.credentials_path / "plain.toml"
        return f"Every call must bring a session token: dancu verify --credentials {example} ..."
    return f"Every call is taken for the demo caller '{config.caller}': no credentials are checked."
