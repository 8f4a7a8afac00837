"""The result as one JSON document.

docs/load-testing.md names every field. SCHEMA_VERSION is raised when one changes its meaning or
goes away, not when one is added.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clients.loadtest import environment
from clients.loadtest.doubts import doubts
from clients.loadtest.errors import LoadError
from clients.loadtest.sampled import Verified
from clients.loadtest.scenario import NationalDay, Saturation, Scenario, Steady, Sweep
from clients.loadtest.sweeping import Step, knee
from clients.loadtest.tally import distribution, latency_figures
from clients.loadtest.thresholds import Threshold, judge

if TYPE_CHECKING:
    from clients.loadtest.execution import Stretched

SCHEMA = "dancu.load.result"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Conditions:
    """Under what circumstances it was measured.

    Attributes:
        began: When.
        server: HOST:PORT.
        secure: Over TLS.
        tokens: With session tokens.
        workers: Processes that sent.
        own_cpu: Seconds of CPU time of the process that watched them.
        people, people_from: How many people were asked about, and where they come from.
        stopped: Whether the user ended it before all was sent.
    """

    began: datetime
    server: str
    secure: bool
    tokens: bool
    workers: int
    own_cpu: float
    people: int
    people_from: str
    stopped: bool


def assemble(
    scenario: Scenario,
    done: Sequence[Stretched],
    steps: Sequence[Step],
    conditions: Conditions,
    verified: Verified,
) -> dict[str, Any]:
    """Put a result together; ``done[0]`` is the stretch that it is about."""
    main = done[0]
    whole = main.whole
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "began": conditions.began.isoformat(timespec="seconds"),
        "ended": datetime.now(UTC).isoformat(timespec="seconds"),
        "stopped_early": conditions.stopped,
        "scenario": _scenario(scenario, main),
        "target": _target(conditions),
        "people": {"count": conditions.people, "from": conditions.people_from},
        "client": _client(scenario, main, conditions),
        "machine": environment.machine(),
        "versions": environment.versions(),
        "metrics": whole.metrics(),
        "metrics_by_rpc": whole.by_rpc(),
        "counts": whole.counts(),
        "statuses": dict(whole.statuses),
        "errors": whole.errors,
        "calls": whole.parts(),
        "latency": distribution(whole.latency),
        "service": distribution(whole.service),
        "lag": distribution(whole.lag),
        "series": main.seconds.series(),
        "steps": [asdict(step) for step in steps],
        "knee": _knee(steps),
        "checked": verified.to_json(),
    }
    found["doubts"] = doubts(found)
    return found


def judged(result: dict[str, Any], conditions: Sequence[str]) -> dict[str, Any]:
    """The result with what became of its thresholds.

    An answer that does not verify fails it, too.
    """
    thresholds = judge(tuple(Threshold.parse(each) for each in conditions), result)
    failed = any(each.failed for each in thresholds) or result["checked"]["failed"] > 0
    return result | {"thresholds": [asdict(each) for each in thresholds], "passed": not failed}


def read_result(path: Path) -> dict[str, Any]:
    """A result from its file; LoadError when it is none that this version can read."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise LoadError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:
        raise LoadError(f"{path} is no JSON: {error}") from None
    if not isinstance(found, dict) or found.get("schema") != SCHEMA:
        raise LoadError(f"{path} is no result of `dancu load run`")
    if found.get("schema_version") != SCHEMA_VERSION:
        raise LoadError(
            f"{path} has schema version {found.get('schema_version')}; this dancu reads"
            f" {SCHEMA_VERSION}"
        )
    return found


def _scenario(scenario: Scenario, main: Stretched) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "about": scenario.about,
        "model": "closed" if scenario.closed_loop else "open",
        "load": _load(scenario),
        "seconds": round(main.lasting, 3),
        "planned_seconds": round(main.planned, 3),
        "warm_up": scenario.warm_up,
        "arrivals": str(scenario.spacing),
        "seed": scenario.seed,
        "outcomes": {str(kind): share for kind, share in scenario.outcomes.items()},
        "spellings": {str(how): share for how, share in scenario.spellings.items()},
        "callers": len(scenario.callers),
        "timeout": scenario.timeout,
    }


def _load(scenario: Scenario) -> dict[str, Any]:
    shape = scenario.shape
    if isinstance(shape, NationalDay):
        day = {"scale": shape.scale, "compress": shape.compress, "start": shape.start}
        return {"kind": "national-day", **day}
    kinds = {Steady: "rate", Sweep: "sweep", Saturation: "saturation"}
    return {"kind": kinds[type(shape)], **asdict(shape)}


def _target(conditions: Conditions) -> dict[str, Any]:
    return {
        "server": conditions.server,
        "tls": conditions.secure,
        "tokens": conditions.tokens,
        "on_this_machine": environment.is_here(conditions.server),
    }


def _client(scenario: Scenario, main: Stretched, conditions: Conditions) -> dict[str, Any]:
    callers = len(scenario.callers)
    lag = latency_figures(main.whole.lag)
    return {
        "workers": conditions.workers,
        "connections": conditions.workers * scenario.connections * callers,
        "max_in_flight": conditions.workers * scenario.max_in_flight,
        "cpu_share": [round(used / main.taken, 3) for used in main.seconds.cpu_seconds],
        "own_cpu_seconds": round(conditions.own_cpu, 3),
        "lag_p50_ms": lag.get("p50_ms"),
        "lag_p99_ms": lag.get("p99_ms"),
        "drain_seconds": round(max(main.taken - main.lasting, 0.0), 3),
    }


def _knee(steps: Sequence[Step]) -> dict[str, Any] | None:
    best = knee(list(steps))
    return {"rate": best.rate, "p99_ms": best.metrics.get("p99_ms")} if best else None
