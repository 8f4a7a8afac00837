"""The report: well-formed, self-contained, and with the figures that it is about."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from functools import partial
from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from clients.loadtest import live, render
from clients.loadtest.live import LivePanel, bars
from clients.loadtest.page import page
from clients.loadtest.recorder import Recorder
from clients.loadtest.scenario import NationalDay, Scenario
from clients.loadtest.scenario_file import built_in
from clients.loadtest.svg import Axes, Line, line_chart, nice_top
from clients.loadtest.sweeping import Step
from clients.loadtest.tally import Seconds
from clients.loadtest.words import milliseconds, share, summary
from tests.support.load_results import a_result, told


class _Checker(HTMLParser):
    """Every tag that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as it is called
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - as it is called
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def checked(html: str) -> _Checker:
    """Parse a page; fails when its tags do not fit together."""
    found = _Checker()
    found.feed(html)
    found.close()
    assert found.open == []
    return found


def with_steps(result: dict[str, Any]) -> dict[str, Any]:
    """A result of a sweep."""
    steps = [
        asdict(Step(rate, result["metrics"] | {"p99_ms": rate / 10}, "" if rate < 300 else "p99"))
        for rate in (100.0, 200.0, 400.0)
    ]
    return result | {"steps": steps, "knee": {"rate": 200.0, "p99_ms": 20.0}}


@pytest.mark.parametrize("scenario", built_in().values(), ids=lambda scenario: str(scenario.name))
def test_well_formed(scenario: Scenario) -> None:
    """The page of each scenario has no tag that is not closed, and plots."""
    found = checked(page(with_steps(a_result(scenario, refused=3, dropped=1))))
    assert found.tags.count("svg") >= 5
    assert {"polyline", "polygon", "rect", "title"} <= set(found.tags)


def test_self_contained() -> None:
    """It loads nothing: no script, no address, no image, no font of elsewhere."""
    html = page(a_result())
    assert "script" not in checked(html).tags
    assert not re.search(r"(?:src|href)\s*=|url\(|@import|https?://", html)


def test_light_and_dark() -> None:
    """It has colours for both."""
    assert "prefers-color-scheme: dark" in page(a_result())


def test_numbers() -> None:
    """It shows what the result says: rates, percentiles, counts, and the conditions."""
    result = a_result(refused=3)
    text = " ".join(checked(page(result)).text)
    metrics = result["metrics"]
    for figure in (
        f"{metrics['offered_rate']:,.0f}",
        f"{metrics['achieved_rate']:,.0f}",
        f"{milliseconds(metrics['p99_ms'])} ms",
        "2,400 calls",
        "RESOURCE_EXHAUSTED 24",
        "20,000 from people.csv",
        "gateway.example:50051, TLS, session tokens",
        "seed 1",
        "100 answers hold, 0 do not",
    ):
        assert figure in text


def test_texts_are_escaped() -> None:
    """What a gateway says cannot become part of the page."""
    result = a_result()
    result["errors"] = {"UNKNOWN": "<script>alert(1)</script>"}
    assert "script" not in checked(page(result)).tags


def test_nothing_measured() -> None:
    """A run without an answer has a page, too."""
    html = page(a_result(refused=300))
    assert "no answers" in html
    assert "Latency by percentile" not in html


def test_hours_of_the_day() -> None:
    """A national day is drawn over its hours."""
    scenario = built_in()["national-day"]
    assert isinstance(scenario.shape, NationalDay)
    day = replace(scenario, shape=replace(scenario.shape, compress=3600.0, start=8.0))
    text = checked(page(a_result(day))).text
    assert {"08:00", "09:00", "10:00"} <= set(text)


def test_verdict_is_told() -> None:
    """Passed or missed stands at the top, with each threshold below."""
    text = checked(page(a_result(refused=30))).text
    assert "missed" in text
    assert "fails if error_rate > 0.01 (measured 0.1)" in "".join(text)


@pytest.mark.parametrize(
    ("highest", "top"), [(0, 1), (1, 1), (1.1, 1.5), (472, 500), (0.031, 0.04), (10_001, 15_000)]
)
def test_nice_top(highest: float, top: float) -> None:
    """An axis ends at a round number that is not below the highest value."""
    assert nice_top(highest) == pytest.approx(top)


def test_places_on_the_paper() -> None:
    """The lowest value stands at the bottom left, the highest at the top right."""
    axes = Axes("t", "", [], str)
    drawn = line_chart([Line("a", "blue", [(0, 0), (10, 100)])], axes)
    assert 'points="64.0,240.0 704.0,16.0"' in drawn


