"""How the SDK fails: which error, what it tells, and when a call is tried again."""

from __future__ import annotations

import asyncio
import socket
import time

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc import error_details_pb2 as details

from clients.sdk import DancuError, Gateway, Refused, Trust, Unreachable, Violation, transport
from tests.unit.client_fake_gateway import AN, CONTEXT, FakeGateway, refusal

SOON = details.RetryInfo(retry_delay=Duration(nanos=10_000_000))
LATER = details.RetryInfo(retry_delay=Duration(seconds=3600))
BUSY = refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS", SOON)


def connect(fake: FakeGateway, timeout: float = 10) -> Gateway:
    """A connection."""
    trust = Trust.pinned([fake.root.key_id])
    return Gateway.connect(fake.target, trust=trust, context=CONTEXT, timeout=timeout)


async def failure_of(fake: FakeGateway, within: float = 10) -> DancuError:
    """How one call fails."""
    async with connect(fake, within) as gateway:
        with pytest.raises(DancuError) as caught:
            await gateway.verify_identity(**AN)
    return caught.value


async def test_refused_tells_whose_side_which_rule_and_the_trace(fake: FakeGateway) -> None:
    """What stands beside the reason arrives, and what is missing there is empty."""
    told = {"side": "caller", "officer_vi": "Báo kỹ thuật", "rule": "p.toml:3", "trace": "ab" * 16}
    info = details.ErrorInfo(reason="RPC_NOT_GRANTED", domain="dancu", metadata=told)
    fake.fail_with = [
        (grpc.StatusCode.PERMISSION_DENIED, (info,)),
        refusal(grpc.StatusCode.PERMISSION_DENIED, "RPC_NOT_GRANTED"),
    ]
    for expected in (told, dict.fromkeys(told, "")):
        error = await failure_of(fake)
        assert isinstance(error, Refused)
        assert {name: getattr(error, name) for name in told} == expected


async def test_refused_tells_everything(fake: FakeGateway) -> None:
    """All the error details that dancu sends arrive in one error."""
    violation = details.BadRequest.FieldViolation(
        field="claim.full_name",
        description="empty",
        reason="EMPTY",
        localized_message=details.LocalizedMessage(locale="vi", message="trống"),
    )
    fake.fail_with = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
            details.BadRequest(field_violations=[violation]),
            details.LocalizedMessage(locale="vi", message="Sai dữ liệu"),
            details.LocalizedMessage(locale="en-GB", message="Wrong data"),
            details.DebugInfo(detail="of no interest"),
        )
    ]
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert (error.reason, error.code) == ("INVALID_FIELD", grpc.StatusCode.INVALID_ARGUMENT)
    assert error.violations == (Violation("claim.full_name", "empty", "trống", "EMPTY"),)
    assert (error.message_vi, error.message_en) == ("Sai dữ liệu", "Wrong data")
    assert error.retry_after is None
    assert str(error) == "INVALID_FIELD - Wrong data - claim.full_name: empty"


async def test_quota(fake: FakeGateway) -> None:
    """A used-up quota says which one and until when, and is not tried again before that."""
    quota = details.QuotaFailure.Violation(subject="caller:demo", description="10000 a day")
    fake.fail_with = [
        refusal(
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            "QUOTA_EXCEEDED",
            details.QuotaFailure(violations=[quota]),
            LATER,
        )
    ]
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert error.violations == (Violation("caller:demo", "10000 a day"),)
    assert error.retry_after == 3600
    assert fake.count("VerifyIdentity") == 1


async def test_busy_gateway_is_asked_again(fake: FakeGateway) -> None:
    """RESOURCE_EXHAUSTED with a short RetryInfo is waited for."""
    fake.fail_with = [BUSY, BUSY]
    async with connect(fake) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("VerifyIdentity") == 3


async def test_a_balancer_before_busy_gateways(fake: FakeGateway) -> None:
    """It has only UNAVAILABLE to say so: RetryInfo holds for it, too, not gRPC's own retries."""
    busy = refusal(grpc.StatusCode.UNAVAILABLE, "TOO_MANY_CALLS", SOON)
    fake.trailers = (("grpc-retry-pushback-ms", "-1"),)
    fake.fail_with = [busy] * 2
    async with connect(fake) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("VerifyIdentity") == 3
    fake.fail_with = [busy] * 9
    assert isinstance(await failure_of(fake), Refused)
    assert fake.count("VerifyIdentity") == 3 + 4


