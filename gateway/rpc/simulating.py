"""What the profiles of the simulator do around a call: hold it back, let it fail, lose its answer.

The edge asks once a call, after the caller is known and before anything is read of it. Calls of
nobody's profile pay a look into a dictionary, and nothing while there is no profile.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from gateway.core import profile as profiles
from gateway.core import simulated
from gateway.core.errors import NotFound
from gateway.core.latency import LONGEST
from gateway.core.model import Effect
from gateway.core.profile import Fate, Profile, Throttle

_MAX_ACCOUNTS = 10_000  # a caller's id is known, so there are no more than were enrolled
_WHAT = {
    Effect.DELAYED: "delayed",
    Effect.DRIPPED: "dripped",
    Effect.ANSWER_LOST: "lost_answer",
    Effect.WRONG_SIGNATURE: "wrong_signature",
    Effect.EXPIRED_KEY: "expired_key",
}

Account = tuple[str, str]
"""Caller and RPC."""


@dataclass(slots=True)
class _Bucket:
    """What is left of a rate."""

    tokens: float
    at: float

    def take(self, throttle: Throttle, now: float) -> float:
        """Take one call; 0, or after how many seconds there will be room for it."""
        gained = max(0.0, now - self.at) * throttle.per_second
        self.tokens, self.at = min(float(throttle.burst), self.tokens + gained), now
        if self.tokens < 1:
            return (1 - self.tokens) / throttle.per_second
        self.tokens -= 1
        return 0.0


@dataclass(slots=True)
class InForce:
    """A profile, and what came of it."""

    profile: Profile
    set_at: float  # seconds since 1970
    counts: Counter[str] = field(default_factory=Counter)
    numbers: Counter[Account] = field(default_factory=Counter)  # how many came so far
    buckets: dict[Account, _Bucket] = field(default_factory=dict)

    @property
    def calls(self) -> int:
        """How many calls it has decided about."""
        return self.numbers.total()

    def check(self, account: Account, now: float) -> None:
        """Outage and rate, which are matters of time. Raises Simulated."""
        left = self.profile.outage_left(now, self.set_at)
        if left:
            self.counts["outage"] += 1
            raise simulated.outage(left).by(self.place)
        throttle = self.profile.throttle
        if throttle is None:
            return
        bucket = self.buckets.setdefault(account, _Bucket(float(throttle.burst), now))
        if wait := bucket.take(throttle, now):
            self.counts["throttled"] += 1
            raise simulated.throttled(wait).by(self.place)

    @property
    def place(self) -> str:
        """How errors name it."""
        return f"profile {self.profile.name}"


class Met:
    """What one call has met, and will."""

    __slots__ = ("_closing", "_found", "_number", "_sent", "effects", "lost")

    def __init__(self, found: InForce, number: int, fate: Fate, closing: asyncio.Event) -> None:
        self._found = found
        self._number = number
        self._closing = closing
        self._sent = 0
        self.effects = fate.effects
        self.lost = fate.ending == profiles.LOST

    async def answered(self) -> None:
        """Before an answer, or a message of a stream, is sent: it may come late, or never."""
        if self.lost:
            await _never(self._closing, self._found.place)
        if Effect.DRIPPED in self.effects:
            seconds = profiles.drip(self._found.profile, self._number, self._sent)
            self._sent += 1
            await asyncio.sleep(seconds)


class Simulating:
    """The profiles in force. Made once a gateway, and used by its edge.

    Args:
        now: seconds since 1970.
        has_retired_key: whether there is a key to sign with that was retired before.
        process, processes: which of how many that share the calls out among them. Each has its
            own numbers, so that no two calls meet what is drawn for one.
    """

    def __init__(
        self,
        now: Callable[[], float],
        has_retired_key: Callable[[], bool],
        process: int = 0,
        processes: int = 1,
    ) -> None:
        self._now = now
        self._has_retired_key = has_retired_key
        self._process = process
        self._processes = processes
        self._in_force: dict[str, InForce] = {}
        self._decisive: dict[Account, InForce | None] = {}
        self._closing = asyncio.Event()

    def profiles(self) -> Sequence[InForce]:
        """Those in force, by name."""
        return [self._in_force[name] for name in sorted(self._in_force)]

    def set(self, profile: Profile) -> InForce:
        """Put a profile in force, in place of the one of the same name.

        Raises:
            Obstructed: it needs a retired key, and there is none.
        """
        if profile.expired_keys and not self._has_retired_key():
            raise simulated.no_retired_key()
        found = self._in_force[profile.name] = InForce(profile, self._now())
        self._decisive.clear()
        return found

    def adopt(self, told: Sequence[tuple[Profile, float]]) -> None:
        """Have these in force and no others, each since its moment, as another process has.

        Those that are in force already go on counting.
        """
        found = {}
        for profile, set_at in told:
            one = self._in_force.get(profile.name)
            same = one is not None and (one.profile, one.set_at) == (profile, set_at)
            found[profile.name] = one if one and same else InForce(profile, set_at)
        self._in_force = found
        self._decisive.clear()

    def clear(self, name: str) -> Sequence[str]:
        """Take one out of force, or with "*" all; returns their names. Raises NotFound."""
        names = sorted(self._in_force) if name == profiles.ANY else [name]
        if not self._in_force.keys() >= set(names):
            raise NotFound(
                "PROFILE_NOT_FOUND",
                "there is no profile of this name; dancu simulate list shows those in force",
                "không có hồ sơ mô phỏng nào mang tên này; xem bằng dancu simulate list",
            )
        for one in names:
            del self._in_force[one]
        self._decisive.clear()
        return names

    def close(self) -> None:
        """Let every call end that was never to be answered: the gateway stops."""
        self._closing.set()

    async def meet(self, caller: str, rpc: str, *, streams: bool = False) -> Met | None:
        """Let happen to a call what happens before it is served; None when nothing will.

        Raises:
            Simulated: it is to fail.
        """
        found = self._found((caller, rpc)) if self._in_force else None
        if found is None:
            return None
        number = found.numbers[caller, rpc] * self._processes + self._process
        found.numbers[caller, rpc] += 1
        found.check((caller, rpc), self._now())
        fate = profiles.fate(found.profile, number, streams=streams)
        if fate.delay:
            await asyncio.sleep(fate.delay)
        await self._end(found, fate)
        found.counts.update([_WHAT[effect] for effect in fate.effects])
        return Met(found, number, fate, self._closing) if fate.effects else None

    async def _end(self, found: InForce, fate: Fate) -> None:
        """End a call that is not to be served. Raises Simulated."""
        if fate.ending == profiles.TIMEOUT:
            found.counts["timeout"] += 1
            await _never(self._closing, found.place)
        elif fate.ending not in ("", profiles.LOST):
            found.counts[fate.ending.lower()] += 1
            raise simulated.fault(fate.ending).by(found.place)

    def _found(self, account: Account) -> InForce | None:
        """The profile that decides about an account's calls."""
        if account not in self._decisive:
            if len(self._decisive) >= _MAX_ACCOUNTS:
                self._decisive.clear()
            every = [one.profile for one in self._in_force.values()]
            chosen = profiles.decisive(every, *account)
            self._decisive[account] = self._in_force[chosen.name] if chosen else None
        return self._decisive[account]


async def _never(closing: asyncio.Event, place: str) -> None:
    """Wait for the caller's deadline, which cancels this; raises Simulated where there is none."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(closing.wait(), LONGEST)
    raise simulated.unanswered().by(place)
