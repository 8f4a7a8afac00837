"""Progress of long work, on standard error, and only where somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def building(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar that appears with the first call of what it yields: ``done(count)``."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:>12,.0f}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    task = bar.add_task(what, total=total)
    started = False

    def done(count: int) -> None:
        nonlocal started
        if not started:
            started = True
            bar.start()
            if not console.is_terminal:
                console.print(f"{what} ...")
        bar.update(task, completed=count)

    try:
        yield done
    finally:
        if started:
            bar.stop()
