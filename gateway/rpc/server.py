"""The gRPC servers: services, health, reflection, limits and the graceful end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import error_details_pb2  # noqa: F401 - reflection must know the details' types
from grpc_health.v1 import health, health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gateway.rpc.edge import Edge, Limits

REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
# calls that gRPC holds until the edge takes them: a crowd must meet the edge's refusal, which
# says when to come back; beyond 1,000 gRPC would cancel calls at random by default
PENDING_CALLS = 20_000
LAME_SECONDS = 1.0  # new calls are answered for so long after the end was announced
_REFLECTION_METHOD = "ServerReflectionInfo"


class PortBusy(Exception):
    """The address cannot be listened on."""


class GrpcServer:
    """One server on one address."""

    def __init__(
        self,
        services: Mapping[ServiceDescriptor, object],
        edge: Edge,
        limits: Limits,
        *,
        shared: bool = False,
    ) -> None:
        """A server; ``shared``: others may listen on its port, too."""
        self._edge = edge
        self._server = grpc.aio.server(options=_options(limits, shared=shared))
        self._health = health.aio.HealthServicer()
        self._names = [descriptor.full_name for descriptor in services]
        for descriptor, servicer in services.items():
            self._server.add_generic_rpc_handlers((edge.service(descriptor, servicer),))
        self._server.add_generic_rpc_handlers((_health_handler(self._health),))
        _add_reflection(self._server, (*self._names, health.SERVICE_NAME))

    async def start(
        self, host: str, port: int, credentials: grpc.ServerCredentials | None = None
    ) -> int:
        """Listen, become SERVING, and return the port. Without credentials: plain text.

        Raises:
            PortBusy: the address is in use or does not exist.
        """
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        try:
            bound = (
                self._server.add_insecure_port(address)
                if credentials is None
                else self._server.add_secure_port(address, credentials)
            )
        except RuntimeError as error:
            raise PortBusy(address) from error
        await self._server.start()
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return bound

    async def drain(self, lame_seconds: float, seconds: float) -> None:
        """Turn NOT_SERVING, take calls until none comes any more, let those that run end, stop.

        Args:
            lame_seconds: how long calls are taken at the most.
            seconds: how long those that run may go on after that.
        """
        await self._health.enter_graceful_shutdown()
        # stop() cancels the calls that gRPC has received and the edge has not
        await self._edge.quiet(lame_seconds)
        self._edge.end_streams()
        await self._server.stop(seconds)


def _options(limits: Limits, *, shared: bool) -> list[tuple[str, Any]]:
    return [
        ("grpc.max_receive_message_length", limits.message_bytes),
        ("grpc.max_send_message_length", -1),
        # what a client sends beyond these costs nothing here: refusing a call takes half of what
        # answering it takes, so a flood could not be refused away
        ("grpc.max_concurrent_streams", limits.calls_per_connection),
        # else gRPC resets streams at random near the limit, of clients that keep to it too
        ("grpc.http.overload_protection", 0),
        ("grpc.server.max_pending_requests", PENDING_CALLS),
        ("grpc.server.max_pending_requests_hard_limit", PENDING_CALLS),
        # two gateways must not share a port by accident
        ("grpc.so_reuseport", int(shared)),
        # a peer that vanished is noticed within a minute
        ("grpc.keepalive_time_ms", 40_000),
        ("grpc.keepalive_timeout_ms", 20_000),
    ]


def _health_handler(servicer: health.aio.HealthServicer) -> grpc.GenericRpcHandler:
    """The health service, without generated handlers: those register each of their methods.

    For every call that arrives, of whichever service, gRPC then waits anew for each of them:
    a twentieth of what a bare echo costs.
    """
    answer = health_pb2.HealthCheckResponse.SerializeToString
    handlers = {
        name: kind(handle, health_pb2.HealthCheckRequest.FromString, answer)
        for name, kind, handle in (
            ("Check", grpc.unary_unary_rpc_method_handler, servicer.Check),
            ("Watch", grpc.unary_stream_rpc_method_handler, servicer.Watch),
        )
    }
    return grpc.method_handlers_generic_handler(health.SERVICE_NAME, handlers)


def _add_reflection(server: grpc.aio.Server, names: tuple[str, ...]) -> None:
    """Reflection v1alpha and v1: the messages are the same, only the service's name differs."""
    # v1 is answered but not listed: the descriptor pool has no file for it
    servicer = reflection.aio.ReflectionServicer((*names, reflection.SERVICE_NAME))
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in (reflection.SERVICE_NAME, REFLECTION_V1):
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(name, {_REFLECTION_METHOD: handler}),)
        )
