"""``dancu population``: the register's file, without a gateway.

The generator is imported by the commands that use it: it needs NumPy, and every other
command would wait for that.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.commands import live
from gateway.commands.errors import one_line_errors
from gateway.commands.progress import building
from gateway.commands.verify import verify
from gateway.config import DEFAULT_AS_OF, DEFAULT_SEED
from gateway.datadir import SetupError
from gateway.engines.choice import register_place
from mock_population_db.personas import personas_for, rows_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mock_population_db.generate.build import BuildResult
    from mock_population_db.generate.export import ExportRow
    from mock_population_db.generate.info import InfoTable

app = typer.Typer(help="Build, describe and sample a synthetic population.", no_args_is_help=True)

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
Source = Annotated[
    str,
    typer.Option(
        metavar="FILE|URL",
        help="A population's file or database, instead of the one of the data directory.",
    ),
]


@app.command()
def build(
    size: Annotated[int, typer.Option(min=0, help="How many citizens.")],
    out: Annotated[
        str, typer.Option(metavar="FILE|URL", help="The file to write, or postgresql://…")
    ],
    seed: Annotated[int, typer.Option(help="Another seed, other people.")] = DEFAULT_SEED,
    as_of: Annotated[
        datetime,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="Ages, cards and residence are of this day.",
            show_default=str(DEFAULT_AS_OF),
        ),
    ] = datetime(DEFAULT_AS_OF.year, DEFAULT_AS_OF.month, DEFAULT_AS_OF.day),  # noqa: DTZ001 - a calendar day, not a moment
    *,
    reserved_ids: Annotated[
        bool, typer.Option("--reserved-ids", help="Numbers of no province: prefixes 097 to 099.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Build a population: the same on every machine for one seed, size and day."""
    day = as_of.date()
    with one_line_errors():
        try:
            write = _writer_to(out, force=force)
            with building("building the population", total=size) as progress:
                built = write(
                    size=size,
                    seed=seed,
                    as_of=day,
                    reserved_ids=reserved_ids,
                    extra_rows=rows_of(personas_for(day).personas),
                    progress=progress,
                )
        except (OSError, ValueError) as error:
            raise SetupError(f"cannot build {out}: {error}") from error
    if as_json:
        _print_json(asdict(built) | {"path": str(built.path)})
    else:
        _show_built(built)


def _writer_to(out: str, *, force: bool) -> Callable[..., BuildResult]:
    """What builds there. Raises SetupError when something is there that may not be replaced."""
    if out.startswith(("postgresql://", "postgres://")):
        from mock_population_db.generate.build_postgres import (  # noqa: PLC0415 - see above
            build_in_postgres,
        )

        return partial(build_in_postgres, out, replace=force)
    from mock_population_db.generate.build import build_population  # noqa: PLC0415 - see above

    path = Path(out)
    if path.exists() and not force:
        raise SetupError(f"{out} exists; name another file, or replace it with --force")
    path.parent.mkdir(parents=True, exist_ok=True)
    return partial(build_population, path)


def _show_built(built: BuildResult) -> None:
    rate = f"{built.citizens / built.seconds:,.0f} a second" if built.seconds else "at once"
    Console(highlight=False).print(
        f"{built.citizens:,} citizens in {built.households:,} households, {rate}\n"
        f"{_size_told(built.path)}\n"
        f"digest  {built.digest}"
    )


def _size_told(built: Path | str) -> str:
    if isinstance(built, str):
        return f"in      {built}"
    return f"file    {built}, {built.stat().st_size / 1e6:,.1f} MB"


@app.command()
def info(
    data_dir: DataDir = Path(".dancu"),
    file: Source = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """What was built against what was aimed at, in percent."""
    from mock_population_db.generate.info import describe  # noqa: PLC0415 - see above

    with one_line_errors():
        place, _ = register_place(data_dir, file)
        about = describe(place)
    if as_json:
        _print_json(asdict(about))
        return
    console = Console(highlight=False)
    # the shares stand in the tables below, beside what came of them
    told = {key: value for key, value in about.meta.items() if key != "shares"}
    console.print("  ".join(f"{key}={value}" for key, value in told.items()))
    for table in about.tables:
        console.print(_rendered(table))


@app.command()
def export(
    limit: Annotated[int, typer.Option(min=1, help="At most so many citizens.")],
    out: Annotated[Path, typer.Option(help="FILE.csv or FILE.jsonl, or - for CSV on the screen.")],
    data_dir: DataDir = Path(".dancu"),
    file: Source = "",
    seed: Annotated[int, typer.Option(help="Another seed, another sample.")] = 0,
    errors: Annotated[
        float,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Plant errors into this share, to try on; CSV only."
        ),
    ] = 0.0,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="With --errors: what was planted where.")
    ] = None,
) -> None:
    """Write a sample as CSV or JSON Lines: the people another system might hold."""
    from mock_population_db.generate import export as exports  # noqa: PLC0415 - see above

    writers = {".csv": exports.write_csv, ".jsonl": exports.write_json_lines}
    with one_line_errors():
        place, _ = register_place(data_dir, file)
        rows = exports.sample(place, limit=limit, seed=seed)
        if str(out) == "-":
            exports.write_csv(rows, sys.stdout)
            return
        if errors or truth:
            count = _with_errors(rows, out, truth, errors, seed)
            sys.stderr.write(f"{count} citizens written to {out}, what was planted to {truth}\n")
            return
        write = writers.get(out.suffix.lower())
        if write is None:
            raise SetupError(f"{out}: end the name in .csv or .jsonl, to say which it shall be")
        try:
            with out.open("w", encoding="utf-8", newline="") as stream:
                count = write(rows, stream)
        except OSError as error:
            raise SetupError(f"cannot write {out}: {error}") from error
    sys.stderr.write(f"{count} citizens written to {out}\n")


def _with_errors(
    rows: Iterable[ExportRow], out: Path, truth: Path | None, share: float, seed: int
) -> int:
    from mock_population_db.generate.planting import plant, write_planted  # noqa: PLC0415 - see above

    if truth is None or not share or out.suffix.lower() != ".csv":
        raise SetupError("--errors SHARE and --truth FILE go together, and --out ends in .csv")
    try:
        with (
            out.open("w", encoding="utf-8", newline="") as records,
            truth.open("w", encoding="utf-8", newline="") as told,
        ):
            return write_planted(plant(rows, share=share, seed=seed), records, told)
    except OSError as error:
        raise SetupError(f"cannot write {error.filename}: {error.strerror}") from error


app.command()(verify)
live.add_to(app)


def _rendered(table: InfoTable) -> Table:
    rendered = Table(title=table.title, title_justify="left")
    rendered.add_column("")
    rendered.add_column("aimed %", justify="right")
    rendered.add_column("built %", justify="right")
    for row in table.rows:
        aimed = "" if row.aimed is None else f"{row.aimed:.2f}"
        rendered.add_row(row.label, aimed, f"{row.built:.2f}")
    return rendered


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
