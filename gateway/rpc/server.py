"""The gRPC servers: services, health, reflection, limits and the graceful end.

A ``grpc.aio`` server takes one call at a time from the wire: it asks gRPC's core for the next one
only when it has the last, some five turns of the event loop later. Of a crowd most calls wait
there, unseen, behind each other, health checks too, while windows stay small. So several servers
share the event loop and, by SO_REUSEPORT, the port: the system deals connections out among them,
and each takes in calls of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf.descriptor import ServiceDescriptor
from google.rpc import error_details_pb2  # noqa: F401 - reflection must know the details' types
from grpc_health.v1 import health, health_pb2
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gateway.reserving import PortTaken
from gateway.rpc.edge import Edge, Limits
from gateway.rpc.tls import ServerTls

REFLECTION_V1 = "grpc.reflection.v1.ServerReflection"
# calls that gRPC holds until the edge takes them: a crowd must meet the edge's refusal, which
# says when to come back; beyond 1,000 gRPC would cancel calls at random by default
PENDING_CALLS = 20_000
ACCEPTORS = 32  # servers on the public port; an idle one costs two file descriptors
LAME_SECONDS = 1.0  # new calls are answered for so long after the end was announced
_REFLECTION_METHOD = "ServerReflectionInfo"


class GrpcServer:
    """What answers on one address."""

    def __init__(
        self,
        services: Mapping[ServiceDescriptor, object],
        edge: Edge,
        limits: Limits,
        *,
        acceptors: int = 1,
        shared: bool = False,
    ) -> None:
        """A server.

        Args:
            services: a servicer for each.
            edge: makes their handlers.
            limits: of each connection.
            acceptors: how many calls are taken from the wire at once, of as many connections.
            shared: others may listen on its port, too. More than one acceptor needs it.
        """
        self._edge = edge
        self._health = health.aio.HealthServicer()
        self._names = [descriptor.full_name for descriptor in services]
        handlers = [edge.service(*service) for service in services.items()]
        handlers.append(_watch_handler(self._health))
        handlers.extend(_reflection((*self._names, health.SERVICE_NAME)))
        check, options = _check_handler(self._health), _options(limits, shared=shared)
        self._servers = [_server(handlers, check, options) for _ in range(acceptors)]

    async def start(self, host: str, port: int, tls: ServerTls | None = None) -> int:
        """Listen, become SERVING, and return the port. Without TLS: plain text.

        Raises:
            PortTaken: the address is in use or does not exist.
        """
        name = f"[{host}]" if ":" in host else host
        try:
            bound = [_bind(server, f"{name}:{port}", tls) for server in self._servers]
        except RuntimeError as error:
            raise PortTaken(name, port) from error
        for server in self._servers:
            await server.start()
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        return bound[0]

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
        await asyncio.gather(*(server.stop(seconds) for server in self._servers))


def _server(
    handlers: Sequence[grpc.GenericRpcHandler],
    check: grpc.RpcMethodHandler[Any, Any],
    options: list[tuple[str, Any]],
) -> grpc.aio.Server:
    """One acceptor. ``check`` is registered: gRPC's core then lets it pass by all other calls."""
    server = grpc.aio.server(options=options)
    server.add_generic_rpc_handlers(handlers)
    server.add_registered_method_handlers(health.SERVICE_NAME, {"Check": check})
    return server


def _bind(server: grpc.aio.Server, address: str, tls: ServerTls | None) -> int:
    if tls is None:
        return server.add_insecure_port(address)
    return server.add_secure_port(address, tls.credentials())


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


def _check_handler(servicer: health.aio.HealthServicer) -> grpc.RpcMethodHandler[Any, Any]:
    return grpc.unary_unary_rpc_method_handler(
        servicer.Check,
        health_pb2.HealthCheckRequest.FromString,
        health_pb2.HealthCheckResponse.SerializeToString,
    )


def _watch_handler(servicer: health.aio.HealthServicer) -> grpc.GenericRpcHandler:
    """The rest of the health service, without generated handlers: those register every method.

    For each call that arrives, of whichever service, gRPC then waits anew for all of them.
    """
    handler = grpc.unary_stream_rpc_method_handler(
        servicer.Watch,
        health_pb2.HealthCheckRequest.FromString,
        health_pb2.HealthCheckResponse.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(health.SERVICE_NAME, {"Watch": handler})


def _reflection(names: tuple[str, ...]) -> Iterator[grpc.GenericRpcHandler]:
    """Reflection v1alpha and v1: the messages are the same, only the service's name differs."""
    # v1 is answered but not listed: the descriptor pool has no file for it
    servicer = reflection.aio.ReflectionServicer((*names, reflection.SERVICE_NAME))
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in (reflection.SERVICE_NAME, REFLECTION_V1):
        yield grpc.method_handlers_generic_handler(name, {_REFLECTION_METHOD: handler})
