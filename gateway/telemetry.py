"""Logs without people: structlog, redacted, on standard error.

No full number, name or birth date may reach a log line. Callers never pass them; this
module is the second fence: long digit runs are masked wherever they stand, control
characters are escaped, and of an exception only its type and its frames are shown, because
messages and local variables can carry what was asked.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from enum import StrEnum
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_DIGITS = re.compile(r"\d{6,}")
_TRACE = re.compile(r"[0-9a-f]{32}")


class Level(StrEnum):
    """What is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"


class Format(StrEnum):
    """How it is logged."""

    CONSOLE = "console"
    JSON = "json"


def configure(level: str, log_format: str) -> None:
    """Set up logging for the process, by the names of Level and Format."""
    processors: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _exception_without_people,
        redact,
    ]
    if log_format == Format.JSON:
        processors.append(structlog.processors.JSONRenderer(ensure_ascii=False))
    else:
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    # aiosqlite logs every statement with its values at debug
    logging.getLogger("aiosqlite").setLevel(logging.WARNING)


def redact(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask long digit runs and escape control characters in every value but time and trace."""
    return {key: value if _is_ours(key, value) else _clean(value) for key, value in event.items()}


def mask(number: str) -> str:
    """A number with all but its last three digits hidden."""
    return "*" * (len(number) - 3) + number[-3:]


def _is_ours(key: str, value: Any) -> bool:
    """Whether a value was made here, and digits in it tell of nobody."""
    return key == "timestamp" or (key == "trace" and _TRACE.fullmatch(str(value)) is not None)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        masked = _DIGITS.sub(lambda found: mask(found.group()), value)
        return "".join(one if one.isprintable() else repr(one)[1:-1] for one in masked)
    if isinstance(value, float | bool | None):
        return value
    if isinstance(value, int) and not _DIGITS.search(str(value)):
        return value  # a longer one may be somebody's number that lost its leading zeros
    return _clean(str(value))


def _exception_without_people(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if not event.pop("exc_info", None):
        return event
    kind, _, frames = sys.exc_info()
    if kind is not None:
        event["exception"] = kind.__name__
        event["frames"] = " < ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in reversed(traceback.extract_tb(frames))
        )
    return event
