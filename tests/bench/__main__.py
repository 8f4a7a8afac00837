"""``python -m tests.bench``: the command line of the benchmark."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tests.bench import h2load, machine, report
from tests.bench.errors import BenchError
from tests.bench.plan import FULL, QUICK, Name, run, skipped


def main(
    *,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few calls, and nothing that takes minutes.")
    ] = False,
    rounds: Annotated[
        int | None,
        typer.Option(min=1, help="Of each comparison; 7, or 3 with --quick.", show_default=False),
    ] = None,
    rows: Annotated[
        int | None,
        typer.Option(
            min=1000, help="Of the file that is reconciled; a million.", show_default=False
        ),
    ] = None,
    log_rows: Annotated[
        int | None,
        typer.Option(min=0, help="Of the long access log; ten million.", show_default=False),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the figures here too.")
    ] = None,
    only: Annotated[
        list[Name] | None, typer.Option(help="Measure only this; may be repeated.")
    ] = None,
) -> None:
    """Measure the gateway beside a bare gRPC echo, and print what falls short."""
    plan = QUICK if quick else FULL
    told = {"rounds": rounds, "rows": rows, "long_log": log_rows}
    plan = replace(plan, **{name: value for name, value in told.items() if value is not None})
    chosen = set(only or Name)
    progress = Console(stderr=True)
    about = machine.description()
    try:
        h2load.require()
        with tempfile.TemporaryDirectory(prefix="dancu-bench-") as folder:
            figures = list(run(plan, chosen, Path(folder), progress.log))
    except BenchError as error:
        progress.print(f"error: {error}", style="bold red", highlight=False)
        raise typer.Exit(1) from None
    left_out = list(skipped(plan, chosen))
    console = Console()
    console.width = max(console.width, report.WIDTH)  # a pipe has no width, and is given 80
    report.show(console, figures, about)
    for name in left_out:
        console.print(f"skipped with --quick: {name}", highlight=False)
    if json_file is not None:
        report.write_json(json_file, figures, about, left_out)


if __name__ == "__main__":
    typer.run(main)
