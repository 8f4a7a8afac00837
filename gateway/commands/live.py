"""``dancu population live`` and ``rearrange``: the register's days, without a gateway.

What lives is imported by the commands themselves: it needs NumPy, see ``population.py``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from gateway.commands.errors import one_line_errors
from gateway.commands.progress import building
from gateway.engines.choice import register_place
from mock_population_db.personas import left_unconverted

if TYPE_CHECKING:
    from mock_population_db.life.account import Account

_VIETNAM = timezone(timedelta(hours=7))
_EVENING = 17  # when the offices close: events of a day are recorded then

DataDir = Annotated[Path, typer.Option(help="Where everything is kept.")]
Json = Annotated[bool, typer.Option("--json", help="For scripts.")]


def live(
    days: Annotated[int, typer.Option(min=1, max=36_525, help="How many days shall pass.")],
    data_dir: DataDir = Path(".dancu"),
    *,
    as_json: Json = False,
) -> None:
    """Let days pass as fast as they can: births, deaths, moves, at the nation's rates."""
    from mock_population_db.life.account import lived  # noqa: PLC0415 - see above

    with one_line_errors(), building("living", total=days) as progress:
        place, _ = register_place(data_dir)
        account = asyncio.run(lived(place, days, _evening, progress))
    if as_json:
        _print_json(account.to_json())
        return
    _print_account(account)


def rearrange(data_dir: DataDir = Path(".dancu"), *, as_json: Json = False) -> None:
    """Bring a register of an earlier day to 2025-07-01: 63 provinces become 34.

    All or nothing; on a register of that day or a later one it changes nothing.
    """
    from mock_population_db.life.rearrangement import rearrange as run  # noqa: PLC0415 - see above
    from mock_population_db.store.places import open_to_write  # noqa: PLC0415 - see above

    with one_line_errors():
        place, about = register_place(data_dir)
        with (
            building("rearranging", total=about.size) as progress,
            open_to_write(place) as connection,
        ):
            done = run(connection, datetime.now(UTC), left_unconverted(), progress)
    if as_json:
        _print_json({} if done is None else asdict(done))
    elif done is None:
        sys.stdout.write(f"nothing to do: the register is at {about.day}\n")
    else:
        sys.stdout.write(
            f"{done.people:,} people have another address. Of the addresses of {done.households:,}"
            " households and of temporary stays:"
            f" {done.whole:,} converted, {done.split:,} to the default of a divided commune, "
            f"{done.unconverted:,} left with the former code\n"
        )


def add_to(app: typer.Typer) -> None:
    """Add the commands to ``dancu population``."""
    app.command()(live)
    app.command()(rearrange)


def _evening(day: date) -> datetime:
    """When the register takes in what happens on a day; never in the future."""
    evening = datetime(day.year, day.month, day.day, _EVENING, tzinfo=_VIETNAM)
    return min(evening, datetime.now(UTC))


def _print_account(account: Account) -> None:
    console = Console(highlight=False)
    rate = f"{account.events / account.seconds:,.0f} a second" if account.seconds else "at once"
    console.print(f"{account.first} to {account.last}: {account.events:,} events, {rate}")
    if account.rearranged:
        console.print(f"2025-07-01: {account.rearranged.people:,} people have another address")
    table = Table()
    for name in ("", "aimed", "happened"):
        table.add_column(name, justify="right" if name else "left")
    for row in account.rows:
        aimed = "" if row.aimed is None else f"{row.aimed:,.0f}"
        table.add_row(row.label, aimed, f"{row.happened:,}")
    console.print(table)
    refused = ", ".join(f"{code} {count:,}" for code, count in account.refused.items())
    console.print(f"refused by the register's rules: {refused or 'nothing'}")
    console.print(f"digest  {account.digest}")


def _print_json(value: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
