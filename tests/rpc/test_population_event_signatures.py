"""Where callers authenticate by token, each report is signed, and the signature is kept."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest

from clients.sdk import Credentials, Gateway
from clients.sdk.credentials import TokenSource, token_source
from clients.sdk.request_signature import METADATA_KEY, sign_request
from dancu.v1 import population_event_pb2 as pb
from gateway.config import Auth
from gateway.core.request_signature import verify_request_signature
from gateway.engines.sqlite import submitted_events
from gateway.store.callers import list_callers
from tests.rpc.gateways import CONTEXT, Running, serving
from tests.rpc.raw import claim, failure_of, request_context, verify_request
from tests.support.events import ANNUL, GET, SUBMIT, annulling, asking_for, event, submitting

LOSS = event(card_loss=pb.CardLossEvent(person=claim()))
SENT = submitting(LOSS, request_context("E-1"))
VERIFY = "/dancu.v1.IdentityService/VerifyIdentity"


class Caller:
    """One demo caller on a connection of its own, that signs what it is told to."""

    def __init__(self, running: Running, channel: grpc.aio.Channel, name: str = "plain") -> None:
        self.tokens: TokenSource = token_source(running.data_dir / "callers" / f"{name}.toml")
        self._channel = channel

    async def send(self, method: str, sent: bytes, *signatures: str) -> bytes:
        """Send a request with these signatures beside it."""
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(method)
        metadata = [("authorization", f"Bearer {self.tokens.token()}")]
        metadata += [(METADATA_KEY, one) for one in signatures]
        return await ask(sent, timeout=10, metadata=metadata)

    async def reason(self, method: str, sent: bytes, *signatures: str) -> tuple[str, str]:
        """How such a call is refused."""
        failure = await failure_of(self.send(method, sent, *signatures))
        return failure.code.name, failure.reason


@pytest.fixture
async def running(data_dir: Path) -> AsyncIterator[Running]:
    """A gateway that asks for tokens."""
    async with serving(data_dir, auth=Auth.TOKEN) as ready:
        yield ready


@pytest.fixture
async def caller(running: Running) -> AsyncIterator[Caller]:
    """The plain caller."""
    async with grpc.aio.insecure_channel(running.grpc) as channel:
        yield Caller(running, channel)


async def test_a_signed_report_is_taken_in_with_its_signature(
    running: Running, caller: Caller
) -> None:
    """Years later the register's copy still verifies over the request that it keeps."""
    signature = sign_request(caller.tokens, SENT)
    await caller.send(SUBMIT, SENT, signature)
    (kept,) = submitted_events(running.data_dir / "population.db")
    assert kept.signature == signature
    request = kept.original.partition(b"\n")[2]
    assert request == SENT
    known = {one.caller.id: one.caller for one in list_callers(running.data_dir / "callers.db")}
    verify_request_signature(kept.signature, request, known["plain"].keys)


async def test_the_sdk_signs_by_itself(running: Running) -> None:
    """Submitting and annulling."""
    credentials = Credentials.from_file(running.data_dir / "callers" / "plain.toml")

    async with Gateway.connect(
        running.grpc, trust=running.trust, context=CONTEXT, credentials=credentials
    ) as gateway:
        reported = await gateway.submit_event(LOSS)
        annulled = await gateway.annul_event(
            reported.event_id, document=LOSS.document, reason="nhầm"
        )
    assert annulled.annulled_by
    kept = list(submitted_events(running.data_dir / "population.db"))
    assert all(one.signature for one in kept)
    assert len(kept) == 2


async def test_a_report_without_signature(running: Running, caller: Caller) -> None:
    """Is refused as unauthenticated, and nothing is recorded or counted against anybody."""
    missing = ("UNAUTHENTICATED", "REQUEST_SIGNATURE_MISSING")
    assert await caller.reason(SUBMIT, SENT) == missing
    assert await caller.reason(ANNUL, annulling("BD-1", request_context())) == missing
    assert list(submitted_events(running.data_dir / "population.db")) == []


async def test_signatures_that_do_not_hold(running: Running, caller: Caller) -> None:
    """Of another request, by another caller, two at once, none at all, changed on the way."""
    invalid = ("UNAUTHENTICATED", "REQUEST_SIGNATURE_INVALID")
    good = sign_request(caller.tokens, SENT)
    other = token_source(running.data_dir / "callers" / "full.toml")
    for signatures in (
        (sign_request(caller.tokens, submitting(LOSS, request_context("E-2"))),),
        (sign_request(other, SENT),),
        (good, good),
        ("",),
        (caller.tokens.token(),),
        (good[:-5] + "AAAAA",),
    ):
        assert await caller.reason(SUBMIT, SENT, *signatures) == invalid
    assert await caller.reason(SUBMIT, SENT + SENT[:2] + SENT[2 : 2 + SENT[1]], good) == invalid
    assert list(submitted_events(running.data_dir / "population.db")) == []


async def test_a_replayed_report_has_no_second_effect(running: Running, caller: Caller) -> None:
    """Whoever sends it again, with the same signature or a new one, gets the same answer."""
    first = await caller.send(SUBMIT, SENT, sign_request(caller.tokens, SENT))
    assert await caller.send(SUBMIT, SENT, sign_request(caller.tokens, SENT)) == first
    assert len(list(submitted_events(running.data_dir / "population.db"))) == 1


async def test_reading_needs_no_signature(caller: Caller) -> None:
    """Neither of an event nor of people."""
    await caller.send(VERIFY, verify_request().SerializeToString())
    asked = asking_for("BD-0000000001", request_context())
    assert await caller.reason(GET, asked) == ("NOT_FOUND", "EVENT_NOT_FOUND")


async def test_where_nobody_is_asked_for_credentials(data_dir: Path) -> None:
    """A signature cannot be verified: it is ignored, and not kept as if it were evidence."""
    async with serving(data_dir) as running, grpc.aio.insecure_channel(running.grpc) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(SUBMIT)
        await ask(SENT, timeout=10, metadata=[(METADATA_KEY, "a..b")])
    (kept,) = submitted_events(data_dir / "population.db")
    assert kept.signature == ""
    told = json.loads(kept.original.partition(b"\n")[0])
    assert told["named"] == [claim().personal_id]
