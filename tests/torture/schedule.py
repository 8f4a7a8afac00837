"""What goes wrong and when: a pure function of the seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

CALM = 1.0  # seconds at the start, so that there is something to lose
SERVER = "server"  # where there is one
DATABASE = "database"


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
        target: the name of a server, of a client or of its network lines, or ``database``.
        seconds: how long it lasts; of a delay, how late each piece of bytes comes. When a
            server is killed, how long after something came from a client.
        pieces: how much must have come from clients since the server's start before it is killed
            or stopped: most moments are in the middle of nothing.
        down: seconds before the server is started again.
        towards: of a client's lines only those to this server; all of them if empty.
    """

    at: float
    kind: Kind
    target: str
    seconds: float
    pieces: int = 0
    down: float = 0.0
    towards: str = ""

    def __str__(self) -> str:
        towards = f"  to {self.towards}" if self.towards else ""
        return f"{self.at:7.2f} s  {self.kind:<7}{self.target:<14}{self.seconds:.3f} s{towards}"


_Choices = Sequence[tuple[int, Kind, float, float]]  # weight, kind, shortest and longest
_OF_SERVER: _Choices = (
    (6, Kind.KILL, 0.0, 0.02),
    (1, Kind.STOP, 0.0, 0.0),
    (2, Kind.FREEZE, 0.1, 1.5),
)
# who sleeps longer than others wait for a lock finds that it went on without it
_OF_ONE_OF_SEVERAL: _Choices = (*_OF_SERVER, (2, Kind.FREEZE, 3.0, 6.0), (1, Kind.FREEZE, 10, 13))
_OF_DATABASE: _Choices = ((2, Kind.KILL, 0.0, 1.5), (3, Kind.CUT, 0.0, 0.0))
_OF_CLIENT: _Choices = (
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
_PAUSE_OF_ONE = (5.0, 15.0)  # of several: they have their turns
_PAUSE_OF_DATABASE = (6.0, 30.0)
_PAUSE_OF_CLIENTS = (0.1, 1.6)
_APART = 2.5  # seconds between the first kills of two servers
_DOWN = (0.0, 4.0)  # seconds for which one of several servers is away


def plan(
    seed: int,
    seconds: float,
    clients: Sequence[str],
    servers: Sequence[str] = (SERVER,),
    *,
    database: bool = False,
) -> tuple[Fault, ...]:
    """The faults of a run, in order."""
    faults = [*_of_clients(_chance(f"clients {seed}"), seconds, clients, servers)]
    for number, server in enumerate(servers):
        chance, start = _chance(f"{server} {seed}"), CALM + number * _APART
        faults += _of_server(chance, start, seconds, server, several=len(servers) > 1)
    if database:
        faults += _of_database(_chance(f"database {seed}"), seconds)
    return tuple(sorted(faults, key=lambda fault: fault.at))


def _of_server(
    chance: random.Random, start: float, seconds: float, server: str, *, several: bool
) -> Iterator[Fault]:
    choices = _OF_ONE_OF_SEVERAL if several else _OF_SERVER
    pause = _PAUSE_OF_ONE if several else _PAUSE_OF_SERVER
    for number, at in enumerate(_moments(chance, start, seconds, pause)):
        # the first one is a kill: a short run has no other, perhaps
        kind, lasts = _choose(chance, choices if number else choices[:1])
        pieces = chance.randint(*_PIECES)
        down = chance.uniform(*_DOWN) if several else 0.0
        yield Fault(at, kind, server, min(lasts, seconds / 2), pieces, min(down, seconds / 4))


def _of_clients(
    chance: random.Random, seconds: float, clients: Sequence[str], servers: Sequence[str]
) -> Iterator[Fault]:
    for at in _moments(chance, CALM, seconds, _PAUSE_OF_CLIENTS):
        target = chance.choice(clients)
        kind, lasts = _choose(chance, _OF_CLIENT)
        towards = chance.choice(("", *servers)) if len(servers) > 1 else ""
        yield Fault(at, kind, target, lasts, towards=towards)


def _of_database(chance: random.Random, seconds: float) -> Iterator[Fault]:
    start = CALM + chance.uniform(0.0, _PAUSE_OF_DATABASE[0])
    for at in _moments(chance, start, seconds, _PAUSE_OF_DATABASE):
        kind, lasts = _choose(chance, _OF_DATABASE)
        yield Fault(at, kind, DATABASE, lasts)


def _moments(
    chance: random.Random, start: float, seconds: float, pause: tuple[float, float]
) -> Iterator[float]:
    at = start
    while at < seconds:
        yield at
        at += chance.uniform(*pause)


def _choose(chance: random.Random, choices: _Choices) -> tuple[Kind, float]:
    weights = [weight for weight, *_ in choices]
    _, kind, shortest, longest = chance.choices(choices, weights)[0]
    return kind, chance.uniform(shortest, longest)


def _chance(name: str) -> random.Random:
    return random.Random(name)  # noqa: S311 - to be repeated, not a secret
