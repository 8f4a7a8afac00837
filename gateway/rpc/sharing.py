"""The profiles of the simulator, in force in every process of a gateway.

The process with the control port decides what is in force. It shares that as one state, the whole
of it, with the others, and they reply what their calls met; so sharing again what they have already
changes nothing, and asks them.
"""

from __future__ import annotations

import contextlib
import pickle
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from gateway.core.errors import Unavailable
from gateway.core.profile import Profile
from gateway.rpc.simulating import InForce, Simulating

Adopt = Callable[[bytes], bytes]
"""Takes in what another process shares; returns the reply."""


class Silent(Exception):
    """A process that answers calls did not reply; it follows once it can."""


class Others(Protocol):
    """The other processes of this gateway. All begin with the state that was shared last."""

    def follow(self, adopt: Adopt) -> bool:
        """Adopt what was shared, and whatever will be; whether there was anything yet."""
        ...

    async def share(self, state: bytes) -> Sequence[bytes]:
        """Have all others adopt a state; their replies. Raises Silent."""
        ...


class Nobody:
    """The others of a gateway of one process."""

    def follow(self, _adopt: Adopt) -> bool:
        """There is nobody to follow."""
        return False

    async def share(self, _state: bytes) -> Sequence[bytes]:
        """There is nobody to tell."""
        return ()


class Everywhere:
    """The profiles in force, in this process and the others.

    Args:
        simulating: of this process.
        others: the others.
    """

    def __init__(self, simulating: Simulating, others: Others) -> None:
        self._simulating = simulating
        self._others = others
        self._began = others.follow(self._adopt)

    async def begin(self) -> None:
        """Have the others begin with what this process begins with, unless all have begun."""
        if not self._began:
            with contextlib.suppress(Unavailable):  # who is silent now follows later
                await self.profiles()

    async def profiles(self) -> Sequence[InForce]:
        """Those in force, by name, with what came of them in all processes. Raises Unavailable."""
        mine = self._simulating.profiles()
        try:
            replies = await self._others.share(_state(mine))
        except Silent:
            raise _silent() from None
        return [_summed(one, replies) for one in mine]

    async def set(self, profile: Profile) -> InForce:
        """Put a profile in force everywhere, in place of the one of the same name.

        Raises:
            Obstructed: as ``Simulating.set``.
            Unavailable: a process is silent; the profile is in force in the others.
        """
        found = self._simulating.set(profile)
        await self.profiles()
        return found

    async def clear(self, name: str) -> Sequence[str]:
        """Take one out of force everywhere, or with "*" all; returns their names.

        Raises:
            NotFound: there is none of this name.
            Unavailable: as ``set``.
        """
        names = self._simulating.clear(name)
        await self.profiles()
        return names

    def _adopt(self, state: bytes) -> bytes:
        self._simulating.adopt(pickle.loads(state))  # noqa: S301 - from our own process
        return pickle.dumps(self._simulating.profiles())


def _state(profiles: Sequence[InForce]) -> bytes:
    return pickle.dumps([(one.profile, one.set_at) for one in profiles])


def _summed(mine: InForce, replies: Sequence[bytes]) -> InForce:
    """A profile with what all processes counted."""
    total = replace(mine, counts=mine.counts.copy(), numbers=mine.numbers.copy())
    for reply in replies:
        for one in pickle.loads(reply):  # noqa: S301 - from our own process
            if (one.profile, one.set_at) == (mine.profile, mine.set_at):
                total.counts.update(one.counts)
                total.numbers.update(one.numbers)
    return total


def _silent() -> Unavailable:
    return Unavailable(
        "WORKER_SILENT",
        "a process of the gateway does not reply; the others have done it, it follows once it can",
        "một tiến trình của hệ thống không trả lời; các tiến trình khác đã thực hiện, tiến trình "
        "này sẽ theo khi có thể",
    )
