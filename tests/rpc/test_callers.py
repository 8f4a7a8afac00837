"""Who may call: certificates and tokens over real connections, and changes while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from clients.cli_errors import refusal_text
from clients.sdk import Credentials, Gateway, Refused
from gateway import app, datadir
from gateway.config import Auth, DevConfig
from gateway.core.caller import Caller
from gateway.rpc.server import ACCEPTORS
from gateway.store.authority import TestAuthority
from gateway.store.callers import change_caller, list_callers
from gateway.store.credentials import issue_credentials
from tests.rpc.gateways import CONTEXT, Running, audited
from tests.rpc.raw import Failure, failure_of
from tests.rpc.strict import (
    Strict,
    ask,
    bearer,
    request,
    served_certificate,
    strictly_serving,
    unit_of,
    verify,
)


@pytest.fixture
async def strict(data_dir: Path) -> AsyncIterator[Strict]:
    """A strict gateway with the callers H26 and H29."""
    async with strictly_serving(data_dir) as running:
        yield running


def change(strict: Strict, caller: str, **fields: object) -> None:
    """What a command does beside a running gateway."""
    path = strict.data_dir / "callers.db"
    change_caller(path, caller, lambda old: replace(old, **fields), datetime.now(UTC))  # type: ignore[arg-type]  # any field


def leaves(strict: Strict) -> int:
    """How many entries the log has."""
    return audited(strict.data_dir).leaves


async def test_an_enrolled_caller_is_answered(strict: Strict) -> None:
    """With its certificate, its token, its unit and its officer a caller gets its answer."""
    for caller in ("H26", "H29"):
        async with strict.connect(caller) as gateway:
            answer = await verify(gateway)
            assert answer.verified
            assert answer.evidence.audience == caller


async def test_without_a_certificate(strict: Strict) -> None:
    """Whoever shows no certificate gets no connection."""
    async with strict.channel(None) as channel:
        failure = await failure_of(ask(channel, request(), bearer(strict.token("H26"))))
    assert failure == Failure(grpc.StatusCode.UNAVAILABLE)


async def test_a_certificate_of_another_authority(strict: Strict, tmp_path: Path) -> None:
    """A certificate that names the caller but was issued by somebody else gets no connection."""
    other = TestAuthority.create(tmp_path / "other", datetime.now(UTC))
    async with strict.channel("H26", other) as channel:
        failure = await failure_of(ask(channel, request(), bearer(strict.token("H26"))))
    assert failure == Failure(grpc.StatusCode.UNAVAILABLE)


async def test_a_certificate_that_is_not_registered(strict: Strict) -> None:
    """A new certificate of the right authority is refused until it is registered."""
    async with strict.channel("H26", strict.authority) as channel:
        failure = await failure_of(ask(channel, request(), bearer(strict.token("H26"))))
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_BINDING")


async def test_another_callers_token(strict: Strict) -> None:
    """A good certificate with another caller's token is refused, first time and every time."""
    token = strict.token("H29")
    async with strict.channel("H29") as owner:
        assert await ask(owner, request("H29"), bearer(token))
    async with strict.channel("H26") as thief:
        for _ in range(2):  # the second time the token is in the cache
            failure = await failure_of(ask(thief, request("H29"), bearer(token)))
            assert failure.reason == "TOKEN_BINDING"


SPOOFED = {
    "nothing": (),
    "names in metadata": (
        ("x509_pem_cert", "H26"),
        ("x-forwarded-client-cert", "Subject=CN=H26"),
        ("x-caller", "H26"),
        ("authorization-bin", b"Bearer x"),
    ),
}


@pytest.mark.parametrize("metadata", SPOOFED.values(), ids=SPOOFED)
async def test_spoofed_metadata(
    strict: Strict, metadata: tuple[tuple[str, str | bytes], ...]
) -> None:
    """Nobody is taken for whom metadata names: without a token there is no caller."""
    async with strict.channel("H26") as channel:
        failure = await failure_of(ask(channel, request(), *metadata))  # type: ignore[arg-type]  # bytes in -bin
    assert (failure.code, failure.reason) == (grpc.StatusCode.UNAUTHENTICATED, "TOKEN_MISSING")


