"""Who calls: the connection's certificate and the session token together, at every call."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

import grpc

from gateway.core.caller import Caller
from gateway.core.errors import Unauthenticated
from gateway.core.token import MAX_BYTES, MAX_LIFE, Session, check_standing, verify_token

CACHED_SESSIONS = 10_000
_SCHEME = "bearer "

ServicerContext = grpc.aio.ServicerContext[Any, Any]


class Callers(Protocol):
    """The registry. Reading it is cheap, and sees every change at once."""

    def find(self, caller_id: str, /) -> Caller | None:
        """The caller as it stands now; None if there is none. Raises Unavailable."""
        ...


class TokenAuthentication:
    """Names the caller of a call, or refuses it.

    Verifying a signature takes longer than everything else here, so sessions are kept by the
    digest of their token until they expire, at most 10,000. A change of the caller ends them.

    Args:
        callers: the registry.
        audience: what tokens name this gateway.
        clock: seconds since 1970.
        certificate: the thumbprint of a call's certificate, which its token must be bound to;
            None where connections have none.
    """

    def __init__(
        self,
        callers: Callers,
        audience: str,
        clock: Callable[[], float],
        certificate: Callable[[ServicerContext], str] | None,
    ) -> None:
        self._callers = callers
        self._audience = audience
        self._clock = clock
        self._certificate = certificate
        self._sessions: OrderedDict[bytes, Session] = OrderedDict()

    def __call__(self, context: ServicerContext) -> Caller:
        """The caller.

        Raises:
            Unauthenticated: certificate or token does not hold.
            Unavailable: the registry cannot be read.
        """
        certificate = self._certificate(context) if self._certificate else None
        token = _token(context)
        now = self._clock()
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
        session = self._sessions.get(digest)
        if session is not None:
            caller = self._callers.find(session.caller.id)
            if caller is not None and _holds(session, caller, certificate, now):
                self._sessions.move_to_end(digest)
                return caller
        session = verify_token(token, self._callers.find, self._audience, certificate, now)
        self._keep(digest, session)
        return session.caller

    def _keep(self, digest: bytes, session: Session) -> None:
        self._sessions[digest] = session
        self._sessions.move_to_end(digest)
        if len(self._sessions) > CACHED_SESSIONS:
            self._sessions.popitem(last=False)


def _holds(session: Session, caller: Caller, certificate: str | None, now: float) -> bool:
    """Whether nothing has changed since the token was verified.

    The upper bound is for a clock that was set back: it must not prolong a session.
    """
    check_standing(caller)
    return (
        caller.generation == session.caller.generation
        and certificate == session.certificate
        and now < session.expires <= now + MAX_LIFE
    )


def _token(context: ServicerContext) -> str:
    sent = [value for key, value in context.invocation_metadata() or () if key == "authorization"]
    if not sent:
        raise Unauthenticated(
            "TOKEN_MISSING",
            "send a session token in the metadata: authorization: Bearer TOKEN",
            "hãy gửi mã phiên trong metadata: authorization: Bearer TOKEN",
        )
    text = sent[0]
    if len(sent) > 1 or not isinstance(text, str) or len(text) > MAX_BYTES + len(_SCHEME):
        return ""  # no token: refused as malformed, with the rules it must follow
    return text[len(_SCHEME) :].strip() if text[: len(_SCHEME)].lower() == _SCHEME else ""
