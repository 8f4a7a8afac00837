"""Keys change under load: not one answer that cannot be verified at the moment it is given."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from clients import cli_receipt
from clients.receipts import (
    Refusal,
    Result,
    TrustedKeySet,
    load_key_set,
    verify,
)
from dancu.v1 import evidence_service_pb2, identity_service_pb2
from gateway import app, datadir
from gateway.core.signing import Algorithm, Role
from gateway.store.keys import Plan
from gateway.store.keys.changing import list_keys, revoke, rotate
from tests.rpc.gateways import Running, build, serving
from tests.rpc.raw import VERIFY, RawClient, failure_of, verify_request

LEAD = timedelta(seconds=0.3)  # dates are whole seconds: a rotation takes up to 1.3 s
KEY_SET = "/dancu.v1.EvidenceService/GetKeySet"
ORDINARY: dict[str, Any] = {
    "personal_id": "079088000001",
    "full_name": "Trần Minh Khôi",
    "birth_date": "1988-03-14",
}

Answered = tuple[bytes, Refusal | None]


@pytest.fixture
def data_dir(built: Path, tmp_path: Path) -> Path:
    """A data directory with keys of its own.

    The SDK remembers for the whole process which version each root has reached.
    """
    made = tmp_path / "data"
    made.mkdir()
    shutil.copy(built / "population.db", made)
    return build(made)


async def ask(raw: RawClient) -> bytes:
    """One answer: the signed statement."""
    answer = await raw.send(VERIFY, verify_request().SerializeToString())
    signed = identity_service_pb2.VerifyIdentityResponse.FromString(answer).signed
    return signed.SerializeToString(deterministic=True)


async def fetch(raw: RawClient, running: Running) -> TrustedKeySet:
    """The key set that a client can fetch now."""
    answer = evidence_service_pb2.GetKeySetResponse.FromString(await raw.send(KEY_SET, b""))
    signed = answer.key_set.SerializeToString(deterministic=True)
    return load_key_set(signed, running.trust.anchor, datetime.now(UTC))


def refusal_of(receipt: bytes, key_set: TrustedKeySet, running: Running) -> Refusal | None:
    """Why an answer does not verify now; None when it does."""
    verdict = verify(receipt, key_set, at=datetime.now(UTC), trust=running.trust.anchor)
    return verdict.refusal


async def until_active(data_dir: Path, key_id: str) -> None:
    """Wait for a key's first moment."""
    begins = list_keys(data_dir)[0].key(key_id).not_before
    assert begins is not None
    await asyncio.sleep(max(0.0, (begins - datetime.now(UTC)).total_seconds()))


@contextlib.asynccontextmanager
async def callers(
    count: int, running: Running
) -> AsyncIterator[list[tuple[bytes, Refusal | None]]]:
    """Clients that call on and on, and verify each answer with the key set of that moment.

    They fetch a key set only when an answer names a key that theirs does not list; gives what
    they were answered, and why it was not believed.
    """
    answers: list[Answered] = []
    stop = asyncio.Event()

    async def call_on() -> None:
        async with RawClient(running) as raw:
            key_set = await fetch(raw, running)
            while not stop.is_set():
                receipt = await ask(raw)
                refusal = refusal_of(receipt, key_set, running)
                if refusal in (Refusal.KEY_UNKNOWN, Refusal.CHECKPOINT_SIGNATURE_INVALID):
                    key_set = await fetch(raw, running)
                    refusal = refusal_of(receipt, key_set, running)
                answers.append((receipt, refusal))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(count):
            tasks.create_task(call_on())
        try:
            yield answers
        finally:
            stop.set()


