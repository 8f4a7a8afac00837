"""What people see of a reconciliation: a bar while it runs, and what to do when it is done."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from rich import box
from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from clients.cli_errors import note
from clients.reader import reader_may_leave
from clients.reconcile.job import Done
from clients.reconcile.tally import Tally
from clients.sdk import Refused, Unreachable
from clients.sdk.reconciled import Parked

_TO_DO = {
    "MATCHED": "nothing",
    "CORRECTED": "take over what stands in register_values, or ask the citizen which is right",
    "NOT_VERIFIED": "compare number, name and birth date with the card",
    "AMBIGUOUS": "several people have this old number: ask for the 12-digit one",
    "INVALID": "mend the row; the column fields says what is wrong",
    "SUPERSEDED_NUMBER": "the number was cancelled: take over current_personal_id",
    "DECEASED": "the person is dead: see register_values and end what is to be ended",
    "DUPLICATE_IN_SESSION": "the number came before in this file: merge the rows or correct one",
    "REPAIRED": "understood, but spoilt: a leading zero, letters or a date; mend it at home",
}
_MOST_RULES = 8
_WORTH_A_NOTE = 10  # seconds of waiting for quota


class Bar:
    """Tells on standard error how the work goes on: a bar on a terminal, else only what matters."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TextColumn("{task.fields[about]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("reconciling", total=1.0, about="")
        self._started = time.monotonic()
        self._from: tuple[float, int, float] | None = None  # when, rows, share of the file
        self.session = ""
        self.rows = 0
        self.rows_before = 0

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self._started

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def begins(self, session: str, rows: int) -> None:
        """The session, and what an earlier run has done of it."""
        self.session, self.rows, self.rows_before = session, rows, rows
        if rows:
            note(f"going on after row {rows:,} (session {session})")

    def wrote(self, rows: int, done: float) -> None:
        """Rows with a result, and how much of the file was read."""
        now = time.monotonic()
        if self._from is None:
            self._from = (now, rows, done)
        since, rows_then, done_then = self._from
        passed = now - since
        rate = (rows - rows_then) / passed if passed else 0.0
        left = passed * (1 - done) / (done - done_then) if done > done_then else 0.0
        self.rows = rows
        about = f"{rows:,} rows, {rate:,.0f}/s, {_duration(left)} left"
        self._progress.update(self._task, completed=done, about=about, description="reconciling")

    def parked(self, parked: Parked) -> None:
        """The quota is used up; the time is the reader's own."""
        self._progress.update(self._task, description="waiting for quota")
        if parked.resumes_at.timestamp() - time.time() < _WORTH_A_NOTE:
            return
        when = parked.resumes_at.astimezone().strftime("%Y-%m-%d %H:%M:%S %Z")
        note(
            f"{parked.reason}: waiting; it goes on by itself at {when}, also if you stop here and"
            " give the same command again later"
        )

    def cut(self, error: Refused | Unreachable) -> None:
        """The stream was cut."""
        if isinstance(error, Unreachable) or error.reason != "STREAM_TOO_OLD":
            self._progress.update(self._task, description="trying again")
            note(f"the connection was lost ({error}); trying again")


def summary_json(done: Done, places: Mapping[str, Path], bar: Bar) -> dict[str, Any]:
    """The summary as a script reads it."""
    return {
        "session": done.session,
        **{name: str(path) for name, path in places.items()},
        "encoding": done.encoding or None,
        "all_matched": done.tally.all_matched,
        **done.tally.to_json(),
        "rows_before": bar.rows_before,
        "seconds": round(bar.seconds, 3),
        "kept_until": done.closed.kept_until if done.closed else None,
    }


@reader_may_leave()
def show_summary(done: Done, places: Mapping[str, Path], bar: Bar) -> None:
    """The summary for people, on standard output."""
    console = Console(highlight=False)
    tally, seconds = done.tally, bar.seconds
    rate = (tally.rows - bar.rows_before) / seconds if seconds else 0.0
    console.print(
        Text(f"{tally.rows:,} rows", style="bold"),
        f"in {_duration(seconds)} ({rate:,.0f}/s); simulated: no real person",
    )
    for table in _tables(tally):
        console.print(table)
    for line in _lines(done, places):
        console.print(Text(line), soft_wrap=True)


def _tables(tally: Tally) -> Iterable[RenderableType]:
    yield _counts("verdict", tally.verdicts, tally)
    if tally.flags:
        yield _counts("flag", tally.flags, tally)
    differing = sorted(
        ((counts["DIFFERS"], name) for name, counts in tally.fields.items()), reverse=True
    )
    if differing:
        table = Table("field", "differs", "matches", "no data", "withheld", "e.g.",
                      box=box.SIMPLE_HEAD)  # fmt: skip
        for _, name in differing:
            counts = tally.fields[name]
            cells = [f"{counts[key]:,}" for key in ("DIFFERS", "MATCH", "NO_DATA", "WITHHELD")]
            table.add_row(name, *cells, _examples(tally, name))
        yield table
    if tally.violations:
        table = Table("broken rule", "rows", "what to do", "e.g.", box=box.SIMPLE_HEAD)
        for broken, count in tally.violations.most_common(_MOST_RULES):
            table.add_row(broken, f"{count:,}", tally.why[broken], _examples(tally, broken))
        yield table


def _counts(title: str, counts: Mapping[str, int], tally: Tally) -> Table:
    table = Table(title, "rows", "share", "what to do", "e.g.", box=box.SIMPLE_HEAD)
    for name in sorted(counts, key=lambda name: list(_TO_DO).index(name) if name in _TO_DO else 99):
        share = 100 * counts[name] / tally.rows
        table.add_row(
            name, f"{counts[name]:,}", f"{share:.1f} %", _TO_DO.get(name, ""),
            _examples(tally, name),
        )  # fmt: skip
    return table


def _examples(tally: Tally, kind: str) -> str:
    return "\n".join(tally.examples.get(kind, ()))


def _lines(done: Done, places: Mapping[str, Path]) -> Iterable[str]:
    tally = done.tally
    for field, count in tally.not_understood.items():
        yield f"{field}: {count:,} cells were not understood, and not compared"
    if tally.unreadable:
        yield (
            f"{tally.unreadable:,} rows have bytes that are no {done.encoding}: if names are"
            " garbled, name another --encoding and begin anew"
        )
    if done.encoding not in ("", "utf-8"):
        yield f"read as {done.encoding}; the result is in UTF-8"
    for name, path in places.items():
        yield f"{name}: {path}"
    yield f"session: {done.session}{_kept(done.closed.kept_until) if done.closed else ''}"


def _kept(until: datetime) -> str:
    return f", whose answers may be fetched until {until.astimezone():%Y-%m-%d %H:%M %Z}"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
