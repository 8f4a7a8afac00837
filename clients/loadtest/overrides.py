"""What the command line changes of a scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from clients.loadtest.errors import LoadError
from clients.loadtest.scenario import NationalDay, Saturation, Scenario, Steady, Sweep

_RATES = {
    Sweep: "a sweep tries many; see first, last and factor in a scenario of your own",
    Saturation: "closed loop has none: its callers ask as fast as they are answered",
    NationalDay: "use --scale and --compress",
}


@dataclass(frozen=True, slots=True)
class Overrides:
    """Options that were given; None for those that were not.

    Attributes:
        rate: Calls a second.
        scale, compress, start: Of a nation's day.
        duration, warm_up, timeout: Seconds.
        seed, workers, connections: As in a scenario.
    """

    rate: float | None = None
    scale: float | None = None
    compress: float | None = None
    start: float | None = None
    duration: float | None = None
    warm_up: float | None = None
    timeout: float | None = None
    seed: int | None = None
    workers: int | None = None
    connections: int | None = None

    def applied(self, scenario: Scenario) -> Scenario:
        """The scenario as the options want it; LoadError for one that does not fit it."""
        shape = scenario.shape
        if isinstance(shape, NationalDay):
            shape = replace(shape, **self._given("scale", "compress", "start"))
        elif found := self._given("scale", "compress", "start"):
            raise LoadError(f"--{next(iter(found))} is for a national day, not for {scenario.name}")
        if self.rate is not None:
            if not isinstance(shape, Steady):
                raise LoadError(f"--rate does not fit {scenario.name}: {_RATES[type(shape)]}")
            shape = Steady(self.rate)
        if self.duration is not None and isinstance(shape, Sweep):
            shape = replace(shape, step=self.duration)
        names = ("duration", "warm_up", "timeout", "seed", "workers", "connections")
        return replace(scenario, shape=shape, **self._given(*names))

    def _given(self, *names: str) -> dict[str, Any]:
        """Those of some options that were given."""
        pairs = ((name, getattr(self, name)) for name in names)
        return {name: value for name, value in pairs if value is not None}
