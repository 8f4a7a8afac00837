"""Follows the register and keeps a copy of what it is shown.

The journal is the copy: what was handed over, in order, and where the cursor stood. A process
that dies between the two gets the last batch once more, and never anything else.
"""

from __future__ import annotations

from contextlib import aclosing

from clients.sdk import ChangeBatch, ChangeFilter, ChangeKind, Gateway, Refused, Unreachable
from tests.torture.clients.setup import Setup, packed, start, try_the_next
from tests.torture.journal import Journal

FILTERS = {
    "follower-0": ChangeFilter(),
    "follower-1": ChangeFilter(
        kinds=(ChangeKind.BIRTH, ChangeKind.CORRECTION, ChangeKind.DEATH, ChangeKind.WITHDRAWN)
    ),
}
_PROGRESS = 1.0  # seconds between progress marks
_PATIENCE = 1.0  # seconds until a server is left, where there is another one


async def follow(setup: Setup, journal: Journal) -> None:
    """Follow until the register's last revision has been seen."""
    async with setup.connect() as way:
        patience = float("inf") if way.is_only else _PATIENCE
        while True:
            try:
                return await _follow(setup, journal, way.gateway, patience)
            except (Refused, Unreachable) as error:
                await try_the_next(way, error)


async def _follow(setup: Setup, journal: Journal, gateway: Gateway, patience: float) -> None:
    """Follow from where the journal ends."""
    cursors = [entry["cursor"] for entry in journal.entries if "cursor" in entry]
    journal.add(life=cursors[-1] if cursors else 1)
    follower = gateway.follower(
        start_revision=cursors[-1] if cursors else 1,
        which=FILTERS[setup.name],
        progress_seconds=_PROGRESS,
        patience=patience,
        save=lambda revision: journal.add(cursor=revision),
    )
    async with aclosing(follower.batches()) as batches:
        async for batch in batches:
            _write(journal, batch)
            last = setup.last_revision()
            if last is not None and batch.through_revision >= last:
                return


def _write(journal: Journal, batch: ChangeBatch) -> None:
    if batch.evidence is not None:
        journal.add(
            through=batch.through_revision,
            at=batch.register_revision,
            changes=[packed(each.message.SerializeToString()) for each in batch.changes],
            receipt=packed(batch.evidence.receipt),
        )


if __name__ == "__main__":
    start(follow)
