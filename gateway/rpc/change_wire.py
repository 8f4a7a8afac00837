"""Questions about changes: protobuf to the core's words."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from dancu.v1 import change_pb2, sync_service_pb2
from gateway.core.change_query import Filter, Question, no_such_time


def watch_question(request: sync_service_pb2.WatchChangesRequest) -> Question:
    """What WatchChanges is asked."""
    interval = request.progress_interval
    return Question(
        request.start_revision,
        _filter(request.filter),
        tuple(request.read_mask.paths),
        progress=interval.seconds + interval.nanos / 1e9,
    )


def list_question(request: sync_service_pb2.ListChangesRequest) -> Question:
    """What ListChanges is asked.

    Raises:
        MalformedRequest: a time is out of range.
    """
    return Question(
        request.start_revision,
        _filter(request.filter),
        tuple(request.read_mask.paths),
        _time(request.start_time, "start_time") if request.HasField("start_time") else None,
        _time(request.end_time, "end_time") if request.HasField("end_time") else None,
    )


def _filter(message: change_pb2.ChangeFilter) -> Filter:
    return Filter(
        tuple(message.province_codes),
        tuple(message.commune_codes),
        tuple(int(kind) for kind in message.kinds),
        message.watched_only,
    )


def _time(stamp: Timestamp, field: str) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise no_such_time(field) from None
