"""What a command imports before it does anything."""

import subprocess
import sys

import pytest

# with what it is about, and what nobody who runs it waits for: another command's, or an option's
_COMMANDS = {
    "dev": (
        "gateway.app",
        {"clients", "gateway.doctor", "gateway.engines.postgres", "mock_population_db.generate"}
        | {"asyncpg", "cryptography.x509", "joserfc", "numpy", "opentelemetry", "rich.progress"},
    ),
    "verify": (
        "clients.sdk",
        {"gateway.app", "gateway.core", "gateway.rpc", "gateway.store", "mock_population_db"}
        | {"aiosqlite", "numpy", "prometheus_client", "structlog", "uvloop"},
    ),
}
_PRINT_MODULES = """
import sys, typer
from gateway.commands.tree import app
typer.main.get_command(app).commands[sys.argv[1]]
print(*sys.modules)
"""


def _told_by(code: str, *arguments: str) -> frozenset[str]:
    """The modules that a process has loaded, which it prints."""
    line = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(line, capture_output=True, text=True, check=True)  # noqa: S603 - our own
    return frozenset(done.stdout.split())


@pytest.mark.parametrize("command", _COMMANDS)
def test_a_command_imports_no_other(command: str) -> None:
    """Nothing else is loaded when a command is about to run than what it always needs."""
    own, others = _COMMANDS[command]
    found = _told_by(_PRINT_MODULES, command)
    assert own in found
    assert sorted(found & others) == []


def test_the_tree_imports_no_command() -> None:
    """What there is can be told without any of it: neither half is loaded, nor what is drawn."""
    found = _told_by("import gateway.commands.tree, sys; print(*sys.modules)")
    assert sorted(found & {"clients", "gateway.app", "grpc", "rich"}) == []
