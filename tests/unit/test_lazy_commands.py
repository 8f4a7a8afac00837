"""Commands that are imported when they are asked for."""

from __future__ import annotations

from importlib.metadata import version

import typer
from typer.testing import CliRunner, Result

from gateway.commands import tree
from gateway.commands.lazy import Commands, group

INSIDE = group("The inner ones.", {"descriptor": "clients.cli_descriptor:descriptor"})
APP = group(
    "The outer ones.",
    {"inside": INSIDE, "simulate": "clients.cli_simulate:app", "gone": "no.such.module:gone"},
)


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, arguments)


def test_only_what_is_asked_for_is_imported() -> None:
    """What cannot be imported stands in nobody's way who asks for something else."""
    assert "The inner ones." in _run("inside", "--help").stdout
    assert isinstance(_run("gone").exception, ModuleNotFoundError)


def test_commands_have_the_names_of_the_table() -> None:
    """Whatever the function is called; and a group that is imported has its own commands."""
    commands = Commands({"other": "clients.cli_descriptor:descriptor", "inside": INSIDE})
    assert [commands[name].name for name in commands] == ["other", "inside"]
    assert "clear" in _run("simulate", "--help").stdout


def test_a_command_is_made_once() -> None:
    """Click may ask for it several times."""
    commands = Commands({"descriptor": "clients.cli_descriptor:descriptor"})
    assert commands["descriptor"] is commands["descriptor"]


def test_a_misspelt_name_is_told_what_there_is() -> None:
    """Of the names alone, nothing is imported for it; and it is bad usage."""
    result = _run("gon")
    assert result.exit_code == 2
    assert "'gone'" in result.stderr


def test_a_name_that_is_needed_shows_the_help() -> None:
    """Without a command there is nothing to do but to tell which there are."""
    result = CliRunner().invoke(INSIDE, [])
    assert result.exit_code == 2
    assert "descriptor" in result.output


def test_the_whole_is_a_command_like_any_other() -> None:
    """Typer makes of a group what it makes of every application."""
    assert typer.main.get_command(INSIDE).help == "The inner ones."


def test_help_is_broken_where_the_terminal_ends() -> None:
    """And not where a line of the source did; the items of a list have lines of their own."""
    narrow = {"COLUMNS": "80"}
    shown = CliRunner().invoke(tree.app, ["simulate", "set", "--help"], env=narrow).stdout
    lines = [line.strip() for line in shown.splitlines()]
    assert "alone. Every answer so affected says so in its header and in the access log." in lines
    shown = CliRunner().invoke(tree.app, ["keys", "publish", "--help"], env=narrow).stdout
    starts = [line.strip()[:2] for line in shown.splitlines()]
    assert [one for one in starts if one in ("1.", "2.", "3.")] == ["1.", "2.", "3."]


def test_the_version_is_that_of_the_package() -> None:
    """Without a command."""
    result = CliRunner().invoke(tree.app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"dancu {version('dancu')}\n")
