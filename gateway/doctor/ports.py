"""The ports: free for a gateway to take, or held by one that answers."""

from __future__ import annotations

import errno
import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import NamedTuple

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from gateway.config import GatewayConfig, ServeConfig
from gateway.doctor.finding import Finding, fail, ok

LOOPBACK = "127.0.0.1"
SECONDS = 2.0  # for an answer on this machine
_HEALTH = "/grpc.health.v1.Health/Check"
_LARGEST = 1024 * 1024  # bytes of an answer that are looked at

Probe = Callable[[str, int], str]
"""What answers at host and port; empty when it is not what should be there."""


class _Port(NamedTuple):
    check: str
    host: str
    port: int
    option: str
    probe: Probe


def ports(config: GatewayConfig) -> Iterator[Finding]:
    """Each port of a gateway with these settings."""
    strict = isinstance(config, ServeConfig)
    for one in (
        _Port("port_grpc", config.host, config.port, "port", _tls if strict else _health),
        _Port("port_control", LOOPBACK, config.wanted_control_port, "control_port", _health),
        _Port("port_log", LOOPBACK, config.wanted_log_port, "log_port", _checkpoint),
        *_metrics_ports(config),
    ):
        yield _look_at(one)


def _metrics_ports(config: GatewayConfig) -> Iterator[_Port]:
    """One for each worker."""
    first = config.wanted_metrics_port
    for number in range(config.workers if first else 1):
        yield _Port("port_metrics", LOOPBACK, first + number, "metrics_port", _metrics)


def _look_at(one: _Port) -> Finding:
    address = f"{one.host}:{one.port}"
    if not one.port:
        return ok(one.check, "any free one")
    refused = _refusal(one.host, one.port)
    if refused is None:
        return ok(one.check, f"{address} is free")
    if refused.errno != errno.EADDRINUSE:
        remedy = f"choose another host or {one.option}"
        return fail(one.check, f"{address}: {refused.strerror or refused}", remedy)
    answers = one.probe(_to_connect(one.host), one.port)
    if answers:
        return ok(one.check, f"{address}: {answers}")
    remedy = f"end what holds it (`ss -ltnp 'sport = {one.port}'`), or choose another {one.option}"
    return fail(one.check, f"{address} is taken, and not by a gateway that answers", remedy)


def _refusal(host: str, port: int) -> OSError | None:
    """Why an address cannot be listened on; None when it can."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        with socket.socket(family) as probe:
            # as servers do: a connection that has just ended is in nobody's way
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            probe.listen(1)
    except OSError as error:
        return error
    return None


def _to_connect(host: str) -> str:
    """Where a gateway that listens there is reached from this machine."""
    return {"0.0.0.0": LOOPBACK, "::": "::1"}.get(host, host)  # noqa: S104 - to connect to


def _health(host: str, port: int) -> str:
    with grpc.insecure_channel(f"[{host}]:{port}" if ":" in host else f"{host}:{port}") as channel:
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(_HEALTH)
        try:
            answer = HealthCheckResponse.FromString(
                ask(HealthCheckRequest().SerializeToString(), timeout=SECONDS)
            )
        except (grpc.RpcError, DecodeError):
            return ""
    serving = answer.status == HealthCheckResponse.SERVING
    return "a gateway answers" if serving else "a gateway is draining"


def _tls(host: str, port: int) -> str:
    """A gRPC server that shows a certificate; more it tells only to its callers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # who it is, the check of the certificate tells
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((host, port), SECONDS) as plain,
            context.wrap_socket(plain) as wrapped,
        ):
            return "a gRPC server answers" if wrapped.selected_alpn_protocol() == "h2" else ""
    except OSError:
        return ""


def _checkpoint(host: str, port: int) -> str:
    lines = _get(host, port, "/checkpoint").split("\n")
    is_one = len(lines) > 3 and lines[1].isdigit()  # noqa: PLR2004 - origin, size, root, signature
    return f"a gateway shows {lines[0]}, {int(lines[1]):,} leaves" if is_one else ""


def _metrics(host: str, port: int) -> str:
    return "a gateway answers" if "dancu_build_info{" in _get(host, port, "/metrics") else ""


def _get(host: str, port: int, path: str) -> str:
    """The text of a page; empty when there is none."""
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        text = answer.read(_LARGEST).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return ""
    else:
        return text if answer.status == http.HTTPStatus.OK else ""
    finally:
        connection.close()
