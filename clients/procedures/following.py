"""The commune's own books follow the register (sổ bộ): nobody types in a change a second time.

    cursor              the revision to go on from
    changes/*.json      what was taken over, by revision

A change may come twice, after a crash between taking it over and moving the cursor. It is known by
its revision: the second time it is written over itself.
"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import aclosing
from pathlib import Path

from google.protobuf.json_format import MessageToJson

from clients.sdk import ChangeFilter, ChangeKind, CitizenChange, Gateway

WATCHED = ChangeFilter(watched_only=True)


class Books:
    """What the commune keeps of the citizens it watches.

    Args:
        folder: Where it lies; made when there is none.
        start_revision: Where to begin, when nothing was followed yet.
    """

    def __init__(self, folder: Path, start_revision: int) -> None:
        self._changes = folder / "changes"
        self._changes.mkdir(parents=True, exist_ok=True)
        self._cursor = folder / "cursor"
        self._start = start_revision

    async def follow(
        self, gateway: Gateway, awaited: Collection[tuple[ChangeKind, str]]
    ) -> list[CitizenChange]:
        """Take over what happens until each (kind, number) has come; returns what was taken over.

        A real system awaits nothing: it goes on for as long as it runs.
        """
        taken: list[CitizenChange] = []
        missing = set(awaited)
        follower = gateway.follower(self._next(), which=WATCHED, save=self._save)
        async with aclosing(follower.batches()) as batches:
            async for batch in batches:
                for change in batch.changes:
                    self._take_over(change)
                    taken.append(change)
                    missing.discard((change.kind, change.personal_id))
                if not missing:
                    self._save(batch.through_revision + 1)
                    break
        return taken

    def _take_over(self, change: CitizenChange) -> None:
        text = MessageToJson(change.message, ensure_ascii=False, preserving_proto_field_name=True)
        (self._changes / f"{change.revision:012d}.json").write_text(text, "utf-8")

    def _next(self) -> int:
        return int(self._cursor.read_text()) if self._cursor.exists() else self._start

    def _save(self, revision: int) -> None:
        self._cursor.write_text(f"{revision}\n")
