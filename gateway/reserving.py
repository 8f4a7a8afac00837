"""Ports that are taken, and not listened on: they are kept for listeners of our own."""

from __future__ import annotations

import socket
from dataclasses import dataclass


class PortTaken(Exception):
    """An address cannot be had."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"cannot listen on {host}:{port}: the port is in use, or the address is not of this "
            "machine; choose another --port, --control-port, --log-port, --metrics-port or --host"
        )


@dataclass(frozen=True, slots=True)
class Reserved:
    """A port of a host, on each of its addresses."""

    host: str
    port: int
    sockets: tuple[socket.socket, ...]

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"

    def release(self) -> None:
        """Let anybody have it."""
        for each in self.sockets:
            each.close()


def reserve(host: str, port: int) -> Reserved:
    """Take a port, 0 for any free one.

    Whoever sets SO_REUSEPORT and is of the same user may listen on it until it is released, and
    nobody else; above all no second gateway that reserves it.

    Raises:
        PortTaken: somebody has it.
    """
    taken: list[socket.socket] = []
    wanted = port
    try:
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        ):
            each = socket.socket(family, kind, protocol)
            taken.append(each)
            # connections of an earlier gateway that linger are no hindrance
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            each.bind((address[0], port, *address[2:]))
            # only now: before, it would have joined others who share the port
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            port = each.getsockname()[1]
    except (OSError, OverflowError) as error:
        for each in taken:
            each.close()
        raise PortTaken(host, wanted) from error
    return Reserved(host, port, tuple(taken))
