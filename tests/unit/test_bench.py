"""The benchmark reads h2load rightly and judges figures rightly."""

from __future__ import annotations

import pytest

from tests.bench import h2load
from tests.bench.errors import BenchError
from tests.bench.figures import Figure, Target, Verdict, ratios

_REPORT = """
finished in 5.83s, 857.88 req/s, 1.03MB/s
requests: 5000 total, 5000 started, 5000 done, 5000 succeeded, 0 failed, 0 errored, 0 timeout
traffic: 5.99MB (6281851) total, 14.94KB (15300) headers (space savings 96.22%), 5.73MB (6025000) data
"""  # noqa: E501 - as h2load writes it


def test_h2load_report_is_read() -> None:
    """Calls, rate, and the mean answer without its five bytes of frame."""
    assert h2load.parse(_REPORT) == h2load.Outcome(5000, 857.88, 1200.0)


def test_no_report_is_an_error() -> None:
    """What h2load says when it cannot connect is no outcome."""
    with pytest.raises(BenchError, match="no report"):
        h2load.parse("starting benchmark...\n")


@pytest.mark.parametrize(
    ("value", "at_most", "at_least"),
    [
        (1.5, Verdict.MEETS_GOAL, Verdict.FALLS_SHORT),
        (1.6, Verdict.MEETS_MUST, Verdict.FALLS_SHORT),
        (1.8, Verdict.MEETS_MUST, Verdict.MEETS_MUST),
        (1.9, Verdict.FALLS_SHORT, Verdict.MEETS_MUST),
        (2.0, Verdict.FALLS_SHORT, Verdict.MEETS_GOAL),
    ],
)
def test_targets_judge_both_ways(value: float, at_most: Verdict, at_least: Verdict) -> None:
    """The bound itself is reached, from either side."""
    assert Target(must=1.8, goal=1.5).verdict(value) is at_most
    assert Target(must=1.8, goal=2.0, at_most=False).verdict(value) is at_least


def test_the_median_counts() -> None:
    """One wild round does not change a verdict."""
    figure = Figure("x", "×", ratios([3.0, 90.0, 2.8], [2.0, 2.0, 2.0]), Target(1.8, 1.5))
    assert figure.median == 1.5
    assert figure.verdict is Verdict.MEETS_GOAL
