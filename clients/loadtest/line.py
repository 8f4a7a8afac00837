"""One caller's connections from one worker: bytes out, bytes back."""

from __future__ import annotations

import asyncio
from itertools import cycle
from pathlib import Path

import grpc

from clients.loadtest.lanes import Lanes
from clients.loadtest.scenario import Rpc
from clients.sdk.credentials import Credentials, TokenSource
from clients.sdk.requests import CallContext
from clients.sdk.transport import MAX_ANSWER_BYTES

Metadata = tuple[tuple[str, str], ...]
_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),  # else all channels share one connection
    ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
    ("grpc.enable_retries", 0),  # a call that fails has failed
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]


class Line:
    """The channels of one caller; calls take turns on them."""

    def __init__(
        self,
        server: str,
        credentials: Path | None,
        connections: int,
        context: CallContext,
        timeout: float,
    ) -> None:
        given = Credentials.from_file(credentials) if credentials else Credentials()
        self._tokens: TokenSource | None = given.tokens
        self._channels = [_channel(server, given.channel) for _ in range(connections)]
        self._calls = {rpc: cycle([_method(one, rpc) for one in self._channels]) for rpc in Rpc}
        self.metadata: Metadata = ()
        self.lanes = Lanes(cycle(self._channels), context, lambda: self.metadata, timeout)
        self.refresh()

    def refresh(self) -> None:
        """Take a new token when the old one gets old; to be called every second or so."""
        if self._tokens is not None:
            self.metadata = (("authorization", f"Bearer {self._tokens.token()}"),)

    async def connect(self, patience: float) -> None:
        """Connect every channel; TimeoutError when one cannot be in so many seconds."""
        async with asyncio.timeout(patience):
            await asyncio.gather(*(channel.channel_ready() for channel in self._channels))

    def call(self, rpc: Rpc) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
        """The method on the connection whose turn it is."""
        return next(self._calls[rpc])

    async def close(self) -> None:
        """End the sessions, then the connections."""
        await self.lanes.close()
        await asyncio.gather(*(channel.close() for channel in self._channels))


def _channel(server: str, secure: grpc.ChannelCredentials | None) -> grpc.aio.Channel:
    if secure is None:
        return grpc.aio.insecure_channel(server, _OPTIONS)
    return grpc.aio.secure_channel(server, secure, _OPTIONS)


def _method(channel: grpc.aio.Channel, rpc: Rpc) -> grpc.aio.UnaryUnaryMultiCallable[bytes, bytes]:
    """Bytes both ways: no serializers."""
    return channel.unary_unary(f"/dancu.v1.IdentityService/{rpc}")
