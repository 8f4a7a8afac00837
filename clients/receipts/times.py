"""Moments as whole nanoseconds since 1970 (UTC), so that no comparison ever rounds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

SECOND = 1_000_000_000
SKEW = 300 * SECOND
"""How far a clock may be ahead of ours."""

FIRST_SECOND = -62_135_596_800
"""0001-01-01T00:00:00Z, the first that a Timestamp may hold."""
LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z, the last."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_timestamp(stamp: Timestamp) -> int:
    """Nanoseconds of a protobuf timestamp; ValueError when it is out of its range."""
    if not (FIRST_SECOND <= stamp.seconds <= LAST_SECOND and 0 <= stamp.nanos < SECOND):
        raise ValueError("timestamp out of range")
    return stamp.seconds * SECOND + stamp.nanos


def from_datetime(moment: datetime) -> int:
    """Nanoseconds of an aware datetime; ValueError when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError("the moment of checking needs a time zone")
    return (moment - _EPOCH) // _MICROSECOND * 1000


def to_datetime(nanoseconds: int) -> datetime:
    """The moment in UTC, cut to microseconds."""
    return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
