"""The worked example does what it shows."""

# ruff: noqa: ASYNC240 - small local files, and no other task waits

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from clients import receipts
from clients.procedures.birth_certificate import Step, check_parent, main
from clients.sdk import Claim, Gateway, Trust
from tests.unit.client_fake_gateway import AN, CONTEXT, HOA, FakeGateway


@pytest.mark.parametrize(
    ("parent", "step"),
    [
        (AN, Step.ENTER),
        (HOA, Step.SEE_OFFICER),
        (AN | {"full_name": "Lê Văn Ân"}, Step.ASK_AGAIN),
    ],
    ids=["alive", "dead", "mismatch"],
)
async def test_birth_certificate(
    fake: FakeGateway, tmp_path: Path, parent: dict[str, Any], step: Step
) -> None:
    """Each answer leads to its step, and its receipt lies in the dossier and is valid."""
    trust = Trust.pinned([fake.root.key_id])
    async with Gateway.connect(fake.target, trust=trust, context=CONTEXT) as gateway:
        assert await check_parent(gateway, Claim(**parent), tmp_path) is step
    [kept] = tmp_path.glob("*.receipt")
    verdict = receipts.verify_offline(
        kept.read_bytes(),
        fake.key_set().SerializeToString(),
        at=datetime.now(UTC),
        trust=receipts.Trust(frozenset({fake.root.key_id})),
    )
    assert verdict.result is receipts.Result.VALID


async def test_birth_certificate_without_gateway(tmp_path: Path) -> None:
    """When nobody answers the dossier waits, and no receipt is made up."""
    trust = Trust.pinned(["root"])
    async with Gateway.connect("127.0.0.1:1", trust=trust, context=CONTEXT, timeout=1) as gateway:
        assert await check_parent(gateway, Claim(**AN), tmp_path) is Step.WAIT
    assert list(tmp_path.iterdir()) == []


async def test_birth_certificate_as_a_command(
    fake: FakeGateway, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The example runs as its docstring says."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer()
    app.command()(main)
    arguments = [*AN.values(), "--server", fake.target, "--data-dir", str(data_dir)]
    result = await asyncio.to_thread(CliRunner().invoke, app, arguments)
    assert result.stdout.startswith("ENTER: ")