@pytest.mark.parametrize("text", ["Bearer ", "Basic SDI2Og==", "Bearer x.y.z", "TOKEN"])
async def test_other_authorizations(strict: Strict, text: str) -> None:
    """Only Bearer and a token are understood."""
    async with strict.channel("H26") as channel:
        failure = await failure_of(ask(channel, request(), ("authorization", text)))
    assert failure.reason == "TOKEN_MALFORMED"


async def test_two_tokens(strict: Strict) -> None:
    """Two tokens on one call are refused: nobody chooses between them."""
    tokens = (bearer(strict.token("H26")), bearer(strict.token("H29")))
    async with strict.channel("H26") as channel:
        failure = await failure_of(ask(channel, request(), *tokens))
    assert failure.reason == "TOKEN_MALFORMED"


async def test_a_huge_token(strict: Strict) -> None:
    """Metadata of 1 MB are refused, and the gateway goes on answering."""
    async with strict.channel("H26") as channel:
        failure = await failure_of(ask(channel, request(), bearer("x" * 2**20)))
        assert failure.code in {
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            grpc.StatusCode.UNAVAILABLE,
            grpc.StatusCode.UNAUTHENTICATED,
        }
        assert await ask(channel, request(), bearer(strict.token("H26")))


async def test_strangers_are_counted_and_leave_nothing(strict: Strict) -> None:
    """A refused token is neither entered in the log nor told in a log line."""
    before = leaves(strict)
    with capture_logs() as lines:
        async with strict.channel("H26") as channel:
            await failure_of(ask(channel, request(), bearer("x.y.z")))
    assert leaves(strict) == before
    assert lines == []


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (request(unit=unit_of("H29")), "UNIT_NOT_OF_CALLER"),
        (request(unit="000.00.01.H26"), "UNIT_NOT_OF_CALLER"),
        (request(officer="CB-2"), "OFFICER_UNKNOWN"),
    ],
)
async def test_refusals_of_callers_are_recorded(strict: Strict, sent: bytes, expected: str) -> None:
    """Another's unit, or an officer the unit does not know, is refused and entered in the log."""
    before = leaves(strict)
    async with strict.channel("H26") as channel:
        failure = await failure_of(ask(channel, sent, bearer(strict.token("H26"))))
    assert (failure.code, failure.reason) == (grpc.StatusCode.PERMISSION_DENIED, expected)
    assert leaves(strict) == before + 1


async def test_revoked_in_mid_run(strict: Strict) -> None:
    """A revoked caller's next call is refused on the same connection; others go on."""
    async with strict.connect("H26") as revoked, strict.connect("H29") as other:
        await verify(revoked)
        change(strict, "H26", active=False)
        with pytest.raises(Refused) as caught:
            await verify(revoked)
        assert caught.value.reason == "CALLER_REVOKED"
        assert (await verify(other)).verified


async def test_no_call_passes_after_a_revocation(strict: Strict) -> None:
    """Under load, no call that was begun after the revocation is answered."""
    revoked = False

    async def call(channel: grpc.aio.Channel, token: str) -> bool:
        begun_after = revoked
        try:
            await ask(channel, request(), bearer(token))
        except grpc.aio.AioRpcError:
            return False
        return begun_after

    async with strict.channel("H26") as channel:
        token = strict.token("H26")
        early = [asyncio.create_task(call(channel, token)) for _ in range(50)]
        await asyncio.sleep(0.02)
        change(strict, "H26", active=False)
        revoked = True
        late = [asyncio.create_task(call(channel, token)) for _ in range(50)]
        assert not any(await asyncio.gather(*early, *late))


async def test_rotated_key(strict: Strict, tmp_path: Path) -> None:
    """After a rotation the old key opens nothing, not even by a token that was let in before."""
    new = issue_credentials(tmp_path, "H26", "dancu-simulator", strict.authority, datetime.now(UTC))
    old_token = strict.token("H26")
    async with strict.channel("H26") as channel:
        assert await ask(channel, request(), bearer(old_token))
        old = _enrolled(strict, "H26").keys
        change(strict, "H26", keys=(new.jwk, *old))  # rotate-key --keep-old
        assert await ask(channel, request(), bearer(old_token))
        change(strict, "H26", keys=(new.jwk,), certificates=frozenset({new.thumbprint}))
        failure = await failure_of(ask(channel, request(), bearer(old_token)))
        assert failure.reason == "TOKEN_SIGNATURE"
    credentials = Credentials.from_file(tmp_path / "H26.toml")
    assert credentials.channel is not None
    assert credentials.tokens is not None
    async with grpc.aio.secure_channel(strict.address, credentials.channel) as channel:
        assert await ask(channel, request(), bearer(credentials.tokens.token()))


