"""What the commands that ask a gateway have in common: the claim, the call, and the end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import typer

from clients.cli_options import Asking, claim_of
from clients.render import answer_json, print_json, show_answer
from clients.sdk import AttributesAnswer, Gateway
from clients.sdk.reading import Answer

NOT_VERIFIED = 1

_A = TypeVar("_A", bound=Answer)


def about_of(number: str, name: str, birth_date: str, request_id: str) -> dict[str, Any]:
    """The arguments that every question has."""
    return asdict(claim_of(number, name, birth_date)) | {"request_id": request_id or None}


async def ask(asking: Asking, question: Callable[[Gateway], Awaitable[_A]]) -> _A:
    """Put one question to the gateway that the options name."""
    async with asking.connect() as gateway:
        return await question(gateway)


def finish(answer: Answer, *, json: bool, out: Path | None) -> None:
    """Keep the receipt, show the answer, and exit by what was answered."""
    with keeping(out, answer.evidence.receipt):
        if json:
            print_json(answer_json(answer))
        else:
            show_answer(answer)
    verified = answer.all_true if isinstance(answer, AttributesAnswer) else answer.verified
    raise typer.Exit(0 if verified else NOT_VERIFIED)


@contextmanager
def keeping(out: Path | None, receipt: bytes) -> Iterator[None]:
    """Write the receipt before anything is printed, as a reader like `head` may end the command.

    What cannot be written is told at the end, OSError: the answer is shown all the same.
    """
    lost: OSError | None = None
    try:
        if out is not None:
            out.write_bytes(receipt)
    except OSError as error:
        lost = error
    yield
    if lost is not None:
        raise lost
