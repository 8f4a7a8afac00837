"""What a result is good for: thresholds, the knee, doubts, comparison."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from clients.loadtest.comparison import compare
from clients.loadtest.errors import LoadError
from clients.loadtest.result import SCHEMA_VERSION, judged, read_result
from clients.loadtest.scenario import Steady, Sweep
from clients.loadtest.scenario_file import built_in
from clients.loadtest.sweeping import Metrics, climb, complaint, knee
from clients.loadtest.thresholds import METRICS, Threshold, judge
from clients.loadtest.words import described
from tests.support.load_results import a_result

RESULT = {
    "metrics": {"p99_ms": 50.0, "error_rate": 0.0, "dropped": 0},
    "metrics_by_rpc": {"VerifyIdentity": {"p99_ms": 20.0}},
}


@pytest.mark.parametrize(
    ("condition", "failed"),
    [
        ("p99_ms > 50", False),
        ("p99_ms >= 50", True),
        ("p99_ms<50.5", True),
        ("p99_ms <= 49", False),
        ("VerifyIdentity.p99_ms > 10", True),
        ("LookupCitizen.p99_ms > 10", True),
        ("p50_ms > 1", True),
    ],
)
def test_thresholds(condition: str, failed: bool) -> None:  # noqa: FBT001 - a case
    """A condition that comes true fails the test, and so does one about what was not measured."""
    (found,) = judge((Threshold.parse(condition),), RESULT)
    assert found.failed is failed


@pytest.mark.parametrize(
    "text", ["", "p99_ms", "p99_ms > x", "p77_ms > 1", "VerifyIdentity.dropped > 1"]
)
def test_no_threshold(text: str) -> None:
    """What is no condition is refused, with what there is."""
    with pytest.raises(ValueError, match=r"no condition|there is no metric"):
        Threshold.parse(text)


def test_every_metric_is_measured() -> None:
    """A result has each figure that a threshold may be about."""
    assert set(METRICS) == set(a_result()["metrics"])


def test_verdict() -> None:
    """A result passes unless a threshold is missed, or an answer does not verify."""
    assert a_result()["passed"]
    assert not a_result(refused=100)["passed"]
    assert not a_result(failed=1)["passed"]
    assert not judged(a_result(), ["p50_ms > 0.001"])["passed"]


def pretend(limit: float) -> list[float]:
    """The rates that a sweep tries on a gateway that keeps up with up to ``limit``."""
    tried: list[float] = []

    def measure(rate: float) -> Metrics:
        tried.append(rate)
        return {"p99_ms": 5.0 if rate <= limit else 900.0, "answered": 1.0}

    steps = climb(Sweep(first=100, last=2000, factor=2, refine=3), measure)
    best = knee(steps)
    assert (best.rate if best else 0.0) == max((rate for rate in tried if rate <= limit), default=0)
    return tried


def test_sweep() -> None:
    """A sweep climbs until a rate fails, and then halves the gap to the last one that did not."""
    assert pretend(900) == [100, 200, 400, 800, 1600, 1200, 1000, 900]


def test_sweep_without_a_knee() -> None:
    """It ends at the first rate when that is too much, and at the last one when none is."""
    assert pretend(50) == [100]
    assert pretend(9999) == [100, 200, 400, 800, 1600, 2000]


def test_sweep_that_is_ended() -> None:
    """A user who has had enough gets what was found so far."""
    measured = iter([{"p99_ms": 1.0, "answered": 1.0}, None])
    assert [step.rate for step in climb(Sweep(10, 100), lambda _: next(measured))] == [10]


@pytest.mark.parametrize(
    ("metrics", "why"),
    [
        ({"p99_ms": 99.0, "answered": 0.99}, ""),
        ({"p99_ms": 101.0, "answered": 0.99}, "p99 101 ms"),
        ({"p99_ms": 1.0, "answered": 0.97}, "97.0% answered in time"),
        ({"answered": 1.0}, "nothing was answered"),
    ],
)
def test_why_a_step_fails(metrics: Metrics, why: str) -> None:
    """A step says why it is not kept up with."""
    assert complaint(Sweep(1, 2), metrics) == why


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dropped": 5}, "40 calls were due but not sent"),
        ({"cpu": 0.95}, "a worker used 95% of a core"),
        ({"calls": 5}, "only 40 answers"),
        ({"failed": 2}, "2 of the sampled answers do not verify"),
        ({"refused": 300}, "no call was answered OK"),
        ({"scenario": built_in()["saturation"]}, "closed loop"),
        ({"seconds": 21, "planned": 1440}, "ended early: 21 s of 1,440 s"),
        ({"scenario": built_in()["sweep"], "planned": 5}, "ended early: not every rate was tried"),
        ({"seconds": 1, "calls": 50}, "only 100 answers: the 99th percentile rests on 1 call;"),
        ({"failed": 1}, "1 of the sampled answers does not verify"),
    ],
)
def test_doubts(changes: dict[str, object], said: str) -> None:
    """What makes a result doubtful is said in words."""
    found = a_result(**changes)  # type: ignore[arg-type]  # a case
    assert any(said in doubt for doubt in found["doubts"]), found["doubts"]


def test_no_doubt() -> None:
    """A good result is not talked down."""
    assert a_result(calls=1000)["doubts"] == []


def test_comparison() -> None:
    """Changes are called better or worse; rates by the other way round than latencies."""
    before, after = a_result(refused=150), a_result(latency=0.008)
    found = {each.metric: each for each in compare(before, after).changes}
    assert found["p50_ms"].verdict == "worse"
    assert found["p50_ms"].ratio == pytest.approx(2.0, rel=0.01)
    assert found["achieved_rate"].verdict == "better"
    assert found["answered"].verdict == "better"
    assert found["offered_rate"].verdict == ""
    assert compare(before, after).worse
    assert not compare(before, before).worse


def test_a_rate_that_was_asked_for() -> None:
    """Who offers more achieves more: no merit of the gateway's, unless the loop is closed."""
    found = {each.metric: each for each in compare(a_result(), a_result(calls=600)).changes}
    assert found["achieved_rate"].verdict == ""
    closed = [a_result(built_in()["saturation"], calls=calls) for calls in (300, 600)]
    found = {each.metric: each for each in compare(*closed).changes}
    assert found["achieved_rate"].verdict == "better"


