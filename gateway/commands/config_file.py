"""Reading the configuration of ``dancu serve``: a TOML file, checked as a whole."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from gateway import telemetry
from gateway.config import MAX_WORKERS, ServeConfig
from gateway.datadir import SetupError, SetupProblems

_KINDS: dict[object, tuple[type, str]] = {
    str: (str, "a text in quotes"),
    Path: (str, "a path in quotes"),
    int: (int, "a whole number"),
    float: (float, "a number"),
    bool: (bool, "true or false"),
}
_PORTS = range(65536)
_CHOICES = {"log_level": telemetry.Level, "log_format": telemetry.Format}


def read_config(path: Path) -> ServeConfig:
    """The settings in a file; paths in it are meant from where the file lies.

    Raises:
        SetupError: it cannot be read, or names every mistake in it with its line.
    """
    try:
        text = path.read_text("utf-8")
        given = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SetupError(f"cannot read the configuration {path}: {error}") from error
    mistakes = [f"{path}:{_line(text, name)}: {what}" for name, what in _mistakes(given)]
    if mistakes:
        raise SetupProblems("the configuration has mistakes:", mistakes)
    given.setdefault("data_dir", ServeConfig().data_dir)
    return ServeConfig(**{name: _value(name, value, path.parent) for name, value in given.items()})


def _mistakes(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kinds = _kinds()
    for name, value in given.items():
        if name not in kinds:
            yield name, f"there is no setting {name}; there are: {', '.join(kinds)}"
        elif not _is_a(value, kinds[name]):
            yield name, f"{name} must be {_KINDS[kinds[name]][1]}"
        elif name.endswith("port") and value not in _PORTS:
            yield name, f"{name} must be 0 to {_PORTS[-1]}"
        elif name == "workers" and not 1 <= value <= MAX_WORKERS:
            yield name, f"workers must be 1 to {MAX_WORKERS}"
        elif name == "keep_revisions" and value < 1:
            yield name, "keep_revisions must be 1 or more"
        elif name.endswith(("delay", "seconds")) and value < 0:
            yield name, f"{name} must not be negative"
        elif name in _CHOICES and value not in set(_CHOICES[name]):
            yield name, f"{name} must be one of: {', '.join(_CHOICES[name])}"


def _kinds() -> dict[str, object]:
    """Setting to its type, without the None of those that may be left out."""
    hints = get_type_hints(ServeConfig)
    return {
        field.name: next(
            (one for one in _KINDS if one in getattr(hints[field.name], "__args__", ())),
            hints[field.name],
        )
        for field in fields(ServeConfig)
    }


def _is_a(value: object, kind: object) -> bool:
    wanted = _KINDS[kind][0]
    if wanted is float and type(value) is int:
        return True
    return type(value) is wanted  # not isinstance: true is no number


def _value(name: str, value: Any, folder: Path) -> Any:
    return folder / value if _kinds()[name] is Path else value


def _line(text: str, name: str) -> int:
    """Where a top-level key or table first stands; 1 when it is written in another way."""
    pattern = re.compile(rf"""^\s*\[*\s*["']?{re.escape(name)}["']?\s*[=.\]]""")
    numbered = enumerate(text.splitlines(), 1)
    return next((number for number, line in numbered if pattern.match(line)), 1)
