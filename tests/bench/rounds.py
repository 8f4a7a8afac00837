"""Interleaved rounds: what is compared is measured in turn, so that noise falls on both."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from tests.bench.client import log_size
from tests.bench.errors import BenchError
from tests.bench.process import Server

_Name = TypeVar("_Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Work:
    """One round's load on one server, and what is counted in it."""

    server: Server
    run: Callable[[], float]  # the round's rate, in units a second
    units: int  # calls, or claims
    leaves: int = 0  # by which the log must have grown afterwards


@dataclass(frozen=True, slots=True)
class Series:
    """Per round: units a second, and the server's CPU time a unit in microseconds."""

    rates: list[float]
    cpu: list[float]


def interleave(works: Mapping[_Name, Work], rounds: int) -> dict[_Name, Series]:
    """Measure each work once a round, every second round in the opposite order.

    Raises:
        BenchError: a log did not grow by what was asked, so the answers were no answers.
    """
    series = {name: Series([], []) for name in works}
    names = list(works)
    for _ in range(rounds):
        for name in names:
            _measure(works[name], series[name])
        names.reverse()
    return series


def _measure(work: Work, series: Series) -> None:
    size = log_size(work.server.address) if work.leaves else 0
    used = work.server.cpu_seconds()
    rate = work.run()
    used = work.server.cpu_seconds() - used
    if work.leaves and (grown := log_size(work.server.address) - size) != work.leaves:
        raise BenchError(f"{work.leaves} calls were made, but the log grew by {grown} leaves")
    series.rates.append(rate)
    series.cpu.append(used / work.units * 1e6)
