"""Sessions that are kept: never longer, never for another, never past a change."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey

from clients.sdk import TokenSource
from gateway.core.caller import Caller
from gateway.core.errors import Unauthenticated
from gateway.core.token import verify_token
from gateway.rpc import authentication
from gateway.rpc.authentication import TokenAuthentication

NOW = 1_790_000_000.0
AUDIENCE = "dancu-simulator"
PRIVATE = Ed25519PrivateKey.generate()
JWK = json.dumps(OKPKey.import_key(PRIVATE).as_dict(private=False))
PEM = PRIVATE.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


class Context:
    """As much of a call's context as authentication looks at."""

    def __init__(self, *metadata: tuple[str, str]) -> None:
        self._metadata = metadata

    def invocation_metadata(self) -> tuple[tuple[str, str], ...]:
        """What came with the call."""
        return self._metadata

    def auth_context(self) -> dict[str, list[bytes]]:
        """A connection without TLS."""
        return {}


class World:
    """One caller, a clock that can be set, and a count of the signatures that were verified."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.callers = {"H26": Caller("H26", keys=(JWK,), generation=1)}
        self.now = NOW
        self.verified = 0

        def counted(*arguments: Any) -> Any:
            self.verified += 1
            return verify_token(*arguments)

        monkeypatch.setattr(authentication, "verify_token", counted)
        self._authenticate = TokenAuthentication(self, AUDIENCE, lambda: self.now, None)

    def find(self, caller_id: str) -> Caller | None:
        """The registry."""
        return self.callers.get(caller_id)

    def token(self) -> str:
        """A new token, valid for 240 s from the beginning."""
        return TokenSource("H26", PEM, clock=lambda: NOW).token()

    def call(self, token: str) -> Caller:
        """Authenticate a call with this token."""
        return self._authenticate(Context(("authorization", f"Bearer {token}")))  # type: ignore[arg-type]  # as much as is looked at

    def refused(self, token: str) -> str:
        """Why such a call is refused."""
        with pytest.raises(Unauthenticated) as caught:
            self.call(token)
        return caught.value.reason


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A world with one caller."""
    return World(monkeypatch)


def test_a_token_is_verified_once(world: World) -> None:
    """A token that was let in is let in again without a look at its signature."""
    token = world.token()
    assert [world.call(token).id for _ in range(3)] == ["H26"] * 3
    assert world.verified == 1


def test_a_token_that_was_refused_is_not_kept(world: World) -> None:
    """Whatever is refused is looked at anew, and refused anew."""
    assert [world.refused("x.y.z") for _ in range(2)] == ["TOKEN_MALFORMED"] * 2
    assert world.verified == 2


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(240, "TOKEN_EXPIRED"), (3600, "TOKEN_EXPIRED"), (-3600, "TOKEN_LIFETIME")],
)
def test_a_kept_session_ends_by_the_clock(world: World, seconds: int, reason: str) -> None:
    """A session ends with its token, and a clock that jumps prolongs none."""
    token = world.token()
    world.call(token)
    world.now += seconds
    assert world.refused(token) == reason


def test_a_revocation_ends_a_kept_session(world: World) -> None:
    """The very next call of a revoked caller is refused."""
    token = world.token()
    world.call(token)
    world.callers["H26"] = replace(world.callers["H26"], active=False, generation=2)
    assert world.refused(token) == "CALLER_REVOKED"


def test_a_change_of_the_caller_ends_a_kept_session(world: World) -> None:
    """After any change the token is verified again, by the caller as it stands then."""
    token = world.token()
    world.call(token)
    changed = replace(world.callers["H26"], name="new", generation=2)
    world.callers["H26"] = changed
    assert world.call(token) is changed
    assert world.verified == 2
    world.callers["H26"] = replace(changed, keys=(), generation=3)
    assert world.refused(token) == "TOKEN_SIGNATURE"


def test_a_caller_that_is_gone(world: World) -> None:
    """A kept session of a caller that is not enrolled any more is none."""
    token = world.token()
    world.call(token)
    world.callers.clear()
    assert world.refused(token) == "CALLER_UNKNOWN"


def test_only_so_many_are_kept(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """When there are too many sessions, the one that was used longest ago is dropped."""
    monkeypatch.setattr(authentication, "CACHED_SESSIONS", 2)
    first, second, third = (world.token() for _ in range(3))
    for token in (first, second, first, third):
        world.call(token)
    assert world.verified == 3
    world.call(first)
    assert world.verified == 3
    world.call(second)
    assert world.verified == 4