async def test_the_server_certificate_is_read_again(strict: Strict) -> None:
    """New connections see a new certificate without a restart; the one that stands goes on.

    Whichever of the servers that share the port takes them.
    """

    def served() -> set[bytes]:
        return {served_certificate(strict) for _ in range(ACCEPTORS)}

    async with strict.connect("H26") as gateway:
        await verify(gateway)
        before = await asyncio.to_thread(served)
        assert len(before) == 1
        strict.authority.issue_server(["localhost", "127.0.0.1"], datetime.now(UTC))
        after = await asyncio.to_thread(served)
        assert len(after) == 1
        assert after != before
        assert (await verify(gateway)).verified


async def test_half_of_a_new_certificate_is_not_used(strict: Strict) -> None:
    """While key and certificate do not belong together, the old pair stays in use."""
    before = await asyncio.to_thread(served_certificate, strict)
    key = strict.authority.folder / "server.key.pem"
    whole = key.read_bytes()
    key.write_bytes((strict.authority.folder / "ca.key.pem").read_bytes())
    assert await asyncio.to_thread(served_certificate, strict) == before
    key.write_bytes(whole[: len(whole) // 2])
    assert await asyncio.to_thread(served_certificate, strict) == before


async def test_a_registry_that_cannot_be_read_lets_nobody_in(strict: Strict) -> None:
    """When the registry is damaged nobody is let in on what it said before."""
    async with strict.channel("H26") as channel:
        token = bearer(strict.token("H26"))
        assert await ask(channel, request(), token)
        path = strict.data_dir / "callers.db"
        whole = path.read_bytes()
        path.write_bytes(b"no database" * 10)
        failure = await failure_of(ask(channel, request(), token))
        assert (failure.reason, failure.retry_after) == ("CALLERS_UNAVAILABLE", 1.0)
        path.write_bytes(whole)
        assert await ask(channel, request(), token)


async def test_the_simulators_switches_are_not_offered(strict: Strict) -> None:
    """A strict gateway has no personas to show unless it is told to."""
    async with grpc.aio.insecure_channel(strict.control) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            "/dancu.control.v1.SimulatorService/ListPersonas"
        )
        failure = await failure_of(call(b""))
    assert failure.code is grpc.StatusCode.UNIMPLEMENTED


async def test_tokens_on_loopback(data_dir: Path) -> None:
    """``dancu dev --auth token`` makes demo callers, and wants a token of one of them."""
    config = DevConfig(data_dir=data_dir, auth=Auth.TOKEN, port=0, control_port=0, log_port=0)
    prepared = datadir.prepare(config, lambda _done: None)
    async with app.running(config, prepared) as ready:
        running = Running.at(data_dir, ready)
        for caller in ("plain", "full"):
            credentials = Credentials.from_file(data_dir / "callers" / f"{caller}.toml")
            async with _connected(running, credentials) as gateway:
                assert (await verify(gateway)).evidence.audience == caller
        async with _connected(running, Credentials()) as gateway:
            with pytest.raises(Refused) as caught:
                await verify(gateway)
    assert caught.value.reason == "TOKEN_MISSING"
    assert "name a --credentials FILE" in refusal_text(caught.value)
    assert "Bearer" not in refusal_text(caught.value)


async def test_demo_callers_stay_as_they_are(data_dir: Path) -> None:
    """A second start enrols nobody again and takes no revocation back."""
    config = DevConfig(data_dir=data_dir, auth=Auth.TOKEN)
    datadir.prepare(config, lambda _done: None)
    change_caller(
        config.callers_path, "plain", lambda old: replace(old, active=False), datetime.now(UTC)
    )
    before = list_callers(config.callers_path)
    datadir.prepare(config, lambda _done: None)
    assert list_callers(config.callers_path) == before


def _connected(running: Running, credentials: Credentials) -> Gateway:
    return Gateway.connect(
        running.grpc, trust=running.trust, context=CONTEXT, credentials=credentials
    )


def _enrolled(strict: Strict, caller: str) -> Caller:
    return next(
        one.caller
        for one in list_callers(strict.data_dir / "callers.db")
        if one.caller.id == caller
    )
