"""Requests as bytes, made before the clock starts, so that sending one costs next to nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from clients.loadtest.claims import Claims
from clients.loadtest.people import Person
from clients.loadtest.scenario import Kind, Part, Rpc, Scenario
from clients.sdk.requests import CallContext
from dancu.v1.citizen_pb2 import CitizenClaim
from dancu.v1.context_pb2 import RequestContext
from dancu.v1.identity_service_pb2 import (
    BatchVerifyIdentitiesRequest,
    LookupCitizenRequest,
    ResolveIdentifierRequest,
    VerifyIdentityRequest,
)
from dancu.v1.reconciliation_pb2 import CitizenRecord
from dancu.v1.sync_service_pb2 import RecordChunk

_SINGLES = 2000  # requests of one sort that a worker has ready; then they come round again
_BULK_RECORDS = 16_000  # as many persons in batches of one sort


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that is ready to go.

    Attributes:
        request: Its bytes; of ReconcileCitizens those of the chunk without its number.
        request_id: As it stands in it; of ReconcileCitizens empty, for the session has it.
        records: Persons in it.
        kind: What kind of claim it is; of a batch the first one.
    """

    request: bytes
    request_id: str
    records: int
    kind: Kind


class Units:
    """Units by Zipf's law: the n-th asks 1/n as often as the first."""

    def __init__(self, unit: str, count: int) -> None:
        self._units = [f"{unit}.{at:02d}"[-35:] for at in range(1, count + 1)] or [unit]
        self._up_to = list(accumulate(1 / at for at in range(1, len(self._units) + 1)))

    def one(self, chance: random.Random) -> str:
        """The next one."""
        return chance.choices(self._units, cum_weights=self._up_to)[0]


def requests_of(
    part: Part,
    scenario: Scenario,
    people: Sequence[Person],
    context: CallContext,
    units: int,
    seed: str,
) -> list[Ask]:
    """The requests of one sort of call by one caller; the same for the same seed.

    Args:
        part: The sort of call.
        scenario: Gives kinds of claims and spellings.
        people: Whom to ask about.
        context: Who asks; its unit is the stem of ``units`` units, if there are several.
        units: How many units, 0 for the one.
        seed: Short; the request ids begin with it.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    claims = Claims(people, scenario.outcomes, scenario.spellings, chance)
    asking = Units(context.unit_code, units)
    return [
        _ask(part, claims, _context(context, asking.one(chance), f"{seed}-{at}"))
        for at in range(_how_many(part))
    ]


def _how_many(part: Part) -> int:
    return max(_BULK_RECORDS // part.records, 4) if part.records > 1 else _SINGLES


def _context(context: CallContext, unit: str, request_id: str) -> RequestContext:
    found = context.to_message(request_id)
    found.unit_code = unit
    return found


def _ask(part: Part, claims: Claims, context: RequestContext) -> Ask:
    drawn = [claims.one() for _ in range(part.records)]
    kind = drawn[0][0]
    if part.rpc is Rpc.RECONCILE:
        records = [
            CitizenRecord(row_key=str(row), claim=claim) for row, (_, claim) in enumerate(drawn)
        ]
        return Ask(RecordChunk(records=records).SerializeToString(), "", part.records, kind)
    request = _message(part, context, [claim for _, claim in drawn]).SerializeToString()
    return Ask(request, context.request_id, part.records, kind)


def _message(part: Part, context: RequestContext, claims: list[CitizenClaim]) -> Message:
    match part.rpc:
        case Rpc.BATCH:
            return BatchVerifyIdentitiesRequest(context=context, claims=claims)
        case Rpc.LOOKUP:
            mask = FieldMask(paths=part.fields) if part.fields else None
            return LookupCitizenRequest(context=context, claim=claims[0], read_mask=mask)
        case Rpc.RESOLVE:
            return ResolveIdentifierRequest(context=context, claim=claims[0])
        case _:
            return VerifyIdentityRequest(context=context, claim=claims[0])


def numbered(chunk: bytes, number: int) -> bytes:
    """A ReconcileCitizensRequest: a chunk whose bytes are known, with its number put in front.

    The encoding of protobuf is such that fields may be laid one after the other; 0 is left out, as
    everywhere in proto3.
    """
    inner = (b"\x08" + varint(number) if number else b"") + chunk
    return b"\x12" + varint(len(inner)) + inner


def varint(value: int) -> bytes:
    """Protobuf's encoding of a number that is not negative."""
    found = bytearray()
    while value > 0x7F:  # noqa: PLR2004 - seven bits a byte
        found.append(value & 0x7F | 0x80)
        value >>= 7
    found.append(value)
    return bytes(found)
