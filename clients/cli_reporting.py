"""How the commands that report an event end: the receipt, or what stands in the way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import grpc
import typer

from clients.cli_asking import keeping
from clients.cli_errors import exit_code_of, note, refusal_text, tell_error
from clients.cli_options import Asking
from clients.render import (
    aside_json,
    evidence_json,
    evidence_rows,
    print_json,
    show_aside,
    show_panel,
)
from clients.render_events import COLOURS, event_heading, event_json, event_rows
from clients.sdk import EventAnswer, Gateway, Refused

OBSTRUCTED = 1

_ADVICE: dict[str | grpc.StatusCode, str] = {
    "POSSIBLE_DUPLICATE": (
        "compare mother, sex and date with the birth record on file; if it is another child,"
        " report it again with --not-a-duplicate"
    ),
    grpc.StatusCode.FAILED_PRECONDITION: (
        "nothing was changed: correct the event, or what is on file, and report it again"
    ),
    grpc.StatusCode.ABORTED: (
        "nothing was changed: look up again who is named, decide again, and report it with the"
        " revision of that answer"
    ),
    grpc.StatusCode.ALREADY_EXISTS: (
        "what was reported first under this request id stands; leave out --request-id for"
        " another event"
    ),
}


def finish_event(
    asking: Asking,
    report: Callable[[Gateway], Awaitable[EventAnswer]],
    *,
    json: bool,
    out: Path | None,
) -> None:
    """Report, keep the receipt and show it; or say what stands in the way, and exit."""
    try:
        answer = asyncio.run(_ask(asking, report))
    except Refused as error:
        tell_error(refusal_text(error))
        _advise(error)
        obstructed = error.code is grpc.StatusCode.FAILED_PRECONDITION
        raise typer.Exit(OBSTRUCTED if obstructed else exit_code_of(error)) from None
    evidence = answer.evidence
    with keeping(out, evidence.receipt):
        if json:
            print_json(event_json(answer) | evidence_json(evidence) | aside_json(evidence.aside))
        else:
            _show(answer)


async def _ask(asking: Asking, report: Callable[[Gateway], Awaitable[EventAnswer]]) -> EventAnswer:
    async with asking.connect() as gateway:
        return await report(gateway)


def _show(answer: EventAnswer) -> None:
    rows = [*event_rows(answer), *evidence_rows(answer.evidence)]
    show_panel(event_heading(answer), COLOURS.get(answer.state, "red"), rows)
    show_aside(answer.evidence.aside)


def _advise(error: Refused) -> None:
    """What the officer reads, and what to do about it."""
    if error.officer_vi:
        note(f"for the officer: {error.officer_vi}")
    advice = _ADVICE.get(error.reason) or _ADVICE.get(error.code)
    if advice:
        note(advice)
