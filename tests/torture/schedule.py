"""What goes wrong and when: a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

CALM = 1.0  # seconds at the start, so that there is something to lose
SERVER = "server"


class Kind(StrEnum):
    """What can go wrong."""

    KILL = "kill"  # SIGKILL, and started again on what it left
    STOP = "stop"  # SIGTERM: drains, and is started again
    FREEZE = "freeze"  # SIGSTOP for a while
    CUT = "cut"  # connections are reset
    DELAY = "delay"  # bytes come late
    HOLE = "hole"  # half-open: nothing passes on connections that stay; then they are reset
    DEAF = "deaf"  # what the server says is lost, on new connections too; then they are reset
    REFUSE = "refuse"  # connections are reset, and new ones refused


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        at: seconds after the start.
        kind: what it is.
        target: ``server``, or the name of a client or of its network line.
        seconds: how long it lasts; of a delay, how late each piece of bytes comes. When the
            server is killed, how long after something came from a client.
        pieces: how much must have come from clients since the server's start before it is killed
            or stopped: most moments are in the middle of nothing.
    """

    at: float
    kind: Kind
    target: str
    seconds: float
    pieces: int = 0

    def __str__(self) -> str:
        return f"{self.at:7.2f} s  {self.kind:<7}{self.target:<14}{self.seconds:.3f} s"


# weight, kind, shortest and longest
_OF_SERVER = ((6, Kind.KILL, 0.0, 0.02), (1, Kind.STOP, 0.0, 0.0), (2, Kind.FREEZE, 0.1, 1.5))
_OF_CLIENT = (
    (3, Kind.KILL, 0.0, 0.0),
    (2, Kind.FREEZE, 0.1, 2.0),
    (4, Kind.CUT, 0.0, 0.0),
    (2, Kind.DELAY, 0.01, 0.3),
    (2, Kind.HOLE, 0.3, 3.0),
    (2, Kind.DEAF, 0.3, 3.0),
    (2, Kind.REFUSE, 0.1, 2.0),
)
_PIECES = (10, 250)
_PAUSE_OF_SERVER = (2.0, 8.0)  # seconds from fault to fault: it needs one or two to start
_PAUSE_OF_CLIENTS = (0.1, 1.6)


def plan(seed: int, seconds: float, clients: Sequence[str]) -> tuple[Fault, ...]:
    """The faults of a run, in order."""
    faults = [
        *_of_server(_chance(f"server {seed}"), seconds),
        *_of_clients(_chance(f"clients {seed}"), seconds, clients),
    ]
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _of_server(chance: random.Random, seconds: float) -> Iterator[Fault]:
    for number, at in enumerate(_moments(chance, seconds, _PAUSE_OF_SERVER)):
        # the first one is a kill: a short run has no other, perhaps
        kind, lasts = _choose(chance, _OF_SERVER if number else _OF_SERVER[:1])
        yield Fault(at, kind, SERVER, lasts, chance.randint(*_PIECES))


def _of_clients(chance: random.Random, seconds: float, clients: Sequence[str]) -> Iterator[Fault]:
    for at in _moments(chance, seconds, _PAUSE_OF_CLIENTS):
        target = chance.choice(clients)
        kind, lasts = _choose(chance, _OF_CLIENT)
        yield Fault(at, kind, target, lasts)


def _moments(chance: random.Random, seconds: float, pause: tuple[float, float]) -> Iterator[float]:
    at = CALM
    while at < seconds:
        yield at
        at += chance.uniform(*pause)


def _choose(
    chance: random.Random, choices: Sequence[tuple[int, Kind, float, float]]
) -> tuple[Kind, float]:
    weights = [weight for weight, *_ in choices]
    _, kind, shortest, longest = chance.choices(choices, weights)[0]
    return kind, chance.uniform(shortest, longest)


def _chance(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - to be repeated, not a secret
