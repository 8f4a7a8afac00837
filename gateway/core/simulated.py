"""The errors that profiles of the simulator end calls with. Each says that it is simulated."""

from __future__ import annotations

from collections.abc import Callable

from gateway.core.errors import Obstructed, Simulated

RETRY_SECONDS = 1.0

_EN = "the simulator lets this call fail on purpose; nothing was recorded"
_VI = "bộ mô phỏng cố ý làm yêu cầu này thất bại; không có gì được ghi nhật ký"

_FAULTS: dict[str, Callable[[], Simulated]] = {
    "UNAVAILABLE": lambda: Simulated("SIMULATED_UNAVAILABLE", _EN, _VI, RETRY_SECONDS),
    "INTERNAL": lambda: Simulated("SIMULATED_INTERNAL", _EN, _VI),
    "UNKNOWN": lambda: Simulated("SIMULATED_UNKNOWN", _EN, _VI),
    "RESOURCE_EXHAUSTED": lambda: Simulated(
        "SIMULATED_RESOURCE_EXHAUSTED", _EN, _VI, RETRY_SECONDS
    ),
    "DEADLINE_EXCEEDED": lambda: Simulated("SIMULATED_DEADLINE_EXCEEDED", _EN, _VI),
    "ABORTED": lambda: Simulated("SIMULATED_ABORTED", _EN, _VI),
}


def fault(code: str) -> Simulated:
    """The error of a call that a profile lets fail with this gRPC status."""
    return _FAULTS[code]()


def outage(left: float) -> Simulated:
    """The error of a call that falls into an outage which lasts so many seconds yet."""
    return Simulated(
        "SIMULATED_OUTAGE",
        "the simulator is in an outage on purpose; try again after the delay given",
        "bộ mô phỏng cố ý ngừng phục vụ; hãy thử lại sau thời gian đã nêu",
        left,
    )


def throttled(wait: float) -> Simulated:
    """The error of a call above a profile's rate; in ``wait`` seconds the next one fits."""
    return Simulated(
        "SIMULATED_THROTTLE",
        "the simulator lets fewer calls through on purpose; try again after the delay given",
        "bộ mô phỏng cố ý giới hạn số yêu cầu; hãy thử lại sau thời gian đã nêu",
        wait,
    )


def unanswered() -> Simulated:
    """The error of a call that was not to be answered and whose caller allows it any time."""
    return Simulated(
        "SIMULATED_TIMEOUT",
        "the simulator did not answer on purpose; set a deadline on every call",
        "bộ mô phỏng cố ý không trả lời; hãy đặt thời hạn cho mọi yêu cầu",
    )


def no_retired_key() -> Obstructed:
    """The error for a profile that needs a key which was retired before."""
    return Obstructed(
        "NO_RETIRED_KEY",
        "no retired key is here to sign with; rotate first: dancu keys rotate statement",
        "chưa có khóa nào hết hiệu lực để ký; hãy xoay khóa trước: dancu keys rotate statement",
        "profile.expired_key_share",
    )
