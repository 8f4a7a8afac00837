"""``dancu load``: load tests, their results, and the comparison of two.

Exit codes: 0 done and no threshold missed, 1 one missed, or an answer that does not verify, 2 bad
usage, 3 refused or unreachable, 130 ended before anything was measured.

What runs it is imported by the commands: it needs NumPy, and every other command would wait.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    Json,
    Keys,
    Officer,
    Procedure,
    Root,
    Server,
    Unit,
)
from clients.sdk import CallContext

app = typer.Typer(
    help="Load tests: calls on a fixed schedule, and latencies that hide nothing.",
    no_args_is_help=True,
)

_LOAD, _PEOPLE, _RESULT = "Load", "Whom to ask about", "Result"
_Scenario = Annotated[
    str, typer.Argument(help="One of `dancu load list`, or a FILE.toml of your own.")
]
_Rate = Annotated[
    float | None,
    typer.Option(min=0.01, help="Calls a second.", rich_help_panel=_LOAD),
]
_Duration = Annotated[
    float | None,
    typer.Option(
        min=0.1,
        metavar="SECONDS",
        help="Measured time; of a sweep, that of each step.",
        rich_help_panel=_LOAD,
    ),
]
_WarmUp = Annotated[
    float | None,
    typer.Option(min=0, metavar="SECONDS", help="Not measured.", rich_help_panel=_LOAD),
]
_Scale = Annotated[
    float | None,
    typer.Option(
        min=1e-9, help="Of a national day: which part of the nation.", rich_help_panel=_LOAD
    ),
]
_Compress = Annotated[
    float | None,
    typer.Option(
        min=0.001,
        help="Of a national day: how much faster than the clock; 60 plays an hour in a minute.",
        rich_help_panel=_LOAD,
    ),
]
_Start = Annotated[
    float | None,
    typer.Option(
        min=0, max=24, metavar="HOUR", help="Of a national day: begin at.", rich_help_panel=_LOAD
    ),
]
_Seed = Annotated[
    int | None,
    typer.Option(min=0, help="Another seed, other claims.", rich_help_panel=_LOAD),
]
_Workers = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=256,
        help="Processes that send. Default: one to each core but one.",
        rich_help_panel=_LOAD,
    ),
]
_Connections = Annotated[
    int | None,
    typer.Option(min=1, max=1000, help="Of each worker and caller.", rich_help_panel=_LOAD),
]
_CallTimeout = Annotated[
    float | None,
    typer.Option(min=0.001, metavar="SECONDS", help="Deadline of a call.", rich_help_panel=_LOAD),
]
_People = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE.csv",
        help="Of the gateway's register, as `dancu population export` writes it. Default: a sample"
        " of the register in --data-dir, else the personas.",
        rich_help_panel=_PEOPLE,
    ),
]
_Control = Annotated[
    str | None,
    typer.Option(
        metavar="HOST:PORT",
        help="Where the personas are. Default: two ports on, if the gateway is on this machine.",
        rich_help_panel=_PEOPLE,
    ),
]
_Out = Annotated[
    Path | None,
    typer.Option(metavar="RESULT.json", help="Keep the result.", rich_help_panel=_RESULT),
]
_Report = Annotated[
    Path | None,
    typer.Option(metavar="REPORT.html", help="Write a page with plots.", rich_help_panel=_RESULT),
]
_FailIf = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        help="E.g. 'p99_ms > 50'; may be given several times, beside those of the scenario.",
        rich_help_panel=_RESULT,
    ),
]


@app.callback()
def load() -> None:
    """Load tests: calls on a fixed schedule, and latencies that hide nothing."""


@app.command()
def run(
    scenario: _Scenario,
    *,
    rate: _Rate = None,
    duration: _Duration = None,
    warm_up: _WarmUp = None,
    scale: _Scale = None,
    compress: _Compress = None,
    start: _Start = None,
    seed: _Seed = None,
    workers: _Workers = None,
    connections: _Connections = None,
    timeout: _CallTimeout = None,
    people: _People = None,
    control: _Control = None,
    out: _Out = None,
    report: _Report = None,
    fail_if: _FailIf = None,
    json: Json = False,
    server: Server = DEFAULT_SERVER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    keys: Keys = None,
    root: Root = None,
    credentials: CredentialsFile = None,
    procedure: Procedure = DEFAULT_PROCEDURE,
    unit: Unit = DEFAULT_UNIT,
    officer: Officer = DEFAULT_OFFICER,
) -> None:
    """Send a scenario's calls when they are due, and tell how long their callers waited.

    Latency counts from the moment a call was due, not from when it could be sent. Ctrl-C ends a
    run early; what is under way is waited for, and the result is made of what there was.

    Exits 0 done, 1 a threshold was missed or an answer does not verify, 2 bad usage, 3 refused or
    unreachable, 130 ended before anything was measured.
    """
    from clients.loadtest import commands, overrides  # noqa: PLC0415 - see above

    given = overrides.Overrides(
        rate, scale, compress, start, duration, warm_up, timeout, seed, workers, connections
    )
    context = CallContext(procedure, unit, officer)
    asking = Asking(server, DEFAULT_TIMEOUT, data_dir, keys, root, context, credentials)
    order = commands.Order(scenario, given, fail_if or [], people, control, out, report)
    raise typer.Exit(commands.run(order, asking, json=json))


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="A result of `dancu load run --out`.")],
    after: Annotated[Path, typer.Argument(help="Another.")],
    *,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="Exit with 1 when a figure is worse.")
    ] = False,
    json: Json = False,
) -> None:
    """Two results side by side, and under what other conditions they were measured.

    Exits 0 done, 1 with --fail-if-worse when a figure is, 2 bad usage.
    """
    from clients.loadtest import commands  # noqa: PLC0415 - see above

    raise typer.Exit(commands.compare(before, after, fail_if_worse=fail_if_worse, json=json))


@app.command("list")
def list_scenarios(*, json: Json = False) -> None:
    """The scenarios that come with dancu."""
    from clients.loadtest import commands  # noqa: PLC0415 - see above

    commands.list_scenarios(json=json)
