"""Whether a stream that was cut is worth opening again, and when."""

from __future__ import annotations

import random

import grpc

from clients.sdk.errors import Refused, Unreachable


def pause_after(error: Refused | Unreachable, pause: float, *, opened: bool) -> float | None:
    """Seconds to wait before the next attempt; None when there is to be none.

    Args:
        error: What ended the stream, or the attempt to open one.
        pause: Seconds to wait if the gateway does not name more.
        opened: Whether the stream was open: it may have outlived the token that it was opened
            with, and the next one brings a new one.
    """
    if isinstance(error, Refused):
        busy = error.code is grpc.StatusCode.RESOURCE_EXHAUSTED and error.retry_after is not None
        outlived = opened and error.code is grpc.StatusCode.UNAUTHENTICATED
        if not (busy or outlived or error.code is grpc.StatusCode.UNAVAILABLE):
            return None
        pause = max(pause, error.retry_after or 0.0)
    return pause * random.uniform(0.75, 1.25)  # noqa: S311 - so that clients do not come at once
