"""A client's way to the servers: to one of them, until that one fails."""

from __future__ import annotations

from collections.abc import Sequence

from clients.sdk import Gateway


class Way:
    """Connections to servers of one store, of which one is in use; with its own server first."""

    def __init__(self, gateways: Sequence[Gateway]) -> None:
        self._gateways = gateways
        self._at = 0

    @property
    def gateway(self) -> Gateway:
        """The connection to use."""
        return self._gateways[self._at]

    @property
    def is_only(self) -> bool:
        """Whether there is no other server."""
        return len(self._gateways) == 1

    def copy(self) -> Way:
        """The same for another, who turns by themselves."""
        return Way(self._gateways)

    def turn(self) -> None:
        """Go to the next server, if there is another."""
        self._at = (self._at + 1) % len(self._gateways)