async def test_busy_for_ever(fake: FakeGateway) -> None:
    """A gateway that stays busy is given up after four attempts."""
    fake.fail_with = [BUSY] * 9
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert error.reason == "TOO_MANY_CALLS"
    assert fake.count("VerifyIdentity") == 4


async def test_busy_without_retry_info(fake: FakeGateway) -> None:
    """Without RetryInfo asking again is no use."""
    fake.fail_with = [refusal(grpc.StatusCode.RESOURCE_EXHAUSTED, "BATCH_TOO_LARGE")]
    await failure_of(fake)
    assert fake.count("VerifyIdentity") == 1


async def test_unavailable_is_retried(fake: FakeGateway) -> None:
    """UNAVAILABLE passes unseen when the gateway is back in time."""
    fake.fail_with = [(grpc.StatusCode.UNAVAILABLE, ())] * 2
    async with connect(fake) as gateway:
        assert (await gateway.verify_identity(**AN)).verified
    assert fake.count("VerifyIdentity") == 3


async def test_unavailable_with_a_reason(fake: FakeGateway) -> None:
    """A gateway that says why it is unavailable has been reached: Refused."""
    fake.fail_with = [refusal(grpc.StatusCode.UNAVAILABLE, "RECORD_STORE_UNAVAILABLE")] * 4
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert error.reason == "RECORD_STORE_UNAVAILABLE"


async def test_refused_for_good_is_not_retried(fake: FakeGateway) -> None:
    """PERMISSION_DENIED is asked once."""
    fake.fail_with = [refusal(grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_GRANTED")]
    await failure_of(fake)
    assert fake.count("VerifyIdentity") == 1


async def test_nobody_listens() -> None:
    """An address where nobody listens is Unreachable, and named."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        target = f"127.0.0.1:{reserved.getsockname()[1]}"
        trust = Trust.pinned(["root"])
        async with Gateway.connect(target, trust=trust, context=CONTEXT, timeout=2) as gateway:
            with pytest.raises(Unreachable, match=target) as caught:
                await gateway.verify_identity(**AN)
    assert caught.value.code is grpc.StatusCode.UNAVAILABLE


async def test_deadline() -> None:
    """A gateway that does not answer in time is Unreachable."""
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = f"127.0.0.1:{silent.getsockname()[1]}"
        trust = Trust.pinned(["root"])
        async with Gateway.connect(target, trust=trust, context=CONTEXT, timeout=0.2) as gateway:
            with pytest.raises(Unreachable) as caught:
                await gateway.verify_identity(**AN)
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
    assert time.monotonic() - begun < 2


async def test_no_gateway_of_dancu(fake: FakeGateway) -> None:
    """A status without details is named by its code: something else answered."""
    fake.fail_with = [(grpc.StatusCode.UNIMPLEMENTED, ())]
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert error.reason == "UNIMPLEMENTED"


async def test_details_that_do_not_parse(fake: FakeGateway) -> None:
    """Broken details do not hide the status."""
    fake.fail_with = [refusal(grpc.StatusCode.PERMISSION_DENIED, "CALLER_NOT_GRANTED")]
    fake.trailer = b"\xff\xff"
    error = await failure_of(fake)
    assert isinstance(error, Refused)
    assert error.reason == "PERMISSION_DENIED"


async def test_a_call_that_grpc_loses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for ever for a call whose end grpc.aio does not tell."""
    monkeypatch.setattr(transport, "_GRACE", 0.01)
    channel = transport.Transport("localhost:1", None, 0.01)
    waiting = asyncio.get_running_loop().create_future
    monkeypatch.setattr(channel._channel, "unary_unary", lambda _: lambda *_, **__: waiting())
    with pytest.raises(Unreachable) as caught:
        await channel.call("/dancu.v1.IdentityService/VerifyIdentity", b"")
    await channel.close()
    assert caught.value.code is grpc.StatusCode.DEADLINE_EXCEEDED
