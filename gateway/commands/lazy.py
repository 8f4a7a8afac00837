"""Groups of commands that are imported when they are asked for.

``dancu dev`` waits for no client, and ``dancu verify`` for no gateway.
"""

from __future__ import annotations

import re
from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# within a paragraph, and not before an item of a list
_BROKEN_LINE = re.compile(r"(?<=\S)\n(?!\s|- |\d+\. )")

Places = Mapping[str, "str | typer.Typer"]


class Commands(UserDict[str, Any]):
    """Click's commands by name, made of their places when they are taken out."""

    def __getitem__(self, name: str) -> Any:
        """The command; KeyError where there is none of this name."""
        found = self.data[name]
        if isinstance(found, str | typer.Typer):
            found = self.data[name] = _command(name, found)
        return found


def group(about: str, places: Places, name: str | None = None) -> typer.Typer:
    """A command that consists of others.

    Args:
        about: what ``--help`` says of it.
        places: where they are, by their names: ``module:function``, ``module:app`` for one
            that consists of others again, or such a one itself.
        name: what people call it, unless it stands in another.
    """

    class Group(TyperGroup):
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings)
            self.commands = Commands(places)

    app = typer.Typer(
        name=name,
        cls=Group,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    app.callback()(_nothing)
    return app


def _nothing() -> None:
    """What a group does before its command."""


def _command(name: str, place: str | typer.Typer) -> Any:
    """Click's command for what is at a place, under the name that it has there."""
    found = place if isinstance(place, typer.Typer) else _imported(place)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
        command.name = name
    else:
        alone = typer.Typer(add_completion=False)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    return _flowing(command)


def _flowing(command: Any) -> Any:
    """A command whose help is broken where the terminal ends, and not where the source did."""
    if command.help:
        command.help = _BROKEN_LINE.sub(" ", command.help)
    parts = getattr(command, "commands", {})
    if not isinstance(parts, Commands):  # those are made when they are taken out
        for part in parts.values():
            _flowing(part)
    return command


def _imported(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)
