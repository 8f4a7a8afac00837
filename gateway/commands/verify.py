"""``dancu population verify``: whether a population is what it says it was built as."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.errors import EXIT_FAILED, one_line_errors
from gateway.commands.progress import building
from gateway.engines.choice import register_place
from mock_population_db.personas import personas_for, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mock_population_db.generate.checks import Check


def verify(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path(".dancu"),
    file: Annotated[
        str,
        typer.Option(
            metavar="FILE|URL",
            help="A population's file or database, instead of the one of the data directory.",
        ),
    ] = "",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Make the same people once more and compare: digest, rows, sums, references, indexes."""
    from mock_population_db.generate.verify import verify_population  # noqa: PLC0415 - needs NumPy

    with one_line_errors():
        place, about = register_place(data_dir, file)
        with building("verifying the population", total=about.size) as progress:
            checks = verify_population(
                place,
                extra_rows=rows_of(personas_for(about.as_of).personas),
                progress=progress,
            )
    if as_json:
        told = [asdict(one) | {"holds": one.holds} for one in checks]
        sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    else:
        _print(checks, changed=about.revision > 1)
    if not all(one.holds for one in checks):
        raise typer.Exit(EXIT_FAILED)


def _print(checks: Sequence[Check], *, changed: bool) -> None:
    for one in checks:
        verdict, wanted = ("ok   ", "") if one.holds else ("WRONG", f", not {one.expected}")
        sys.stdout.write(f"{verdict}  {one.what}: {one.found}{wanted}\n")
    if changed:
        sys.stdout.write("events changed this register: what its seed says was not compared\n")
