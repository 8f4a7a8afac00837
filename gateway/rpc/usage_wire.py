"""``UsageService``: days and counters between protobuf and the core's words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from google.type.date_pb2 import Date

from dancu.v1 import usage_service_pb2
from gateway.core.days import check_range, read_day
from gateway.flows.ports import Usage


def days(request: usage_service_pb2.GetUsageRequest, today: int) -> tuple[int, int]:
    """First and last day, counted from 1970-01-01.

    Raises:
        MalformedRequest: they do not exist, are reversed or too many.
    """
    last = _day(request.last_day, "last_day") if request.HasField("last_day") else today
    first = _day(request.first_day, "first_day") if request.HasField("first_day") else last
    check_range(first, last)
    return first, last


def usage(caller: str, used: Sequence[Usage]) -> usage_service_pb2.GetUsageResponse:
    """A caller's counters."""
    response = usage_service_pb2.GetUsageResponse(caller=caller)
    for one in used:
        day = date.fromisoformat(one.day)
        response.counters.add(
            day=Date(year=day.year, month=day.month, day=day.day),
            procedure_code=one.procedure,
            rpc=one.rpc,
            answers=one.answers,
            records=one.records,
            verified=one.verified,
        )
    return response


def _day(message: Date, field: str) -> int:
    return read_day(message.year, message.month, message.day, field)
