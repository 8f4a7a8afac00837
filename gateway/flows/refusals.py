"""Refusals of known callers are entered in the log like answers."""

from __future__ import annotations

from types import TracebackType

from gateway.core import statement
from gateway.core.errors import Refused
from gateway.core.model import Call
from gateway.flows.window import Window
from mock_population_db.citizen import Keys


class recorded:  # noqa: N801 - read as a verb: `async with recorded(...)`
    """Record a refusal raised in the block, durably, before it reaches the caller.

    A class, not a generator: it stands in the way of every call, and a generator takes four
    times as long.
    """

    __slots__ = ("_call", "_window")

    def __init__(self, window: Window, call: Call) -> None:
        self._window = window
        self._call = call

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, Refused):
            call, reason = self._call, error.reason
            await self._window.ask(
                Keys(),
                lambda moment: moment.sign(
                    call, statement.refusal(moment.header(call), reason), ()
                ),
            )