def test_comparison_of_unlike_things() -> None:
    """Conditions that differ are told: figures under other conditions prove nothing."""
    other = a_result(replace(built_in()["steady"], seed=2))
    other["machine"] = other["machine"] | {"cores": 64}
    differences = compare(a_result(), other).differences
    assert differences == ("scenario.seed: 1 and 2", "machine.cores: 2 and 64")


def test_conditions_in_words() -> None:
    """Conditions of any type are told as a person would write them."""
    scenario = built_in()["steady"]
    assert isinstance(scenario.shape, Steady)
    other = a_result(replace(scenario, shape=replace(scenario.shape, rate=1200.0)))
    other["target"] = other["target"] | {"tls": False}
    other["scenario"] = other["scenario"] | {"outcomes": {"known": 0.9, "wrong_name": 0.1}}
    del other["versions"]["grpcio"]
    load, outcomes, tls, version = compare(a_result(), other).differences
    assert load == "scenario.load: rate 50/s and rate 1,200/s"
    assert outcomes.endswith(" and known 0.9, wrong_name 0.1")
    assert tls == "target.tls: yes and no"
    assert version.endswith(" and not told")
    saturation = a_result(built_in()["saturation"])["scenario"]
    assert described(saturation["load"]) == "saturation, in_flight 40"


def test_result_file(tmp_path: Path) -> None:
    """A result is read back as it was written; what is none is refused."""
    path = tmp_path / "result.json"
    path.write_text(json.dumps(a_result()), "utf-8")
    assert read_result(path)["metrics"] == a_result()["metrics"]
    for text, said in (
        ("{}", "is no result"),
        ("[", "is no JSON"),
        (json.dumps(a_result() | {"schema_version": SCHEMA_VERSION + 1}), "schema version"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(LoadError, match=said):
            read_result(path)
    with pytest.raises(LoadError, match="cannot read"):
        read_result(tmp_path / "none.json")
