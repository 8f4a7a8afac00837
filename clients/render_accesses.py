"""Who looked at a person's data, as people see it."""

from __future__ import annotations

from rich import box
from rich.table import Table

from clients.sdk import AccessEntry, AccessesAnswer

Row = tuple[str, str]


def access_rows(answer: AccessesAnswer) -> list[Row]:
    """How far back the list goes, and how to see more of it."""
    months = f"{answer.months[0]} to {answer.months[-1]}" if answer.months else ""
    return [
        ("months", months),
        ("accesses", _count(answer) if answer.verified else ""),
        ("next page", f"--page-token {answer.next_page_token}" if answer.next_page_token else ""),
    ]


def access_table(answer: AccessesAnswer) -> Table:
    """One line an access."""
    table = Table("when", "who", "what for", "what", "log entry", box=box.SIMPLE_HEAD)
    table.columns[0].no_wrap = True
    for column in table.columns[1:]:
        column.overflow = "fold"  # what was seen is shown whole, however narrow the terminal
    for each in answer.entries:
        who = f"{each.caller}, unit {each.unit_code}, officer {each.officer_masked}"
        purpose = ", dossier ".join(part for part in (each.procedure_code, each.dossier_id) if part)
        when = each.accessed_at.isoformat(sep=" ", timespec="seconds")
        place = f"{each.leaf_index}.{each.row_index}"
        table.add_row(when, who, purpose, _what(each), place)
    return table


def _count(answer: AccessesAnswer) -> str:
    more = " on this page" if answer.next_page_token else ""
    return f"{len(answer.entries)}{more}"


def _what(entry: AccessEntry) -> str:
    method = entry.rpc.rpartition("/")[2]
    outcome = entry.outcome.name.lower().replace("_", " ")
    shown = f": {', '.join(entry.fields)}" if entry.fields else ""
    return f"{method}, {outcome}{shown}"
