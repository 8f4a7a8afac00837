"""Whether a profile makes sense: every wrong value by its name, as it stands in the contract."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.core.errors import Violation
from gateway.core.latency import LONGEST, Constant, Latency, LogNormal, Percentiles, Uniform
from gateway.core.policy import RPCS
from gateway.core.profile import Profile, fits_rpc

CODES = (
    "UNAVAILABLE",
    "INTERNAL",
    "UNKNOWN",
    "RESOURCE_EXHAUSTED",
    "DEADLINE_EXCEEDED",
    "ABORTED",
)
# every RPC of dancu.v1: those that need a grant, and those that are open to all callers
KNOWN_RPCS = (
    *RPCS.values(),
    "dancu.v1.EvidenceService/GetKeySet",
    "dancu.v1.EvidenceService/GetCheckpoint",
    "dancu.v1.EvidenceService/GetInclusionProof",
    "dancu.v1.UsageService/GetUsage",
)
MAX_POINTS = 100
MAX_SIGMA = 5.0

_NAME = re.compile(r"[a-z0-9-]{1,40}")
_PATTERN = re.compile(r"[A-Za-z0-9._/-]{0,100}\*?")
_HUNDRED = 100.0
_AGES = 1e9  # seconds, some thirty years
_LAST_MOMENT = 253_402_300_800  # seconds since 1970: the year 10000
_ROUNDING = 1e-9  # shares such as 0.1 are no exact numbers


def profile_faults(profile: Profile) -> list[Violation]:
    """What is wrong with a profile; nothing as a rule."""
    return [
        *_name_faults(profile),
        *_share_faults(profile),
        *_latency_faults("latency", profile.latency),
        *_latency_faults("drip", profile.drip),
        *_window_faults(profile),
    ]


def no_distribution(field: str) -> Violation:
    """What is wrong where a distribution of times is meant and none is named."""
    return Violation(
        f"profile.{field}",
        "PROFILE_LATENCY",
        "names no distribution that there is; ready made is only real-link",
        "không phải phân bố nào đã có; bảng có sẵn chỉ có real-link",
    )


def _name_faults(profile: Profile) -> Iterator[Violation]:
    if not _NAME.fullmatch(profile.name):
        yield Violation(
            "profile.name",
            "PROFILE_NAME",
            "must have 1 to 40 characters of a-z 0-9 -",
            "phải gồm 1 đến 40 ký tự trong a-z 0-9 -",
        )
    for field, pattern in (("caller", profile.caller), ("rpc", profile.rpc)):
        if not pattern or not _PATTERN.fullmatch(pattern):
            yield Violation(
                f"profile.{field}",
                "PROFILE_PATTERN",
                "must be a name, or the beginning of one followed by *",
                "phải là một tên, hoặc phần đầu của tên và dấu *",
            )
        elif field == "rpc" and not any(fits_rpc(pattern, rpc) for rpc in KNOWN_RPCS):
            yield _no_such_rpc()


def _no_such_rpc() -> Violation:
    known = ", ".join(rpc.rpartition("/")[2] for rpc in KNOWN_RPCS)
    return Violation(
        "profile.rpc",
        "PROFILE_RPC",
        f"fits no RPC of the contract; there are: {known}",
        f"không khớp với RPC nào trong hợp đồng; hiện có: {known}",
    )


def _share_faults(profile: Profile) -> Iterator[Violation]:
    endings = [share for _, share in profile.faults]
    endings += [profile.timeouts, profile.lost_answers]
    signing = [profile.wrong_signatures, profile.expired_keys]
    if not _are_shares(endings) or not all(code in CODES for code, _ in profile.faults):
        yield _value("faults")
    if not _are_shares(signing):
        yield _value("wrong_signature_share")


def _are_shares(shares: list[float]) -> bool:
    return all(0 <= share <= 1 for share in shares) and sum(shares) <= 1 + _ROUNDING


def _latency_faults(field: str, latency: Latency | None) -> Iterator[Violation]:
    if latency is not None and not _is_possible(latency):
        yield _value(field)


def _is_possible(latency: Latency) -> bool:
    match latency:
        case Constant(seconds):
            return _is_time(seconds)
        case Uniform(low, high):
            return _is_time(low) and _is_time(high) and low <= high
        case LogNormal(median, sigma, at_most):
            return _is_time(median) and 0 <= sigma <= MAX_SIGMA and _is_time(at_most)
        case Percentiles(points):
            return _is_table(points)


def _is_table(points: tuple[tuple[float, float], ...]) -> bool:
    ascending = all(
        left < right and fast <= slow for (left, fast), (right, slow) in pairwise(points)
    )
    inside = all(0 <= percentile <= _HUNDRED and _is_time(time) for percentile, time in points)
    return 1 <= len(points) <= MAX_POINTS and ascending and inside


def _is_time(seconds: float) -> bool:
    return 0 <= seconds <= LONGEST


def _window_faults(profile: Profile) -> Iterator[Violation]:
    for one in profile.outages:
        starts = 0 <= one.start < (_LAST_MOMENT if one.by_clock else _AGES)
        if not (starts and 0 < one.duration < _AGES and 0 <= one.every < _AGES):
            yield _value("outages")
    throttle = profile.throttle
    if throttle and not (0 < throttle.per_second < _AGES and throttle.burst >= 1):
        yield _value("throttle")


def _value(field: str) -> Violation:
    return Violation(
        f"profile.{field}",
        "PROFILE_VALUE",
        "is out of range; docs/simulate.md says what is possible",
        "nằm ngoài phạm vi cho phép; xem docs/simulate.md",
    )
