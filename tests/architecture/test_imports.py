"""The rooms of the house open one way only."""

import pytest

from tests.architecture.imports import RULES, complaints, modules

MODULES = dict(modules())


@pytest.mark.parametrize("module", MODULES)
def test_module_keeps_its_rule(module: str) -> None:
    """No module imports, calls or awaits what its room does not allow."""
    assert complaints(module, MODULES[module].read_text("utf-8")) == []


@pytest.mark.parametrize("room", RULES)
def test_rule_has_a_room(room: str) -> None:
    """Every rule is about a module or package that exists."""
    assert any(module == room or module.startswith(f"{room}.") for module in MODULES)


@pytest.mark.parametrize(
    ("module", "source", "found"),
    [
        ("gateway.core.policy", "import asyncio", "may not use asyncio"),
        ("gateway.core.policy", "import os.path", "may not use os"),
        ("gateway.core.policy", "def f():\n    import sqlite3", "may not use sqlite3"),
        ("gateway.core.policy", "from dancu.v1 import x_pb2", "may not import dancu.v1.x_pb2"),
        (
            "gateway.core.policy",
            "from ..flows import window",
            "may not import gateway.flows.window",
        ),
        ("gateway.core.policy", "at = datetime.now(UTC)", "may not call datetime.now"),
        ("gateway.core.policy", "text = open('x').read()", "may not call open"),
        ("gateway.core.policy", "async def f(): ...", "may not wait"),
        ("gateway.core.policy", "import mock_population_db.personas", "may not import mock_popu"),
        (
            "gateway.core.statement",
            "from dancu.control.v1 import x",
            "may not import dancu.control",
        ),
        ("gateway.flows.window", "import grpc.aio", "may not use grpc"),
        ("gateway.flows.window", "from gateway.store import log", "may not import gateway.store"),
        ("gateway.flows.window", "from gateway import store", "may not import gateway.store"),
        ("gateway.flows.window", "from mock_population_db.store import sqlite", "may not import"),
        ("gateway.rpc.edge", "from gateway.store import log", "may not import gateway.store.log"),
        ("gateway.store.log", "from gateway.rpc import wire", "may not import gateway.rpc.wire"),
        ("gateway.store.log", "from dancu.v1 import statement_pb2", "may not import dancu.v1"),
        ("gateway.config", "import gateway.core.model", "may not import gateway.core.model"),
        ("gateway.datadir", "from gateway.app import serve", "may not import gateway.app.serve"),
        ("gateway.app", "from gateway.cli import app", "may not import gateway.cli.app"),
        ("gateway.app", "from clients.cli import verify", "may not import clients.cli"),
        ("gateway.commands.dev", "from clients.sdk import Gateway", "may not import clients.sdk"),
        ("gateway.commands.dev", "import gateway.cli", "may not import gateway.cli"),
        ("gateway.commands.dev", "group('', {'a': 'clients.sdk:A'})", "may not import clients.sdk"),
        ("mock_population_db.citizen", "import gateway", "may not import gateway"),
        ("mock_population_db.citizen", "import dancu.v1", "may not import dancu.v1"),
        ("mock_population_db.citizen", "import clients", "may not import clients"),
        ("clients.sdk.gateway", "import gateway.rpc", "may not import gateway.rpc"),
        ("clients.cli", "from mock_population_db import citizen", "may not import mock_population"),
        ("clients.cli", "import tests.unit", "may not import tests.unit"),
    ],
)
def test_breach_is_found(module: str, source: str, found: str) -> None:
    """The checker sees what it is there to see."""
    (line,) = complaints(module, source)
    assert found in line


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("gateway.core.policy", "from gateway.core.errors import Refused\nimport hashlib"),
        ("gateway.core.statement", "from dancu.v1 import statement_pb2"),
        ("gateway.flows.window", "import asyncio\nasync def f(): ..."),
        ("gateway.cli", "from clients.cli import verify"),
        ("clients.sdk", "import grpc\nfrom dancu.v1 import x_pb2"),
    ],
)
def test_what_is_allowed_is_not_found(module: str, source: str) -> None:
    """The checker does not cry out at what the rules allow."""
    assert complaints(module, source) == []
