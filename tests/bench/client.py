"""A real gRPC client: sees every status and keeps every answer."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import grpc

from dancu.v1.evidence_service_pb2 import GetCheckpointRequest, GetCheckpointResponse
from tests.bench.errors import BenchError

_CALL_SECONDS = 60.0
_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),  # else all channels share one connection
    ("grpc.max_receive_message_length", -1),
]


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers, in the order of the requests."""

    answers: list[bytes]
    seconds: float


def ask(
    address: str, method: str, requests: Sequence[bytes], *, connections: int, in_flight: int
) -> Answers:
    """Send every request once, over several connections, some at a time on each.

    Raises:
        BenchError: a call failed.
    """
    with ExitStack() as stack:
        channels = [
            stack.enter_context(grpc.insecure_channel(address, options=_OPTIONS))
            for _ in range(connections)
        ]
        calls: list[grpc.UnaryUnaryMultiCallable[bytes, bytes]] = [
            channel.unary_unary(f"/{method}") for channel in channels
        ]
        pool = stack.enter_context(ThreadPoolExecutor(connections * in_flight))

        def one(at: int) -> bytes:
            answer: bytes = calls[at % connections](requests[at], timeout=_CALL_SECONDS)
            return answer

        began = time.monotonic()
        try:
            answers = list(pool.map(one, range(len(requests))))
        except grpc.RpcError as error:
            raise BenchError(f"{method}: {error}") from error
        return Answers(answers, time.monotonic() - began)


def log_size(address: str) -> int:
    """How many leaves a gateway's log has."""
    request = GetCheckpointRequest().SerializeToString()
    found = ask(
        address, "dancu.v1.EvidenceService/GetCheckpoint", [request], connections=1, in_flight=1
    )
    checkpoint = GetCheckpointResponse.FromString(found.answers[0]).checkpoint
    return int(checkpoint.splitlines()[1])
