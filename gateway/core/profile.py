"""Profiles of the simulator: what happens to call n, as a pure function.

The same profile draws the same for the same n, on every machine and every day: a test that met
a fault meets it again. Draws are digests, not a generator's state, so no call needs the one
before it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from gateway.core.latency import Latency
from gateway.core.model import Effect

ANY = "*"
TIMEOUT, LOST = "TIMEOUT", "LOST"  # endings that are no status

_BITS = 53  # of a float: every draw is exact and below 1
_WHOLE = float(1 << _BITS)


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which every call fails; all in seconds.

    Attributes:
        start: since 1970 when ``by_clock``, else since the profile was put in force.
        duration: how long it lasts.
        every: from one beginning to the next; 0 for once.
        by_clock: what ``start`` counts from.
    """

    start: float
    duration: float
    every: float = 0.0
    by_clock: bool = False

    def left(self, now: float, set_at: float) -> float:
        """How long it lasts yet; 0 when there is none now. Moments are seconds since 1970."""
        since = now - self.start - (0.0 if self.by_clock else set_at)
        if since >= 0 and self.every:
            since %= self.every
        return self.duration - since if 0 <= since < self.duration else 0.0


@dataclass(frozen=True, slots=True)
class Throttle:
    """A rate that may not be exceeded."""

    per_second: float
    burst: int = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """How the calls of some callers are treated; see ``Profile`` in the contract."""

    name: str
    caller: str = ANY
    rpc: str = ANY
    seed: int = 0
    latency: Latency | None = None
    faults: tuple[tuple[str, float], ...] = ()  # gRPC status, share
    timeouts: float = 0.0  # shares, as those below
    lost_answers: float = 0.0
    outages: tuple[Outage, ...] = ()
    throttle: Throttle | None = None
    drip: Latency | None = None
    wrong_signatures: float = 0.0
    expired_keys: float = 0.0

    def outage_left(self, now: float, set_at: float) -> float:
        """How long the outage of this moment lasts yet, in seconds; 0 when there is none."""
        return max([one.left(now, set_at) for one in self.outages], default=0.0)


class Fate(NamedTuple):
    """What happens to one call."""

    delay: float  # seconds before it is served, or ends otherwise
    ending: str  # a gRPC status, TIMEOUT, LOST; empty for a call that is answered
    effects: tuple[Effect, ...]  # on its answer, ascending


def fate(profile: Profile, number: int, *, streams: bool = False) -> Fate:
    """What happens to the call of this number, from 0, of one caller and RPC."""
    delay = profile.latency.at(draw(profile.seed, number, "latency")) if profile.latency else 0.0
    endings = (*profile.faults, (TIMEOUT, profile.timeouts), (LOST, profile.lost_answers))
    ending = _chosen(endings, draw(profile.seed, number, "ending"))
    signing = (
        (Effect.WRONG_SIGNATURE.name, profile.wrong_signatures),
        (Effect.EXPIRED_KEY.name, profile.expired_keys),
    )
    signed = _chosen(signing, draw(profile.seed, number, "signature"))
    met = {
        Effect.DELAYED: delay > 0,
        Effect.DRIPPED: streams and profile.drip is not None,
        Effect.ANSWER_LOST: ending == LOST,
        Effect.WRONG_SIGNATURE: signed == Effect.WRONG_SIGNATURE.name,
        Effect.EXPIRED_KEY: signed == Effect.EXPIRED_KEY.name,
    }
    return Fate(delay, ending, tuple([effect for effect, is_so in met.items() if is_so]))


def drip(profile: Profile, number: int, message: int) -> float:
    """How long a message of a stream is held back, in seconds; messages count from 0."""
    if profile.drip is None:
        return 0.0
    return profile.drip.at(draw(profile.seed, number, f"message {message}"))


def draw(seed: int, number: int, what: str) -> float:
    """A share from 0 up to, not including, 1."""
    told = f"{seed}\n{number}\n{what}".encode()
    digest = hashlib.blake2b(told, digest_size=8, person=b"dancu.profile.v1").digest()
    return (int.from_bytes(digest, "big") >> (64 - _BITS)) / _WHOLE


def decisive(profiles: Iterable[Profile], caller: str, rpc: str) -> Profile | None:
    """Of the profiles that fit a call the one that decides, or None.

    The longest pattern of callers, then of RPCs, then the first name.
    """
    fitting = [one for one in profiles if _fits(one.caller, caller) and fits_rpc(one.rpc, rpc)]
    return min(fitting, key=_precision, default=None)


def fits_rpc(pattern: str, rpc: str) -> bool:
    """A method is known by its name, and in full."""
    return _fits(pattern, rpc) or _fits(pattern, rpc.rpartition("/")[2])


def _precision(profile: Profile) -> tuple[tuple[bool, int], tuple[bool, int], str]:
    return _looseness(profile.caller), _looseness(profile.rpc), profile.name


def _looseness(pattern: str) -> tuple[bool, int]:
    """Sorts what is said in full first, then the longer beginnings."""
    return pattern.endswith(ANY), -len(pattern)


def _fits(pattern: str, name: str) -> bool:
    if pattern.endswith(ANY):
        return name.startswith(pattern[:-1])
    return name == pattern


def _chosen(shares: Iterable[tuple[str, float]], drawn: float) -> str:
    """Which of several shares a draw falls into; empty for none."""
    reached = 0.0
    for name, share in shares:
        reached += share
        if drawn < reached:
            return name
    return ""
