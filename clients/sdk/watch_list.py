"""Whose changes a system wants to follow (đăng ký theo dõi biến động)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from clients.receipts import Refusal
from clients.sdk.answers import Evidence
from clients.sdk.errors import UntrustedAnswer
from clients.sdk.exchange import UPDATE_WATCHED, Exchange
from clients.sdk.requests import CallContext, Claim, new_request_id
from clients.sdk.vocabulary import Outcome
from dancu.v1 import sync_service_pb2


@dataclass(frozen=True, slots=True)
class WatchedAnswer:
    """The answer to UpdateWatchedCitizens.

    Attributes:
        added: For each claim, in order: VERIFIED, and on the list; or NOT_VERIFIED.
        removed_count: How many were taken off.
        watched_count: How many are on the list now.
        evidence: By what it can be proved.
    """

    added: tuple[Outcome, ...]
    removed_count: int
    watched_count: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class WatchedPage:
    """One page of the list; ``next_page_token`` is empty on the last."""

    personal_ids: tuple[str, ...]
    next_page_token: str


class WatchList:
    """The part of a connection that keeps the caller's list; a ``Follower`` follows it."""

    _exchange: Exchange

    async def update_watched(
        self,
        add: Sequence[Claim] = (),
        remove: Sequence[str] = (),
        *,
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> WatchedAnswer:
        """Put citizens on the list, whose claims must verify, and take personal numbers off it.

        Up to 1,000 of each. Who is on it already stays there once.
        """
        request = sync_service_pb2.UpdateWatchedCitizensRequest(
            add=[claim.to_message() for claim in add], remove=remove
        )
        checked = await self._exchange.ask(UPDATE_WATCHED, request, context, request_id)
        said, evidence = checked.statement, checked.evidence
        if len(said.added) != len(add):
            detail = f"{len(said.added)} results for {len(add)} claims"
            raise UntrustedAnswer(Refusal.CONTEXT_MISMATCH, detail, evidence.receipt)
        outcomes = tuple(Outcome(each) for each in said.added)
        return WatchedAnswer(outcomes, said.removed_count, said.watched_count, evidence)

    async def list_watched(
        self,
        *,
        page_size: int = 0,
        page_token: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> WatchedPage:
        """Who is on the list, by the numbers that they have now. Nothing of it is signed."""
        request = sync_service_pb2.ListWatchedCitizensRequest(
            context=(context or self._exchange.context).to_message(request_id or new_request_id()),
            page_size=page_size,
            page_token=page_token,
        )
        response = await self._exchange.plain(
            "SyncService/ListWatchedCitizens",
            request.SerializeToString(),
            sync_service_pb2.ListWatchedCitizensResponse,
        )
        return WatchedPage(tuple(response.personal_ids), response.next_page_token)