def test_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal shows the same figures."""
    render.show_result(with_steps(a_result(refused=3, dropped=2)))
    shown = capsys.readouterr().out
    for part in ("MISSED", "kept up with", "missed  ", "doubt", "schedule lag", "verified"):
        assert part in shown


@pytest.mark.parametrize("name", ["steady", "national-day"])
def test_eighty_columns(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a narrow terminal no figure is shortened: names are broken instead."""
    monkeypatch.setattr(render, "Console", partial(Console, force_terminal=True, width=80))
    result = a_result(built_in()[name])
    for each in result["calls"]:
        each.update(due=1_541_234, answered=1_541_230, failed=12_345, dropped=54_321,
                    records=152_345_678, bytes_in=500_000 * 1_541_230)  # fmt: skip
    for figures in (result["metrics"], *result["metrics_by_rpc"].values()):
        figures.update(p50_ms=10_001.0, p99_ms=10_099.0, max_ms=12_345.0)
    render.show_result(result)
    shown = capsys.readouterr().out
    assert "…" not in shown
    for figure in ("1,541,234", "1,541,230", "12,345", "54,321", "152,345,678", "500 kB"):
        assert shown.count(figure) >= len(result["calls"])
    assert {"10,001", "10,099"} <= set(shown.split())


def test_one_of_each(capsys: pytest.CaptureFixture[str]) -> None:
    """What there is one of is not told in the plural."""
    result = a_result()
    result["client"].update(workers=1, connections=1, cpu_share=[0.1])
    result["machine"]["cores"] = 1
    result["checked"].update(verified=1, failed=1)
    render.show_result(result)
    shown = capsys.readouterr().out
    for part in ("1 worker (", ", 1 connection,", ", 1 core\n", "1 answer holds, 1 does not"):
        assert part in shown


def test_ended_early(capsys: pytest.CaptureFixture[str]) -> None:
    """What was ended early says so beside its verdict, on the terminal and on the page."""
    result = a_result(planned=1440)
    render.show_result(result)
    shown = capsys.readouterr().out
    assert "PASSED" in shown
    assert "ended early: 4 s of 1,440 s" in shown
    assert "ended early: 4 s of 1,440 s" in page(result)


def test_live_panel(capsys: pytest.CaptureFixture[str]) -> None:
    """Where there is no terminal, a line now and then says how it goes."""
    seconds = Seconds()
    recorder = Recorder(1)
    told(recorder, calls=50, latency=0.01, refused=1)
    seconds.add(0, recorder.flush(0, 0.1))
    with LivePanel("steady") as panel:
        panel.phase("sending", 10.0)
        panel.seen(seconds)
    shown = capsys.readouterr().err
    assert "sending, 10 s" in shown
    assert "offered 50/s" in shown
    assert "RESOURCE_EXHAUSTED 1" in shown


def test_live_panel_on_a_terminal() -> None:
    """On a terminal it is one panel with two small plots."""
    panel = LivePanel("steady")
    seconds = Seconds()
    recorder = Recorder(1)
    told(recorder, calls=50, latency=0.01, refused=1)
    seconds.add(0, recorder.flush(0, 0.1))
    panel.phase("sending", 10.0)
    panel.seen(seconds)
    console = Console(width=100)
    with console.capture() as captured:
        console.print(panel._body())
    shown = captured.get()
    assert "failed so far" in shown
    assert "█" in shown


@pytest.mark.parametrize(
    ("phase", "lasting", "passed", "said"),
    [
        ("connecting", None, 14.0, "connecting, 14 s"),
        ("sending", 1440.0, 14.0, "sending, 14 s of 1,440 s"),
        ("sending", 5.0, 14.0, "waiting for the last answers"),
    ],
)
def test_what_goes_on(
    phase: str, lasting: float | None, passed: float, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The panel says how far it is; when all is sent it does not count beyond the end."""
    panel, now = LivePanel("steady"), [100.0]
    monkeypatch.setattr(live, "time", SimpleNamespace(monotonic=lambda: now[0]))
    panel.phase(phase, lasting)
    now[0] += passed
    console = Console(width=100)
    with console.capture() as captured:
        console.print(panel._body())
    assert captured.get().split(maxsplit=1)[1].rstrip() == said


def test_words() -> None:
    """Figures are said with the digits that matter."""
    assert [milliseconds(value) for value in (None, 1.234, 12.34, 1234.5)] == [
        "-", "1.23", "12.3", "1,234",
    ]  # fmt: skip
    assert [share(value) for value in (0.0, 0.0123, 0.5)] == ["0 %", "1.2 %", "50 %"]
    assert bars([0, 1, 2]) == "▁▅█"
    assert bars([0, 0]) == "  "


def test_summary_of_a_sweep() -> None:
    """A sweep is summed up by its knee, or that there is none."""
    result = with_steps(a_result(built_in()["sweep"]))
    assert "the knee is at 200 calls/s" in summary(result)
    assert "not even the first rate" in summary(result | {"knee": None})
    assert "no rate was tried to its end" in summary(result | {"knee": None, "steps": []})