async def test_rotations_under_load(data_dir: Path) -> None:
    """Both keys change several times; each answer verifies, then and with the last key set."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        async with callers(4, running) as answers:
            for role in (Role.STATEMENT, Role.CHECKPOINT, Role.STATEMENT, Role.CHECKPOINT):
                new = await asyncio.to_thread(rotate, data_dir, role, datetime.now(UTC), LEAD)
                await until_active(data_dir, new.key_id)
            await asyncio.sleep(0.2)
        assert {refusal for _, refusal in answers} == {None}
        last = await fetch(raw, running)
        assert {refusal_of(receipt, last, running) for receipt, _ in answers} == {None}
    signers = {_signer(receipt) for receipt, _ in answers}
    statements = [key for key in list_keys(data_dir)[0].keys if key.role is Role.STATEMENT]
    assert signers == {key.key_id for key in statements}
    assert len(answers) > 50


async def test_two_gateways_follow_one_rotation(data_dir: Path) -> None:
    """What one of them signs verifies with the key set that the other serves."""
    async with (
        serving(data_dir) as one,
        serving(data_dir) as other,
        RawClient(one) as asked,
        RawClient(other) as trusted,
    ):
        new = rotate(data_dir, Role.STATEMENT, datetime.now(UTC), LEAD)
        await until_active(data_dir, new.key_id)
        receipt = await ask(asked)
        assert _signer(receipt) == new.key_id
        assert refusal_of(receipt, await fetch(trusted, other), other) is None


async def test_the_sdk_follows(data_dir: Path) -> None:
    """Connected before, it fetches the key set when a new key of either role turns up."""
    async with serving(data_dir) as running, running.connect() as gateway:
        versions = [(await gateway.key_set()).version]
        for role in (Role.STATEMENT, Role.CHECKPOINT):
            new = rotate(data_dir, role, datetime.now(UTC), LEAD)
            await until_active(data_dir, new.key_id)
            assert (await gateway.verify_identity(**ORDINARY)).verified
            versions.append((await gateway.key_set()).version)
    assert versions == [1, 2, 3]


async def test_old_receipts_and_key_sets(data_dir: Path, tmp_path: Path) -> None:
    """``dancu receipt verify --state``: an old receipt holds under the new key set.

    The old key set is refused from then on.
    """
    files = {name: tmp_path / name for name in ("old", "new", "old keys", "new keys")}
    files["old keys"].write_bytes((data_dir / "keyset.binpb").read_bytes())
    async with serving(data_dir) as running, RawClient(running) as raw:
        files["old"].write_bytes(await ask(raw))
        new_key = rotate(data_dir, Role.STATEMENT, datetime.now(UTC), LEAD)
        await until_active(data_dir, new_key.key_id)
        files["new"].write_bytes(await ask(raw))
    files["new keys"].write_bytes((data_dir / "keyset.binpb").read_bytes())

    def found(receipt: str, keys: str) -> tuple[int, str | None]:
        trusting = ["--keys", files[keys], "--root", data_dir / "root.pub"]
        asked = ["verify", files[receipt], *trusting, "--state", tmp_path / "state", "--json"]
        result = CliRunner().invoke(cli_receipt.app, list(map(str, asked)))
        return result.exit_code, json.loads(result.stdout).get("refusal")

    assert found("old", "old keys") == (0, None)
    assert found("new", "old keys") == (1, "KEY_UNKNOWN")
    assert found("new", "new keys") == (0, None)
    assert found("old", "new keys") == (0, None)
    assert found("old", "old keys") == (1, "KEYSET_ROLLBACK")


async def test_a_revoked_key_signs_no_more(data_dir: Path) -> None:
    """From the next answer on; what it signed before can no longer be decided."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        before = await ask(raw)
        now = datetime.now(UTC)
        revoke(data_dir, _signer(before), now, now)
        after = await ask(raw)
        key_set = await fetch(raw, running)
        assert refusal_of(after, key_set, running) is None
        trust = running.trust.anchor
        verdict = verify(before, key_set, at=datetime.now(UTC), trust=trust)
    assert (verdict.result, verdict.refusal) == (Result.INDETERMINATE, Refusal.KEY_REVOKED)


async def test_clock_before_every_key(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key is valid then: calls are refused, and answered again when the clock is right."""
    behind = timedelta(days=400)
    monkeypatch.setattr(app, "_now", lambda: datetime.now(UTC) - behind)
    async with serving(data_dir) as running, RawClient(running) as raw:
        failure = await failure_of(ask(raw))
        behind = timedelta()
        assert (failure.reason, failure.retry_after) == ("NO_ACTIVE_KEY", 1.0)
        assert refusal_of(await ask(raw), await fetch(raw, running), running) is None


async def test_statements_by_p256(tmp_path: Path) -> None:
    """Made with ES256 keys, a gateway answers as any other, and its answers verify."""
    datadir.prepare_keys(tmp_path, Plan(Algorithm.ES256))
    async with serving(build(tmp_path, size=0)) as running, running.connect() as gateway:
        answer = await gateway.verify_identity(**ORDINARY)
        key = (await gateway.key_set()).keys[answer.evidence.key_id]
    assert answer.verified
    assert key.public_key.thumbprint() == key.key_id
    assert {one.algorithm for one in list_keys(tmp_path)[0].keys if one.key_id == key.key_id} == {
        Algorithm.ES256
    }


async def test_a_gateway_without_its_root(tmp_path: Path) -> None:
    """With the root's key taken away it answers, and its log has the name that was signed."""
    datadir.prepare_keys(tmp_path / "data", Plan(root_dir=tmp_path / "medium"))
    async with serving(build(tmp_path / "data", size=0)) as running, running.connect() as gateway:
        assert (await gateway.verify_identity(**ORDINARY)).verified
        assert (await gateway.key_set()).version == 1


def _signer(receipt: bytes) -> str:
    message = identity_service_pb2.VerifyIdentityResponse().signed
    message.MergeFromString(receipt)
    return message.signatures[0].key_id
