"""What can be wrong with a load test before it tells anything."""

from __future__ import annotations


class LoadError(Exception):
    """The test cannot be run as asked: scenario, people or options. The text says what to do."""


class NothingMeasuredError(LoadError):
    """The user ended the test before it told anything."""

    def __init__(self) -> None:
        super().__init__("ended before anything was measured")


class NoGatewayError(LoadError):
    """Nobody answers where the load was to go."""
