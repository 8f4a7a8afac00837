"""What the commands of ``dancu load`` do, once their options are read."""

from __future__ import annotations

import json as json_text
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from clients.cli_errors import NO_ANSWER, UsageError, fail, note, plain_errors
from clients.cli_options import Asking, check_server, credentials_of
from clients.loadtest import render
from clients.loadtest.comparison import compare as compare_results
from clients.loadtest.errors import LoadError, NoGatewayError, NothingMeasuredError
from clients.loadtest.execution import LoadTest, Target
from clients.loadtest.live import LivePanel
from clients.loadtest.overrides import Overrides
from clients.loadtest.page import page
from clients.loadtest.result import judged, read_result
from clients.loadtest.scenario import Scenario
from clients.loadtest.scenario_file import built_in, find
from clients.loadtest.thresholds import Threshold
from clients.loadtest.whom import whom
from clients.render import print_json
from clients.sdk import CallContext

DONE, MISSED, INTERRUPTED = 0, 1, 130


@dataclass(frozen=True, slots=True)
class Order:
    """What ``dancu load run`` was asked for, besides where to find the gateway.

    Attributes:
        scenario: Name or path.
        overrides: What else than the scenario says.
        fail_if: Conditions, beside those of the scenario.
        people, control: Whom to ask about, see ``whom``.
        out, report: Files to write; None for none.
    """

    scenario: str
    overrides: Overrides
    fail_if: list[str]
    people: Path | None
    control: str | None
    out: Path | None
    report: Path | None


def run(order: Order, asking: Asking, *, json: bool) -> int:
    """Run a load test, show its result and write what is wanted of it."""
    with plain_errors(), _load_errors(asking.server):
        scenario = order.overrides.applied(find(order.scenario))
        conditions = [*scenario.fail_if, *_conditions(order.fail_if)]
        target = _target(scenario, asking)
        about = whom(order.people, asking.data_dir, order.control, asking.server)
        with LivePanel(f"{scenario.name} → {asking.server}") as panel:
            test = LoadTest(scenario, target, about.people, panel)
            with _interruptible(test):
                result = judged(test.run(about.told), conditions)
        _write(order, result)
    if json:
        print_json(result)
    else:
        render.show_result(result)
    return DONE if result["passed"] else MISSED


def compare(before: Path, after: Path, *, fail_if_worse: bool, json: bool) -> int:
    """Compare two results."""
    with plain_errors(), _load_errors(""):
        found = compare_results(read_result(before), read_result(after))
    if json:
        print_json(asdict(found) | {"worse": found.worse})
    else:
        render.show_comparison(found, before.name, after.name)
    return MISSED if fail_if_worse and found.worse else DONE


def list_scenarios(*, json: bool) -> None:
    """Show what comes with dancu."""
    scenarios = built_in()
    if json:
        print_json([{"name": name, "about": each.about} for name, each in scenarios.items()])
    else:
        render.show_scenarios(scenarios)


def _conditions(texts: list[str]) -> list[str]:
    for text in texts:
        try:
            Threshold.parse(text)
        except ValueError as error:
            raise UsageError(f"--fail-if: {error}") from None
    return texts


def _target(scenario: Scenario, asking: Asking) -> Target:
    """Where to, for each of the scenario's callers; what it leaves open is as the options say."""
    check_server(asking.server)
    files = tuple(each.credentials or asking.credentials for each in scenario.callers)
    for file in set(files):
        credentials_of(file)
    default = asking.context
    contexts = tuple(
        CallContext(
            each.procedure or default.procedure_code,
            each.unit or default.unit_code,
            each.officer or default.officer_id,
        )
        for each in scenario.callers
    )
    return Target(asking.server, asking.trust(), contexts, files, asking.timeout)


def _write(order: Order, result: dict[str, Any]) -> None:
    if order.out:
        text = json_text.dumps(result, ensure_ascii=False, indent=1)
        order.out.write_text(f"{text}\n", "utf-8")
    if order.report:
        order.report.write_text(page(result), "utf-8")
    for path in filter(None, (order.out, order.report)):
        note(f"written: {path}")


@contextmanager
def _load_errors(server: str) -> Iterator[None]:
    """A test that cannot be run is bad usage, or there is no gateway."""
    try:
        yield
    except NoGatewayError as error:
        fail(f"no answer from {server}: {error}", NO_ANSWER)
    except NothingMeasuredError as error:
        fail(str(error), INTERRUPTED)
    except LoadError as error:
        raise UsageError(str(error)) from None


@contextmanager
def _interruptible(test: LoadTest) -> Iterator[None]:
    """The first Ctrl-C ends the run early, the second one at once."""

    def once(_signal: int, _frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        note("ending early; what is under way is waited for (Ctrl-C again: at once)")
        test.stop()

    before = signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
