"""Writes docs/commands.md from the ``dancu`` command itself.

Run it with ``python -m tests.architecture.commands_page``; ``test_documented.py`` compares.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from gateway.commands.tree import app
from tests.architecture.pages import DOCS

PAGE = DOCS / "commands.md"
_WIDTH = 94

_HEAD = """\
# Commands

<!-- Written by `python -m tests.architecture.commands_page`; do not edit. -->

One command, `dancu`; every part of it has `--help`. What is on this page exists.

- Answers go to standard output, all else to standard error. `--json` is for scripts.
- `--out FILE` keeps an answer that verifies. What does not (an answer, or the key set it needs)
  is kept as `FILE.rejected`, to be looked into: it is no evidence. The exit code stays 3.
- A failure is told on standard error, beginning with `error:`, and exits other than 0.
- `dancu --version` says which version this is.
- Exit codes: local commands 0 done, 1 failed; those that ask a gateway 0 verified, 1 not
  verified, 3 refused, unreachable, or an answer that does not verify; `dancu receipt verify`
  and `dancu sync verify-bundle` 0 VALID, 1 INVALID, 4 INDETERMINATE; `dancu sync reconcile` 0
  every row matched, 1 some want a look; `dancu event` 0 taken in, 1 something stands in the
  way; `dancu load run` 0 done, 1 a threshold was missed or an answer does not verify. Bad
  usage is 2 everywhere; 130 is interrupted.
"""


def render() -> str:
    """The page."""
    return "\n".join([_HEAD, *_sections("dancu", typer.main.get_command(app))])


def _sections(name: str, command: Any) -> Iterator[str]:
    """One section a command, groups before what is in them."""
    parts = getattr(command, "commands", None)
    if parts is None:
        yield _section(name, command)
        return
    for part in parts.values():
        yield from _sections(f"{name} {part.name}", part)


def _section(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    options = [one for one in command.params if one.param_type_name == "option"]
    usage = " ".join([name, *(f"{one.name.upper()}" for one in arguments)])
    lines = [
        f"## {name}",
        "",
        _paragraphs(command.help),
        "",
        f"Usage: `{usage} [OPTIONS]`",
        "",
    ]
    lines += [f"- `{one.name.upper()}`: {one.help}" for one in arguments]
    lines += [""] if arguments else []
    lines += ["| option | default | meaning |", "|---|---|---|"]
    lines += [_row(one) for one in options]
    return "\n".join([*lines, ""])


def _paragraphs(text: str) -> str:
    """A help in lines of a page's width; items of a list stay apart."""
    wrapper = textwrap.TextWrapper(_WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(wrapper.fill, text.split("\n")))


def _row(option: Any) -> str:
    value = f" {option.metavar}" if option.metavar else ""
    cells = (f"`{option.opts[0]}{value}`", _default(option), option.help or "")
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"


def _default(option: Any) -> str:
    if option.required:
        return "required"
    if isinstance(option.show_default, str):
        return option.show_default
    if option.default is None or option.default is False or option.default == "":
        return ""
    return f"`{_text(option.default)}`"


def _text(default: Any) -> str:
    return default.as_posix() if isinstance(default, Path) else str(default)


if __name__ == "__main__":
    PAGE.write_text(render(), "utf-8")
