"""Who may import whom: the rules of docs/design/architecture.md, and how they are checked.

A module is judged by the most specific rule that names it or a package above it. Rules look
at the syntax tree alone; nothing is imported, so nothing can hide behind a condition.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("gateway", "mock_population_db", "clients")
OURS = frozenset({*PACKAGES, "dancu", "tests"})

_DRIVERS = frozenset({"grpc", "grpc_health", "grpc_reflection", "sqlite3", "aiosqlite", "asyncpg"})
_OUTSIDE = frozenset({"io", "logging", "pathlib", "shutil", "socket", "subprocess", "tempfile"})
_UNCERTAIN = frozenset({"random", "secrets", "time", "uuid"})
_PURE = _DRIVERS | _OUTSIDE | _UNCERTAIN | {"asyncio", "os", "structlog", "threading"}
_GENERATED = frozenset({"google"})
_CLOCKS = frozenset({"datetime.now", "datetime.today", "datetime.utcnow", "date.today"})
_STREAMS = frozenset({"open", "print", "input"})
# what is imported later, as gateway/commands/tree.py names it
_PLACE = re.compile(rf"((?:{'|'.join(PACKAGES)})[\w.]*):(\w+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a module may use.

    Attributes:
        ours: packages and modules of this project that may be imported, with all below them.
        banned: top-level packages of others that may not.
        calls: functions that may not be called, as they are written.
        coroutines: whether ``async`` may stand in it.
    """

    ours: tuple[str, ...]
    banned: frozenset[str] = field(default=frozenset())
    calls: frozenset[str] = field(default=frozenset())
    coroutines: bool = True


_CITIZEN = "mock_population_db.citizen"
# what the register is told and tells: plain values and tables, no I/O of its own
_WORDS = (
    "mock_population_db.changes",
    "mock_population_db.divisions",
    "mock_population_db.events",
    "mock_population_db.partial_date",
    "mock_population_db.rules.refusals",
    "mock_population_db.snapshot",
    "mock_population_db.stored",
)
_CORE = ("gateway.core", _CITIZEN, *_WORDS)
_FLOWS = ("gateway.flows", "mock_population_db.store.errors", *_CORE)
_EDGES = ("gateway.rpc", "gateway.store", "gateway.config", "gateway.telemetry", *_FLOWS)
_APP = (
    "gateway.engines",
    "gateway.datadir",
    "gateway.added_people",
    "gateway.policies",
    "mock_population_db",
    *_EDGES,
)
_CLIENTS = ("clients.cli", "clients.render")
_WORKERS = (
    "gateway.config",
    "gateway.frames",
    "gateway.reserving",
    "gateway.telemetry",
    "gateway.worker",
    "gateway.workers",
)
_COMMANDS = (
    "gateway.commands",
    "gateway.app",
    "gateway.frames",
    "gateway.reserving",
    "gateway.worker",
    "gateway.workers",
    "gateway.doctor",
    *_CLIENTS,
    *_APP,
)
_STORE = ("gateway.store", "gateway.flows", *_CORE)
_STATEMENTS = Rule((*_CORE, "dancu.v1"), _PURE, _CLOCKS | _STREAMS, coroutines=False)

