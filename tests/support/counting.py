"""How much work something is, counted in calls of functions: the same on every machine."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from types import FrameType
from typing import TypeVar

_T = TypeVar("_T")


def calls_of(work: Callable[[], _T]) -> tuple[int, _T]:
    """How many functions some work calls, and what it returns.

    It is done once before, so that what is cached is, and without the garbage collector, which may
    come at any moment and calls those who asked to be told.
    """
    work()
    count = 0

    def count_call(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before, collecting = sys.getprofile(), gc.isenabled()
    gc.disable()
    sys.setprofile(count_call)
    try:
        result = work()
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()
    return count, result
