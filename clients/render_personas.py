"""The simulator's people as a table, as paragraphs, or as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clients.render import print_json

COLUMNS = (
    "slug",
    "personal_id",
    "old_id_number",
    "full_name",
    "birth_date",
    "expect",
    "about",
)

_CLAIM = ("personal_id", "old_id_number", "full_name", "birth_date")
_TABLE_WIDTH = 240
"""Columns in which no persona needs a second line."""


def render_personas(personas: Sequence[Mapping[str, str]], *, json: bool) -> None:
    """Show the simulator's people on standard output.

    In a pipe one line each, so that grep finds them whole; on a terminal, which is narrower
    than that, a paragraph each.

    Args:
        personas: Mappings with the keys of ``COLUMNS``.
        json: As a JSON array instead.
    """
    console = Console(highlight=False)
    if json:
        print_json(personas)
    elif console.is_terminal and console.width < _TABLE_WIDTH:
        for each in personas:
            console.print(_paragraph(each))
    else:
        Console(highlight=False, width=_TABLE_WIDTH).print(_table(personas))


def _table(personas: Sequence[Mapping[str, str]]) -> Table:
    table = Table(*COLUMNS, box=box.SIMPLE_HEAD, header_style="bold")
    for column in table.columns:
        column.no_wrap = True
    for each in personas:
        table.add_row(*(Text(each[column]) for column in COLUMNS))
    return table


def _paragraph(persona: Mapping[str, str]) -> Text:
    claim = "  ".join(persona[part] for part in _CLAIM if persona[part])
    return Text.assemble(
        (persona["slug"], "bold"),
        f"  {persona['expect']}\n  {claim}\n",
        (f"  {persona['about']}\n", "dim"),
    )