RULES = {
    "gateway": Rule(()),  # the package itself
    "gateway.core": Rule(_CORE, _PURE | _GENERATED, _CLOCKS | _STREAMS, coroutines=False),
    "gateway.core.statement": _STATEMENTS,
    "gateway.core.disclosure": _STATEMENTS,
    "gateway.core.confirmations": _STATEMENTS,
    "gateway.core.history": _STATEMENTS,
    "gateway.core.changes": _STATEMENTS,
    "gateway.core.residence_bytes": _STATEMENTS,
    "gateway.core.key_set": _STATEMENTS,
    "gateway.core.reconciled": _STATEMENTS,
    "gateway.core.event_receipt": _STATEMENTS,
    "gateway.flows": Rule(_FLOWS, _DRIVERS | _OUTSIDE | _UNCERTAIN, _CLOCKS | _STREAMS),
    "gateway.rpc": Rule(("gateway.rpc", "gateway.flows", "gateway.reserving", "dancu", *_CORE)),
    "gateway.store": Rule(_STORE, frozenset({"grpc"})),
    # the key set's file is an envelope
    "gateway.store.keys": Rule((*_STORE, "dancu.v1.statement_pb2"), frozenset({"grpc"})),
    "gateway.config": Rule(()),
    "gateway.policies": Rule(("gateway.policies", *_CORE), _DRIVERS | _UNCERTAIN | {"asyncio"}),
    "gateway.telemetry": Rule(()),
    "gateway.datadir": Rule(_APP, frozenset({"grpc"})),
    "gateway.added_people": Rule(
        ("gateway.config", "gateway.engines", "gateway.store.locking", "mock_population_db"),
        frozenset({"grpc", *_DRIVERS}),
    ),
    "gateway.engines": Rule(
        ("gateway.engines", *_EDGES, "mock_population_db"), frozenset({"grpc"})
    ),
    "gateway.upkeep": Rule(("gateway.engines", *_APP), frozenset({"grpc"})),
    "gateway.resetting": Rule(("gateway.engines", *_APP), frozenset({"grpc"})),
    "gateway.services": Rule(("gateway.engines", "dancu", *_APP), frozenset({"grpc"})),
    "gateway.observe": Rule(("gateway.observe", *_EDGES)),
    "gateway.app": Rule(
        (
            "gateway.engines",
            "gateway.reserving",
            "gateway.upkeep",
            "gateway.services",
            "gateway.resetting",
            "gateway.observe",
            *_APP,
        )
    ),
    "gateway.doctor": Rule(("gateway.doctor", "dancu", *_APP)),
    # the process that keeps the workers must stay light
    "gateway.workers": Rule(_WORKERS, _DRIVERS),
    "gateway.worker": Rule(_WORKERS, _DRIVERS),
    "gateway.frames": Rule(()),
    "gateway.reserving": Rule(()),
    "gateway.commands": Rule(_COMMANDS),
    "gateway.commands.tree": Rule(("gateway.commands", "clients")),
    "gateway.cli": Rule(_COMMANDS),
    "mock_population_db": Rule(("mock_population_db",), frozenset({"grpc", "google"})),
    "clients": Rule(("clients", "dancu")),
}


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the project, by its dotted name."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


def rule_for(module: str) -> Rule:
    """The most specific rule."""
    return RULES[max((name for name in RULES if _is_in(module, name)), key=len)]


def complaints(module: str, source: str) -> list[str]:
    """What a module does that its rule does not allow, one line each."""
    rule = rule_for(module)
    return [
        f"{module}:{node.lineno} {what}"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.stmt | ast.expr)
        for what in _complaints_of(node, module, rule)
    ]


def _complaints_of(node: ast.stmt | ast.expr, module: str, rule: Rule) -> Iterator[str]:
    for target in _imported(node, module):
        top = target.partition(".")[0]
        if top in OURS and not any(_is_in(target, name) for name in rule.ours):
            yield f"may not import {target}"
        if top in rule.banned:
            yield f"may not use {top}"
    if isinstance(node, ast.Call) and (called := ast.unparse(node.func)) in rule.calls:
        yield f"may not call {called}"
    coroutine = isinstance(node, ast.AsyncFunctionDef | ast.AsyncFor | ast.AsyncWith | ast.Await)
    if coroutine and not rule.coroutines:
        yield "may not wait"


def _imported(node: ast.AST, module: str) -> Iterator[str]:
    """Dotted names that are imported; of ``from a import b``, and of ``"a:b"``, it is ``a.b``."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        above = module.split(".")[: -node.level] if node.level else []
        origin = ".".join([*above, *([node.module] if node.module else [])])
        yield from (f"{origin}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.Constant) and (place := _PLACE.fullmatch(str(node.value))):
        yield f"{place[1]}.{place[2]}"


def _is_in(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")
