"""The connection to a gateway: ask, check the answer, hand over what was signed.

async with Gateway.connect("127.0.0.1:50051", trust=trust, context=context) as gateway:
    answer = await gateway.verify_identity(
        personal_id="001090000013", full_name="Lê Văn An", birth_date="1990-05-12"
    )
    if answer.verified and answer.person.status is PersonStatus.ALIVE:
        ...
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from types import TracebackType
from typing import Any, Self

from google.protobuf.field_mask_pb2 import FieldMask

from clients.sdk.accesses import AccessesAnswer, accesses_answer
from clients.sdk.answers import (
    BatchAnswer,
    IdentityAnswer,
    LookupAnswer,
    ResolutionAnswer,
    identity_answer,
    lookup_answer,
    resolution_answer,
)
from clients.sdk.assertions import Assertion
from clients.sdk.batch import open_items
from clients.sdk.change_list import ChangeList
from clients.sdk.confirmations import (
    AttributesAnswer,
    HouseholdAnswer,
    ResidenceAnswer,
    attributes_answer,
    household_answer,
    residence_answer,
)
from clients.sdk.credentials import Credentials
from clients.sdk.events import EventDesk
from clients.sdk.exchange import (
    BATCH_VERIFY,
    CONFIRM_RESIDENCE,
    GET_HOUSEHOLD,
    LIST_ACCESSES,
    LOOKUP,
    RESOLVE,
    VERIFY,
    VERIFY_ATTRIBUTES,
    Exchange,
    require_same,
)
from clients.sdk.logview import LogView
from clients.sdk.reconciler import Reconciler
from clients.sdk.requests import CallContext, Claim
from clients.sdk.transport import Transport
from clients.sdk.trust import Trust
from clients.sdk.vocabulary import ResidenceKind
from clients.sdk.watch_list import WatchList
from dancu.v1 import (
    access_history_service_pb2,
    identity_service_pb2,
    residence_pb2,
    residence_service_pb2,
)


class Gateway(LogView, EventDesk, ChangeList, WatchList):
    """One caller's connection to one gateway; may be used by many tasks at once.

    Every method raises Refused, Unreachable or UntrustedAnswer, and ValueError for a birth
    date that is none. ``request_id`` and ``context`` of a single call may be given; what is
    left out is made up, or as at ``connect``.
    """

    @classmethod
    def connect(
        cls,
        target: str,
        *,
        trust: Trust,
        context: CallContext,
        audience: str | None = None,
        credentials: Credentials | None = None,
        timeout: float = 10.0,
    ) -> Self:
        """Prepare a connection, to be used with ``async with``. Nothing is sent yet.

        Args:
            target: HOST:PORT.
            trust: Whose statements to believe.
            context: Who asks and why, for every call that does not say otherwise.
            audience: The id under which the gateway knows this caller; statements made to
                others are refused. By default the caller of the tokens, if there are any.
            credentials: TLS and session tokens. None: plain text and no token, for loopback.
            timeout: Seconds for one call with all its attempts.
        """
        if audience is None and credentials is not None and credentials.tokens is not None:
            audience = credentials.tokens.caller
        return cls(Exchange(Transport(target, credentials, timeout), trust, context, audience))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._exchange.close()

    def reconciler(
        self, session_id: str, context: CallContext | None = None, **options: Any
    ) -> Reconciler:
        """Compare your own records with the register (đối soát); options as of Reconciler."""
        return Reconciler(self._exchange, session_id, context, **options)

    async def verify_identity(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> IdentityAnswer:
        """Do this number, name and birth date belong together (xác thực)?"""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        request = identity_service_pb2.VerifyIdentityRequest(claim=claim.to_message())
        checked = await self._exchange.ask(VERIFY, request, context, request_id)
        return identity_answer(checked.statement, checked.evidence)

    async def batch_verify_identities(
        self,
        claims: Sequence[Claim],
        *,
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> BatchAnswer:
        """The same for 1 to 1,000 claims at once, under one signed statement."""
        asked = [claim.to_message() for claim in claims]
        request = identity_service_pb2.BatchVerifyIdentitiesRequest(claims=asked)
        checked = await self._exchange.ask(BATCH_VERIFY, request, context, request_id)
        items = open_items(checked.response, checked.statement, asked)
        return BatchAnswer(items, checked.evidence, checked.raw)

    async def lookup_citizen(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        fields: Sequence[str] = (),
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> LookupAnswer:
        """What the register holds of a person (tra cứu), as far as the procedure may see it.

        ``fields`` names fields of Citizen, e.g. ``permanent_residence``; none: all granted.
        """
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        request = identity_service_pb2.LookupCitizenRequest(
            claim=claim.to_message(), read_mask=FieldMask(paths=fields) if fields else None
        )
        checked = await self._exchange.ask(LOOKUP, request, context, request_id)
        return lookup_answer(checked.statement, checked.evidence)

    async def resolve_identifier(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> ResolutionAnswer:
        """From an old or cancelled number to the one that is valid now (định danh)."""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        request = identity_service_pb2.ResolveIdentifierRequest(claim=claim.to_message())
        checked = await self._exchange.ask(RESOLVE, request, context, request_id)
        return resolution_answer(checked.statement, checked.evidence)

    async def verify_attributes(
        self,
        assertions: Sequence[Assertion],
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> AttributesAnswer:
        """Is what is said of this person so (xác minh)? 1 to 16 assertions."""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        asked = [assertion.to_message() for assertion in assertions]
        request = identity_service_pb2.VerifyAttributesRequest(
            claim=claim.to_message(), assertions=asked
        )
        checked = await self._exchange.ask(VERIFY_ATTRIBUTES, request, context, request_id)
        require_same(asked, list(checked.statement.assertions), checked.evidence.receipt)
        return attributes_answer(checked.statement, checked.evidence)

    async def confirm_residence(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> ResidenceAnswer:
        """Where a person is registered, and lives (xác nhận thông tin về cư trú)."""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        request = residence_service_pb2.ConfirmResidenceRequest(claim=claim.to_message())
        checked = await self._exchange.ask(CONFIRM_RESIDENCE, request, context, request_id)
        return residence_answer(checked.statement, checked.evidence)

    async def get_household(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        kind: ResidenceKind = ResidenceKind.PERMANENT,
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> HouseholdAnswer:
        """The household of permanent or temporary residence (thông tin hộ gia đình)."""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        wanted = residence_pb2.ResidenceKind.Name(kind.value)
        request = residence_service_pb2.GetHouseholdRequest(claim=claim.to_message(), kind=wanted)
        checked = await self._exchange.ask(GET_HOUSEHOLD, request, context, request_id)
        require_same(kind.value, checked.statement.kind, checked.evidence.receipt)
        return household_answer(checked.statement, checked.evidence)

    async def list_accesses(
        self,
        *,
        full_name: str,
        birth_date: str | date,
        personal_id: str = "",
        old_id_number: str = "",
        page_size: int = 0,
        page_token: str = "",
        context: CallContext | None = None,
        request_id: str | None = None,
    ) -> AccessesAnswer:
        """Who looked at this person's data (lịch sử khai thác), the newest first, by pages."""
        claim = Claim(
            personal_id=personal_id,
            old_id_number=old_id_number,
            full_name=full_name,
            birth_date=birth_date,
        )
        request = access_history_service_pb2.ListAccessesRequest(
            claim=claim.to_message(), page_size=page_size, page_token=page_token
        )
        checked = await self._exchange.ask(LIST_ACCESSES, request, context, request_id)
        return accesses_answer(checked.statement, checked.evidence)
