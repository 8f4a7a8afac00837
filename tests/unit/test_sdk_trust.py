"""Whom the SDK believes: pinned roots, changing keys, first use, and nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.receipts import Refusal, TrustError
from clients.sdk import Gateway, Trust, UntrustedAnswer
from dancu.v1 import statement_pb2
from tests.unit.client_fake_gateway import AN, CONTEXT, FakeGateway
from tests.unit.client_signing import Key, root_file


def connect(fake: FakeGateway, trust: Trust, audience: str | None = None) -> Gateway:
    """A connection."""
    return Gateway.connect(fake.target, trust=trust, context=CONTEXT, audience=audience)


async def refusal_of(gateway: Gateway) -> Refusal:
    """Why one answer is not trusted."""
    with pytest.raises(UntrustedAnswer) as caught:
        await gateway.verify_identity(**AN)
    return caught.value.refusal


def _flip_value(signed: statement_pb2.SignedStatement) -> None:
    value = bytearray(signed.statement.value)
    value[-1] ^= 1
    signed.statement.value = bytes(value)


def _other_type(signed: statement_pb2.SignedStatement) -> None:
    signed.statement.type_url = "type.googleapis.com/dancu.v1.Citizen"


def _no_proof(signed: statement_pb2.SignedStatement) -> None:
    signed.ClearField("log_proof")


def _nothing(signed: statement_pb2.SignedStatement) -> None:
    signed.Clear()


@pytest.mark.parametrize(
    ("spoil", "refusal"),
    [
        (_flip_value, Refusal.SIGNATURE_INVALID),
        (_other_type, Refusal.TYPE_NOT_ALLOWED),
        (_no_proof, Refusal.LOG_PROOF_MISSING),
        (_nothing, Refusal.ENVELOPE_MALFORMED),
    ],
)
async def test_spoiled_answers(
    fake: FakeGateway,
    spoil: Callable[[statement_pb2.SignedStatement], None],
    refusal: Refusal,
) -> None:
    """An answer that does not verify is not handed over, and the error says why."""
    fake.spoil = spoil
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        assert await refusal_of(gateway) is refusal


async def test_replayed_answer(fake: FakeGateway) -> None:
    """A genuine answer to another request, even with the same claim, answers nothing."""
    kept: list[statement_pb2.SignedStatement] = []

    def replay(signed: statement_pb2.SignedStatement) -> None:
        kept.append(statement_pb2.SignedStatement())
        kept[-1].CopyFrom(signed)
        signed.CopyFrom(kept[0])

    fake.spoil = replay
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
        assert await refusal_of(gateway) is Refusal.CONTEXT_MISMATCH


async def test_answer_of_another_kind(fake: FakeGateway) -> None:
    """A signed look-up does not pass for a verification."""

    def swap(signed: statement_pb2.SignedStatement) -> None:
        if signed.statement.type_url.endswith("IdentityVerification"):
            signed.CopyFrom(looked_up[0])

    looked_up: list[statement_pb2.SignedStatement] = []
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        answer = await gateway.lookup_citizen(**AN)
        looked_up.append(statement_pb2.SignedStatement.FromString(answer.evidence.receipt))
        fake.spoil = swap
        assert await refusal_of(gateway) is Refusal.CONTEXT_MISMATCH


async def test_answer_to_another_caller(fake: FakeGateway) -> None:
    """A caller that knows its own id refuses what was stated to others."""
    async with connect(fake, Trust.pinned([fake.root.key_id]), "somebody-else") as gateway:
        assert await refusal_of(gateway) is Refusal.CONTEXT_MISMATCH


async def test_other_root(fake: FakeGateway) -> None:
    """Who is not signed for by the pinned root is not believed."""
    stranger = Key(statement_pb2.KEY_ROLE_ROOT)
    async with connect(fake, Trust.pinned([stranger.key_id])) as gateway:
        assert await refusal_of(gateway) is Refusal.KEYSET_UNTRUSTED


async def test_new_key_is_fetched(fake: FakeGateway) -> None:
    """When the gateway changes its key, the next answer brings the new key set along."""
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
        fake.new_signer()
        answers = await asyncio.gather(*(gateway.verify_identity(**AN) for _ in range(5)))
        assert {each.evidence.key_id for each in answers} == {fake.signer.key_id}
        assert (await gateway.key_set()).version == 2
    assert fake.count("GetKeySet") == 2


async def test_key_that_nobody_published(fake: FakeGateway) -> None:
    """A key that the newest key set does not list either is not believed."""
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
        fake.spoil = lambda signed: signed.signatures[0].__setattr__("key_id", "A" * 43)
        assert await refusal_of(gateway) is Refusal.KEY_UNKNOWN
    assert fake.count("GetKeySet") == 2


async def test_key_set_goes_back(fake: FakeGateway) -> None:
    """A key set older than the one in use is refused."""
    fake.key_set_version = 7
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
        fake.new_signer()
        fake.key_set_version = 6
        assert await refusal_of(gateway) is Refusal.KEYSET_ROLLBACK


async def test_new_checkpoint_key_is_fetched(fake: FakeGateway) -> None:
    """A log that is signed by a new key brings the new key set along, too."""
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
        fake.checkpointer = Key(statement_pb2.KEY_ROLE_CHECKPOINT)
        fake.key_set_version += 1
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("GetKeySet") == 2


async def test_key_set_goes_back_for_another_connection(fake: FakeGateway) -> None:
    """What one connection has seen, no other of this process forgets."""
    fake.key_set_version = 7
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
    fake.key_set_version = 6
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        assert await refusal_of(gateway) is Refusal.KEYSET_ROLLBACK


async def test_key_set_file_of_yesterday(fake: FakeGateway) -> None:
    """A file that is older than what this process has seen is replaced by a fetched key set."""
    old = fake.key_set().SerializeToString()
    fake.new_signer()
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        await gateway.verify_identity(**AN)
    async with connect(fake, Trust.pinned([fake.root.key_id], key_set=old)) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
        assert (await gateway.key_set()).version == 2


async def test_expired_key_set_file(fake: FakeGateway) -> None:
    """An expired key set that was given as a file is replaced by a fresh one."""
    fake.key_set_age = 31
    old = fake.key_set().SerializeToString()
    fake.key_set_age, fake.key_set_version = 0, 2
    async with connect(fake, Trust.pinned([fake.root.key_id], key_set=old)) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("GetKeySet") == 1


async def test_key_set_that_stays_expired(fake: FakeGateway) -> None:
    """A fresh answer under an expired key set is not handed over: nothing excuses it."""
    fake.key_set_age = 31
    async with connect(fake, Trust.pinned([fake.root.key_id])) as gateway:
        assert await refusal_of(gateway) is Refusal.KEYSET_EXPIRED


async def test_files(fake: FakeGateway, tmp_path: Path) -> None:
    """With root.pub and keyset.binpb from the data directory nothing is fetched."""
    root, keys = tmp_path / "root.pub", tmp_path / "keyset.binpb"
    root.write_text(root_file(fake.root))
    keys.write_bytes(fake.key_set().SerializeToString())
    async with connect(fake, Trust.from_files(root, keys)) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("GetKeySet") == 0


def test_root_file_without_roots(tmp_path: Path) -> None:
    """An empty root.pub pins nothing, and must not pass for one that does."""
    (tmp_path / "root.pub").write_text("# nobody\n")
    with pytest.raises(TrustError):
        Trust.from_files(tmp_path / "root.pub")


async def test_first_use_is_told(fake: FakeGateway) -> None:
    """On first use the root is taken over, once, and whoever asked for that is told."""
    told: list[frozenset[str]] = []
    async with connect(fake, Trust.on_first_use(told.append)) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
        fake.new_signer()
        assert (await gateway.verify_identity(**AN)).verified
    assert told == [frozenset({fake.root.key_id})]


async def test_first_use_is_logged(fake: FakeGateway, caplog: pytest.LogCaptureFixture) -> None:
    """Unless told otherwise, the warning that nothing was pinned goes to the log."""
    with caplog.at_level(logging.WARNING):
        async with connect(fake, Trust.on_first_use()) as gateway:
            await gateway.verify_identity(**AN)
    assert "nothing was pinned" in caplog.text
    assert fake.root.key_id in caplog.text


async def test_second_use_is_not_first_use(fake: FakeGateway) -> None:
    """After the first use another root is as unknown as if the first had been pinned."""
    async with connect(fake, Trust.on_first_use(lambda _: None)) as gateway:
        await gateway.verify_identity(**AN)
        fake.root = Key(statement_pb2.KEY_ROLE_ROOT)
        fake.new_signer()
        assert await refusal_of(gateway) is Refusal.KEYSET_UNTRUSTED


async def test_first_use_of_garbage(fake: FakeGateway) -> None:
    """Even on first use a key set must be signed by the root that it names."""
    trust = Trust.on_first_use(lambda _: None, key_set=b"\x01garbage")
    async with connect(fake, trust) as gateway:
        assert await refusal_of(gateway) is Refusal.KEYSET_UNTRUSTED
