"""Progress of long work, on standard error, and only where somebody watches."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def building(what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar that appears with the first call of what it yields: ``done(count)``."""
    bar: Progress | None = None

    def done(count: int) -> None:
        nonlocal bar
        if bar is None:
            bar = _started(what, total)
        bar.update(bar.task_ids[0], completed=count)

    try:
        yield done
    finally:
        if bar is not None:
            bar.stop()


def _started(what: str, total: int | None) -> Progress:
    """A bar with one task."""
    # only here: a gateway that finds its population built has nothing to show
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
    )

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
    bar.add_task(what, total=total)
    bar.start()
    if not console.is_terminal:
        console.print(f"{what} ...")
    return bar
