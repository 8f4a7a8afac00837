"""Asking for changes: of the past page by page, or from some revision on for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.timestamp_pb2 import Timestamp

from clients.sdk.changes import (
    EVERYTHING,
    ChangeFilter,
    ChangesPage,
    SaveCursor,
    read_batch,
    require_batch,
)
from clients.sdk.errors import Refused, Unreachable
from clients.sdk.exchange import LIST_CHANGES, Exchange
from clients.sdk.follower import FOREVER, Follower
from clients.sdk.requests import CallContext
from dancu.v1 import sync_service_pb2


class ChangeList:
    """The part of a connection that tells what changed."""

    _exchange: Exchange

    async def list_changes(
        self,
        *,
        start_revision: int = 0,
        which: ChangeFilter = EVERYTHING,
        start_time: datetime | None = None,
        end_time: datetime | None = None,
        fields: Sequence[str] = (),
        page_size: int = 0,
        page_token: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> ChangesPage:
        """Changes of the past (kéo biến động theo ngày), by pages.

        Args:
            start_revision: The first one wanted; 0 for the oldest that is kept.
            which: Which changes.
            start_time: Only those taken in from here on, aware.
            end_time: Only those taken in before this, aware.
            fields: Which fields of a person to show; none: all granted.
            page_size: At most so many.
            page_token: Of the page before; the rest must then be as it was.
            context: Who asks, if not as at ``connect``.
            request_id: Made up if left out.
        """
        request = sync_service_pb2.ListChangesRequest(
            start_revision=start_revision,
            filter=which.to_message(),
            start_time=_stamp(start_time),
            end_time=_stamp(end_time),
            read_mask=FieldMask(paths=fields) if fields else None,
            page_size=page_size,
            page_token=page_token,
        )
        checked = await self._exchange.ask(LIST_CHANGES, request, context, request_id)
        said, evidence = checked.statement, checked.evidence
        require_batch(said, which, evidence.receipt, seen=start_revision - 1)
        return ChangesPage(read_batch(said, evidence), checked.response.next_page_token)

    def follower(
        self,
        start_revision: int = 0,
        *,
        which: ChangeFilter = EVERYTHING,
        fields: Sequence[str] = (),
        progress_seconds: float = 10.0,
        context: CallContext | None = None,
        patience: float = FOREVER,
        save: SaveCursor = lambda _revision: None,
        on_cut: Callable[[Refused | Unreachable], None] = lambda _: None,
    ) -> Follower:
        """Follow changes as they happen (theo dõi biến động).

        Args:
            start_revision: The first one wanted; 0 for those that are still to come.
            which: Which changes.
            fields: Which fields of a person to show; none: all granted.
            progress_seconds: How long the gateway may be silent, 1 to 60.
            context: Who asks, if not as at ``connect``.
            patience: Seconds to go on while nobody answers.
            save: Told where to go on, each time the consumer comes back for more.
            on_cut: Told each time that a stream has ended, before another is opened.
        """
        return Follower(
            self._exchange,
            start_revision,
            which=which,
            fields=fields,
            progress_seconds=progress_seconds,
            context=context,
            patience=patience,
            save=save,
            on_cut=on_cut,
        )


def _stamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("a time needs its zone")
    stamp = Timestamp()
    stamp.FromDatetime(moment)
    return stamp
