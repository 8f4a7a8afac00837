"""The channel: bytes out, bytes back, in time or not at all.

Nothing is serialised or parsed here. The gateway signs the digest of the request's bytes, so
the bytes that were sent are the ones to compare with, not a message made again from them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import NamedTuple

import grpc

from clients.sdk.credentials import Credentials
from clients.sdk.errors import Refused, Unreachable, from_rpc_error, is_passing
from clients.sdk.request_signature import METADATA_KEY, sign_request

MAX_ANSWER_BYTES = 16 * 2**20
"""A batch of 1,000 items with long names stays well under it; gRPC's own limit is 4 MiB."""

_ATTEMPTS = 4
_SHORTEST_PAUSE = 0.05  # seconds; doubled with every attempt, should the gateway name less
_LONGEST_PAUSE = 2.0  # seconds
_TOO_MANY = "TOO_MANY_CALLS"  # a balancer before the gateways has only UNAVAILABLE to say it with
_GRACE = 1.0  # seconds; grpc.aio was seen never to tell of a deadline that had passed

_SIGNED = "/dancu.v1.PopulationEventService/"
"""Callers that authenticate by token sign each request to this service."""

# Reads may be sent again: each attempt is answered and recorded for itself; events, too, for they
# are known by their request id. gRPC does it only where the first attempt brought nothing back,
# within the same deadline.
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            "name": [
                {"service": "dancu.v1.IdentityService"},
                {"service": "dancu.v1.ResidenceService"},
                {"service": "dancu.v1.EvidenceService"},
                {"service": "dancu.v1.PopulationEventService"},
                {"service": "dancu.v1.SyncService", "method": "UpdateWatchedCitizens"},
                {"service": "dancu.control.v1.SimulatorService"},
            ],
            "retryPolicy": {
                "maxAttempts": _ATTEMPTS,
                "initialBackoff": "0.1s",
                "maxBackoff": "1s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ]
}

# Pings find a dead connection under a long call. Between calls none are sent: servers cut off
# callers that ping without asking anything; a lost idle connection is made anew by the next call.
_OPTIONS = [
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # of gRPC's own pings, too: while one of those is out, no keepalive ping is sent
    ("grpc.http2.ping_timeout_ms", 10_000),
    ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
    # a connection of its own: gRPC would put all channels of a process onto one, and a gateway
    # takes 32 calls and streams at once from each connection
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5_000),
]


class Reply(NamedTuple):
    """What came back.

    Attributes:
        raw: The answer's bytes.
        trailers: What the gateway said beside it, of which nothing is signed.
    """

    raw: bytes
    trailers: Mapping[str, str]


class Transport:
    """One channel to one gateway. Close it when done."""

    def __init__(self, target: str, credentials: Credentials | None, timeout: float) -> None:
        self.target = target
        self.timeout = timeout
        self._tokens = credentials.tokens if credentials else None
        secure = credentials.channel if credentials else None
        self._secure = secure is not None
        self._channel = (
            grpc.aio.insecure_channel(target, _OPTIONS)
            if secure is None
            else grpc.aio.secure_channel(target, secure, _OPTIONS)
        )

    async def close(self) -> None:
        """Close the channel; calls under way are cancelled."""
        await self._channel.close()

    async def call(self, method: str, request: bytes) -> bytes:
        """As ``ask``, for those who want the answer's bytes alone."""
        return (await self.ask(method, request)).raw

    async def insist(self, method: str, request: bytes, patience: float) -> Reply:
        """As ``ask``, and while nobody answers the same bytes again, for ``patience`` seconds."""
        now = asyncio.get_running_loop().time
        end, pause = now() + patience, _SHORTEST_PAUSE
        while True:
            try:
                return await self.ask(method, request)
            except (Unreachable, Refused) as failure:
                if not is_passing(failure) or now() + pause > end:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def ask(self, method: str, request: bytes) -> Reply:
        """Send a request and wait for the answer.

        UNAVAILABLE is tried again by gRPC itself. Here a call is tried again when the gateway
        was too busy and said when to come back, if that is within the deadline.

        Args:
            method: ``/package.Service/Method``.
            request: The message's bytes, sent as they are.

        Raises:
            Refused: The gateway answered with another status than OK.
            Unreachable: Nobody answered in time.
        """
        now = asyncio.get_running_loop().time
        deadline = now() + self.timeout
        # no serializers: bytes both ways
        send: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = self._channel.unary_unary(method)
        for attempt in range(_ATTEMPTS):
            sent = send(request, timeout=deadline - now(), metadata=self._metadata(method, request))
            try:
                async with asyncio.timeout_at(deadline + _GRACE):
                    return Reply(await sent, _texts(await sent.trailing_metadata()))
            except TimeoutError:
                raise self._lost() from None
            except grpc.aio.AioRpcError as error:
                failure = from_rpc_error(error, self.target, secure=self._secure)
                pause = _pause(failure, attempt)
                if pause is None or now() + pause >= deadline:
                    raise failure from error
                await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    def _lost(self) -> Unreachable:
        code = grpc.StatusCode.DEADLINE_EXCEEDED
        return Unreachable(self.target, code, "no word of it in time", secure=self._secure)

    def converse(self, method: str) -> grpc.aio.StreamStreamCall[bytes, bytes]:
        """Open a stream of bytes both ways. It has no deadline, and is not tried again here."""
        open_stream: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
        open_stream = self._channel.stream_stream(method)
        return open_stream(metadata=self._metadata(method, b""))

    def listen(self, method: str, request: bytes) -> grpc.aio.UnaryStreamCall[bytes, bytes]:
        """Open a stream of bytes back. It has no deadline, and is not tried again here."""
        open_stream: grpc.aio.UnaryStreamMultiCallable[bytes, bytes]
        open_stream = self._channel.unary_stream(method)
        return open_stream(request, metadata=self._metadata(method, request))

    def failure(self, error: grpc.aio.AioRpcError) -> Refused | Unreachable:
        """What the failure of a stream means."""
        return from_rpc_error(error, self.target, secure=self._secure)

    def _metadata(self, method: str, request: bytes) -> tuple[tuple[str, str], ...]:
        if self._tokens is None:
            return ()
        bearer = ("authorization", f"Bearer {self._tokens.token()}")
        if not method.startswith(_SIGNED):
            return (bearer,)
        return bearer, (METADATA_KEY, sign_request(self._tokens, request))


def _texts(metadata: grpc.aio.Metadata) -> dict[str, str]:
    """What is text of a call's metadata."""
    return {str(key): value for key, value in metadata or () if isinstance(value, str)}


def _pause(failure: Refused | Unreachable, attempt: int) -> float | None:
    """Seconds to wait before the next attempt; None when there is to be none."""
    if attempt + 1 == _ATTEMPTS or not isinstance(failure, Refused):
        return None
    exhausted = failure.code is grpc.StatusCode.RESOURCE_EXHAUSTED or failure.reason == _TOO_MANY
    if not exhausted or failure.retry_after is None:
        return None
    return max(failure.retry_after, _SHORTEST_PAUSE * (1 << attempt))
