"""``dancu policy``: who may see what, without a gateway."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from gateway.commands.errors import EXIT_FAILED, one_line_errors
from gateway.core.days import moment
from gateway.core.policy import ALWAYS, AUTHORITIES, RPCS, SENSITIVE, Grant, Policy, Rule
from gateway.core.pool import Quota
from gateway.policies.entries import Problem
from gateway.policies.file import PolicyFileError, demo_policy, load_policy

app = typer.Typer(help="Who may see what.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="A policy, as docs/policy.md describes it.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.callback()
def policy() -> None:
    """Who may see what."""


@app.command()
def check(file: File, *, as_json: AsJson = False) -> None:
    """Check a policy as a whole, and tell everything that is wrong with it by its line.

    Exits 0 when it can be used and 1 when it cannot.
    """
    try:
        found = load_policy(file)
    except PolicyFileError as error:
        if as_json:
            _print_json({"valid": False, "problems": [_problem(one) for one in error.problems]})
        else:
            sys.stderr.write(f"error: {error}\n")
        raise SystemExit(EXIT_FAILED) from None
    counts = {
        "grants": len(found.rules),
        "callers": len(found.callers),
        "quotas": len(_quotas(found)),
    }
    if as_json:
        _print_json({"valid": True, "version": found.version, **counts, "problems": []})
        return
    told = ", ".join(
        f"{count} {name.removesuffix('s') if count == 1 else name}"
        for name, count in counts.items()
    )
    Console(highlight=False).print(f"{file} can be used: {told}\nversion {found.version}")


@app.command()
def show(
    file: Annotated[
        Path | None, typer.Argument(help="A policy.", show_default="the demo policy")
    ] = None,
    caller: Annotated[str | None, typer.Option(help="Only what is granted to this caller.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """What a policy grants, groups and sets taken apart, with the line of each grant."""
    with one_line_errors():
        found = demo_policy() if file is None else load_policy(file)
    rules = [rule for rule in found.rules if caller is None or caller in rule.callers]
    quotas = [(account, quota) for account, quota in _quotas(found) if caller in (None, account[0])]
    if as_json:
        _print_json(
            {
                "version": found.version,
                "grants": [_grant(rule, caller) for rule in rules],
                "quotas": [_quota(*account, quota) for account, quota in quotas],
            }
        )
        return
    console = Console(highlight=False)
    console.print(f"version {found.version}")
    if not rules:
        console.print(f"{caller} has no grant: every call is refused")
        return
    console.print(_grants_table(rules, caller))
    if quotas:
        console.print(_quotas_table(quotas))


def _grants_table(rules: list[Rule], caller: str | None) -> Table:
    table = Table(box=SIMPLE)
    for name in ("line", "callers", "procedures", "RPCs", "fields", "besides", "in force"):
        table.add_column(name, overflow="fold", no_wrap=name == "RPCs")
    for rule in rules:
        one = _grant(rule, caller)
        table.add_row(
            str(one["line"]),
            "\n".join(one["callers"]),
            "\n".join(one["procedures"]),
            "\n".join(one["rpcs"]),
            _fields_text(rule.grant),
            "\n".join(key for key in ("explain", "members", "reports_as") if one[key]),
            _validity_text(rule.grant),
        )
    return table


def _quotas_table(quotas: list[tuple[tuple[str, str], Quota]]) -> Table:
    table = Table(box=SIMPLE)
    for name in ("line", "caller", "procedure", "per second", "burst", "per day", "mismatches"):
        table.add_column(name, overflow="fold")
    for account, quota in quotas:
        table.add_row(
            *("" if one is None else str(one) for one in _quota(*account, quota).values())
        )
    return table


def _fields_text(grant: Grant) -> str:
    """How many, and the sensitive ones by name."""
    if not grant.fields:
        return ""
    named = sorted(grant.fields & SENSITIVE)
    return "\n".join([f"{len(grant.fields)} fields", *named])


def _validity_text(grant: Grant) -> str:
    first, end = _moments(grant)
    return "\n".join(one for one in (first and f"from {first}", end and f"until {end}") if one)


def _quotas(found: Policy) -> list[tuple[tuple[str, str], Quota]]:
    return sorted(found.quotas.items(), key=lambda item: (item[1].line, item[0]))


def _grant(rule: Rule, caller: str | None) -> dict[str, Any]:
    first, end = _moments(rule.grant)
    return {
        "line": rule.grant.line,
        "callers": [caller] if caller is not None else sorted(rule.callers),
        "procedures": sorted(rule.procedures),
        "rpcs": [rpc for rpc in RPCS if rpc in rule.rpcs],
        "fields": sorted(rule.grant.fields),
        "explain": rule.grant.explain,
        "members": rule.grant.members,
        "reports_as": [one for one in AUTHORITIES if one in rule.grant.reports_as],
        "valid_from": first,
        "valid_until": end,
    }


def _quota(caller: str, procedure: str, quota: Quota) -> dict[str, Any]:
    return {
        "line": quota.line,
        "caller": caller,
        "procedure": procedure,
        "per_second": quota.per_second,
        "burst": None if quota.per_second is None else quota.burst,
        "per_day": quota.per_day,
        "mismatches_per_number_per_day": quota.mismatches_per_number_per_day,
    }


def _moments(grant: Grant) -> tuple[str | None, str | None]:
    """From when, and before when; None where it is without end."""
    first, end = (
        None if one in ALWAYS else moment(one).isoformat()
        for one in (grant.valid_from, grant.valid_until)
    )
    return first, end


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "line": problem.line or None,
        "key": problem.key,
        "rule": problem.rule,
        "fix": problem.fix,
    }


def _print_json(value: object) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")
