"""Profiles of the simulator as they are written on a command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from google.protobuf.duration_pb2 import Duration

from clients.cli_errors import UsageError
from dancu.control.v1 import profile_pb2 as pb

TIMES = "a time as 200ms, 1.5s or 10m"
LATENCIES = (
    "real-link; 200ms; 100ms..2s, anything between; 200ms~0.8, log-normal with median and sigma; "
    "or p50=180ms,p99=2s"
)

_TIME = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)?")
_UNITS = {"ms": 1_000_000, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, None: 10**9}
_OUTAGE = re.compile(r"(?P<start>.+)\+(?P<duration>[\d.a-z]+)(?:/(?P<every>[\d.a-z]+))?")
_CODE = "FAULT_CODE_"


def time(text: str) -> Duration:
    """A time; UsageError when it is none."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"{text}: write {TIMES}")
    duration = Duration()
    duration.FromNanoseconds(round(float(found[1]) * _UNITS[found[2]]))
    return duration


def latency(text: str) -> pb.Latency:
    """A distribution of times; UsageError when it is none."""
    if text.startswith("p") and "=" in text:
        return pb.Latency(percentiles=pb.PercentileLatency(points=map(_point, text.split(","))))
    if ".." in text:
        low, _, high = text.partition("..")
        return pb.Latency(uniform=pb.UniformLatency(low=time(low), high=time(high)))
    if "~" in text:
        median, _, sigma = text.partition("~")
        told = pb.LogNormalLatency(median=time(median), sigma=number(sigma))
        return pb.Latency(log_normal=told)
    if _TIME.fullmatch(text):
        return pb.Latency(constant=time(text))
    return pb.Latency(ready_made=text)


def fault(text: str) -> pb.FaultShare:
    """``UNAVAILABLE=0.01``; UsageError when it is none."""
    code, _, share = text.partition("=")
    names = [name.removeprefix(_CODE) for name in pb.FaultCode.keys()[1:]]
    if code not in names:
        raise UsageError(
            f"--fault {text}: write CODE=SHARE, where CODE is one of {', '.join(names)}"
        )
    return pb.FaultShare(code=_CODE + code, share=number(share))


def outage(text: str) -> pb.Outage:
    """``60s+30s``, ``60s+30s/10m`` or ``2026-01-01T12:00:00+07:00+30s``; UsageError otherwise."""
    found = _OUTAGE.fullmatch(text)
    if found is None:
        raise UsageError(f"--outage {text}: write START+DURATION or START+DURATION/EVERY")
    made = pb.Outage(duration=time(found["duration"]))
    if found["every"]:
        made.every.CopyFrom(time(found["every"]))
    if _TIME.fullmatch(found["start"]):
        made.after.CopyFrom(time(found["start"]))
    else:
        made.at.FromDatetime(_moment(found["start"]))
    return made


def throttle(text: str) -> pb.Throttle:
    """``100`` calls a second, or ``100/20`` with at most 20 at once; UsageError otherwise."""
    rate, _, burst = text.partition("/")
    if burst and not burst.isdecimal():
        raise UsageError(f"--throttle {text}: write RATE or RATE/BURST")
    return pb.Throttle(per_second=number(rate), burst=int(burst or 1))


def number(text: str) -> float:
    """A number; UsageError when it is none."""
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"{text or 'nothing'}: is no number") from None


def shown(message: pb.Latency) -> str:
    """A distribution as it would be written."""
    kind = message.WhichOneof("distribution")
    if kind == "constant":
        return _time_text(message.constant)
    if kind == "uniform":
        return f"{_time_text(message.uniform.low)}..{_time_text(message.uniform.high)}"
    if kind == "log_normal":
        return f"{_time_text(message.log_normal.median)}~{message.log_normal.sigma:g}"
    return ", ".join(
        f"p{one.percentile:g}={_time_text(one.latency)}" for one in message.percentiles.points
    )


def described(profile: pb.Profile) -> Sequence[str]:
    """What a profile does, one line each, as it would be written."""
    told = [f"latency {shown(profile.latency)}"] if profile.HasField("latency") else []
    told += [
        f"fault {pb.FaultCode.Name(one.code).removeprefix(_CODE)}={one.share:g}"
        for one in profile.faults
    ]
    told += [f"outage {_outage_text(one)}" for one in profile.outages]
    if profile.HasField("throttle"):
        told.append(f"throttle {profile.throttle.per_second:g}/{profile.throttle.burst}")
    if profile.HasField("drip"):
        told.append(f"drip {shown(profile.drip)}")
    shares = {
        "timeouts": profile.timeout_share,
        "lost-answers": profile.lost_answer_share,
        "wrong-signatures": profile.wrong_signature_share,
        "expired-keys": profile.expired_key_share,
    }
    return [*told, *(f"{name} {share:g}" for name, share in shares.items() if share)]


def _point(text: str) -> pb.LatencyPoint:
    percentile, _, at = text.strip().removeprefix("p").partition("=")
    return pb.LatencyPoint(percentile=number(percentile), latency=time(at))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text}: write {TIMES}, or a moment with its zone") from None
    if moment.tzinfo is None:
        raise UsageError(f"{text}: give the moment its zone, e.g. +07:00")
    return moment


def _outage_text(one: pb.Outage) -> str:
    by_clock = one.WhichOneof("start") == "at"
    start = one.at.ToJsonString() if by_clock else _time_text(one.after)
    every = f"/{_time_text(one.every)}" if one.HasField("every") else ""
    return f"{start}+{_time_text(one.duration)}{every}"


def _time_text(duration: Duration) -> str:
    seconds = duration.seconds + duration.nanos / 10**9
    return f"{seconds:g}s" if seconds >= 1 or not seconds else f"{seconds * 1000:g}ms"
