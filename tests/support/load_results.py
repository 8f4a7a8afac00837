"""Results of load tests that never ran: what workers would have told, put together as always."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from clients.loadtest.execution import Stretched
from clients.loadtest.recorder import DEADLINE, Recorder
from clients.loadtest.result import Conditions, assemble, judged
from clients.loadtest.sampled import Verified
from clients.loadtest.scenario import Kind, Scenario
from clients.loadtest.scenario_file import built_in
from clients.loadtest.tally import Seconds, Whole

CONDITIONS = Conditions(
    began=datetime(2026, 1, 5, 8, 0, tzinfo=UTC),
    server="gateway.example:50051",
    secure=True,
    tokens=True,
    workers=2,
    own_cpu=0.2,
    people=20_000,
    people_from="people.csv",
    stopped=False,
)
STEADY = built_in()["steady"]


def told(
    recorder: Recorder, *, calls: int, latency: float, refused: int = 0, timed_out: int = 0
) -> None:
    """Let a worker count calls of the first part, some of which fail, after seconds of latency."""
    for call in range(calls):
        recorder.due(0, 100, 0.0005)
        if call < refused:
            recorder.failed(0, "RESOURCE_EXHAUSTED", "too many", 0.001, 0.001)
        elif call < refused + timed_out:
            recorder.failed(0, DEADLINE, "Deadline Exceeded", latency, latency)
        else:
            recorder.answered(0, 1, 1300, latency, latency)


def stretched(
    scenario: Scenario = STEADY, *, seconds: int = 4, calls: int = 300, latency: float = 0.004,
    refused: int = 0, dropped: int = 0, cpu: float = 0.1, planned: int = 0,
) -> Stretched:  # fmt: skip
    """A stretch of two workers, each with so many calls a second."""
    told_seconds, totals = Seconds(), []
    for worker in range(2):
        recorder = Recorder(len(scenario.mix))
        for second in range(seconds):
            told(recorder, calls=calls, latency=latency * (1 + second), refused=refused)
            for _ in range(dropped):
                recorder.dropped(0)
            told_seconds.add(worker, recorder.flush(second, cpu * (second + 1)))
        totals.append(recorder.totals())
    whole = Whole(scenario.mix, totals, seconds)
    return Stretched(whole, told_seconds, planned or seconds, seconds, seconds + 0.01)


def a_result(scenario: Scenario = STEADY, *, failed: int = 0, **changes: Any) -> dict[str, Any]:
    """A whole result, judged by its scenario's own thresholds."""
    verified = Verified(
        valid=100, failed=failed, failures=["VerifyIdentity: SIGNATURE_INVALID"] * failed,
        outcomes={Kind.KNOWN: Counter(VERIFIED=95)},
    )  # fmt: skip
    done = [stretched(scenario, **changes)]
    conditions = replace(CONDITIONS, stopped=done[0].cut)
    return judged(assemble(scenario, done, [], conditions, verified), scenario.fail_if)
