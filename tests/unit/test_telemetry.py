"""Logs without people: what a line may never carry, whatever was logged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from gateway.telemetry import configure, mask, redact
from tests.support.scene import NUMBER, OLD_NUMBER


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    """Leave logging as it was."""
    yield
    structlog.reset_defaults()


def fail(secret: str) -> None:
    """Raise an error that has a cause, both with a message that nobody may read."""
    try:
        dict[str, str]().pop(secret)
    except KeyError as error:
        raise ValueError(secret) from error


def redacted(value: Any) -> Any:
    """What becomes of one value."""
    return redact(None, "info", {"value": value})["value"]


def test_a_mask_keeps_three_digits() -> None:
    """Enough to tell two numbers apart, too little to find a person."""
    assert mask(NUMBER) == "*********013"


@pytest.mark.parametrize(
    ("logged", "line"),
    [
        (NUMBER, "*********013"),
        (f"number {NUMBER}, old {OLD_NUMBER}.", "number *********013, old ******013."),
        (f"x{NUMBER}y", "x*********013y"),
        (f"{NUMBER}{OLD_NUMBER}", "*" * 18 + "013"),
        ("００１０９０００００１３", "*********０１３"),
        ("19900512", "*****512"),
        ("12345", "12345"),
        (int(NUMBER), "*******013"),  # a number that lost its leading zeros
        ({"number": NUMBER}, "{'number': '*********013'}"),
        ([NUMBER], "['*********013']"),
        (NUMBER.encode(), "b'*********013'"),
    ],
)
def test_long_digit_runs_are_masked_wherever_they_stand(logged: Any, line: str) -> None:
    """In texts, in numbers, in containers."""
    assert redacted(logged) == line


@pytest.mark.parametrize("value", [0, 12345, -5, 0.123456789, True, False, None])
def test_what_is_no_number_of_a_person_stays_what_it_is(value: object) -> None:
    """Counts, durations, flags."""
    assert redacted(value) is value


@pytest.mark.parametrize(
    ("logged", "line"),
    [
        ("a\nREADY grpc=evil:1", r"a\nREADY grpc=evil:1"),
        ("a\r\nb", r"a\r\nb"),
        ("a\x1b[2Jb", r"a\x1b[2Jb"),
        ("a\x00b\x7f", r"a\x00b\x7f"),
        ("a\u2028b\u202eb\u200f", r"a\u2028b\u202eb\u200f"),
        ("a\ud800", r"a\ud800"),
        ("Lê Văn", "Lê Văn"),
    ],
)
def test_nothing_logged_can_forge_a_line(logged: str, line: str) -> None:
    """Line ends, escape sequences and direction marks are escaped."""
    assert redacted(logged) == line


@given(st.text())
def test_a_redacted_text_is_one_printable_line(text: str) -> None:
    """Whatever was logged, under whatever name."""
    assert redacted(text).isprintable()


def test_the_time_is_not_mistaken_for_a_number() -> None:
    """Its microseconds are six digits."""
    at = "2026-03-04T05:06:07.890123Z"
    assert redact(None, "info", {"timestamp": at}) == {"timestamp": at}


def test_a_trace_is_not_mistaken_for_a_number() -> None:
    """Whoever has it must find it, whatever digits it has; what is no trace is masked."""
    trace = "123456789012345678901234567890ab"
    assert redact(None, "info", {"trace": trace}) == {"trace": trace}
    assert redact(None, "info", {"other": trace, "trace": NUMBER}) == {
        "other": "*" * 27 + "890ab",
        "trace": "*********013",
    }


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_of_an_exception_only_type_and_frames_are_shown(
    log_format: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not its message, not its arguments, not the local variables, not its cause."""
    configure("info", log_format)
    secret = f"Lê Văn An {NUMBER}"
    try:
        fail(secret)
    except ValueError:
        structlog.get_logger().exception("window_failed", calls=3)
    line = capsys.readouterr().err
    assert "ValueError" in line
    assert "test_telemetry.py:" in line
    assert "window_failed" in line
    assert "Lê Văn An" not in line
    assert NUMBER not in line


def test_a_json_line_is_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    """With level and time, masked and on one line, also for what was bound before."""
    configure("info", "json")
    with structlog.contextvars.bound_contextvars(request_id="r\n1"):
        structlog.get_logger().info("call_ended", subject=NUMBER, reason="A\nB")
    out, err = capsys.readouterr()
    assert out == ""
    said = json.loads(err)
    assert said.pop("timestamp").endswith("Z")
    assert said == {
        "event": "call_ended",
        "level": "info",
        "reason": r"A\nB",
        "request_id": r"r\n1",
        "subject": "*********013",
    }
    assert err.count("\n") == 1


def test_what_is_below_the_level_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings only."""
    configure("warning", "json")
    structlog.get_logger().info("call_ended")
    assert capsys.readouterr().err == ""
