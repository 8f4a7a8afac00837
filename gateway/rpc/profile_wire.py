"""Profiles of the simulator: messages of the contract to the core's values, and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from google.protobuf.duration_pb2 import Duration

from dancu.control.v1 import profile_pb2 as pb
from gateway.core.errors import violations_found
from gateway.core.latency import (
    READY_MADE,
    Constant,
    Latency,
    LogNormal,
    Percentiles,
    Uniform,
)
from gateway.core.profile import ANY, Outage, Profile, Throttle
from gateway.core.profile_rules import no_distribution, profile_faults
from gateway.rpc.simulating import InForce

_NANOS = 1_000_000_000
_CODE = "FAULT_CODE_"


def profile(message: pb.Profile) -> Profile:
    """A profile that makes sense.

    Raises:
        MalformedRequest: naming every wrong field.
    """
    found = Profile(
        name=message.name,
        caller=message.caller or ANY,
        rpc=message.rpc or ANY,
        seed=message.seed,
        latency=_latency("latency", message, message.latency),
        faults=tuple([(_code(one.code), one.share) for one in message.faults]),
        timeouts=message.timeout_share,
        lost_answers=message.lost_answer_share,
        outages=tuple(map(_outage, message.outages)),
        throttle=_throttle(message),
        drip=_latency("drip", message, message.drip),
        wrong_signatures=message.wrong_signature_share,
        expired_keys=message.expired_key_share,
    )
    if faults := profile_faults(found):
        raise violations_found(faults)
    return found


def in_force(found: InForce) -> pb.ProfileInForce:
    """A profile, and what came of it."""
    message = pb.ProfileInForce(profile=_message(found.profile), calls=found.calls)
    message.set_at.FromMilliseconds(round(found.set_at * 1000))
    for what, count in sorted(found.counts.items()):
        message.counts.add(what=what, count=count)
    return message


def _latency(field: str, message: pb.Profile, sent: pb.Latency) -> Latency | None:
    if not message.HasField(field):
        return None
    kind = sent.WhichOneof("distribution")
    if kind == "ready_made" and sent.ready_made in READY_MADE:
        return READY_MADE[sent.ready_made]
    if kind not in _READ:
        raise violations_found([no_distribution(field)])
    return _READ[kind](getattr(sent, kind))


def _log_normal(sent: pb.LogNormalLatency) -> LogNormal:
    if not sent.HasField("at_most"):
        return LogNormal(_seconds(sent.median), sent.sigma)
    return LogNormal(_seconds(sent.median), sent.sigma, _seconds(sent.at_most))


_READ: dict[str | None, Callable[[Any], Latency]] = {
    "constant": lambda sent: Constant(_seconds(sent)),
    "uniform": lambda sent: Uniform(_seconds(sent.low), _seconds(sent.high)),
    "log_normal": _log_normal,
    "percentiles": lambda sent: Percentiles(
        tuple([(one.percentile, _seconds(one.latency)) for one in sent.points])
    ),
}


def _outage(sent: pb.Outage) -> Outage:
    by_clock = sent.WhichOneof("start") == "at"
    start = sent.at.seconds + sent.at.nanos / _NANOS if by_clock else _seconds(sent.after)
    return Outage(start, _seconds(sent.duration), _seconds(sent.every), by_clock)


def _throttle(message: pb.Profile) -> Throttle | None:
    if not message.HasField("throttle"):
        return None
    return Throttle(message.throttle.per_second, message.throttle.burst)


def _code(number: int) -> str:
    """A status by its name; empty for one that the contract does not have."""
    names = {value: name for name, value in pb.FaultCode.items()}
    return names.get(number, "").removeprefix(_CODE)


def _seconds(sent: Duration) -> float:
    return sent.seconds + sent.nanos / _NANOS


def _message(found: Profile) -> pb.Profile:
    message = pb.Profile(
        name=found.name,
        caller=found.caller,
        rpc=found.rpc,
        seed=found.seed,
        faults=[pb.FaultShare(code=_CODE + code, share=share) for code, share in found.faults],
        timeout_share=found.timeouts,
        lost_answer_share=found.lost_answers,
        outages=map(_outage_message, found.outages),
        wrong_signature_share=found.wrong_signatures,
        expired_key_share=found.expired_keys,
    )
    if found.latency:
        message.latency.CopyFrom(_latency_message(found.latency))
    if found.drip:
        message.drip.CopyFrom(_latency_message(found.drip))
    if found.throttle:
        message.throttle.per_second = found.throttle.per_second
        message.throttle.burst = found.throttle.burst
    return message


def _latency_message(latency: Latency) -> pb.Latency:
    match latency:
        case Constant(seconds):
            return pb.Latency(constant=_duration(seconds))
        case Uniform(low, high):
            both = pb.UniformLatency(low=_duration(low), high=_duration(high))
            return pb.Latency(uniform=both)
        case LogNormal(median, sigma, at_most):
            told = pb.LogNormalLatency(
                median=_duration(median), sigma=sigma, at_most=_duration(at_most)
            )
            return pb.Latency(log_normal=told)
        case Percentiles(points):
            table = [
                pb.LatencyPoint(percentile=at, latency=_duration(seconds)) for at, seconds in points
            ]
            return pb.Latency(percentiles=pb.PercentileLatency(points=table))


def _outage_message(found: Outage) -> pb.Outage:
    message = pb.Outage(duration=_duration(found.duration))
    if found.by_clock:
        message.at.FromDatetime(datetime.fromtimestamp(found.start, UTC))
    else:
        message.after.CopyFrom(_duration(found.start))
    if found.every:
        message.every.CopyFrom(_duration(found.every))
    return message


def _duration(seconds: float) -> Duration:
    whole = Duration()
    whole.FromNanoseconds(round(seconds * _NANOS))
    return whole
