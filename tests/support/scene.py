"""A call, a claim and the people that it may be about."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dancu.v1 import citizen_pb2
from gateway.core.model import Call, Claim, Context
from gateway.core.signing import signer
from gateway.core.statement import Issuer, write_claim
from mock_population_db.citizen import Identity, NumberStep, PersonName
from mock_population_db.partial_date import PartialDate
from mock_population_db.snapshot import NumberChain, Snapshot

NOW = datetime(2026, 3, 4, 5, 6, 7, 890_000, tzinfo=UTC)
AS_OF = date(2026, 1, 1)
REVISION = 7
ORIGIN = "dancu-simulator/log/test"

NUMBER = "001090000013"
OTHER_NUMBER = "001090000017"  # the next one that somebody has
OLD_NUMBER = "000000013"
NAME = "Lê Văn An"
BIRTH = PartialDate(1990, 5, 12)

VERIFY_RPC = "dancu.v1.IdentityService/VerifyIdentity"
CONTEXT = Context("req-1", "1.001193", "H01.2", "officer-1", "dossier-1")
CALL = Call("plain", VERIFY_RPC, CONTEXT, bytes(range(32)))

STATEMENT_KEY = signer(Ed25519PrivateKey.from_private_bytes(b"s" * 32))
CHECKPOINT_KEY = signer(Ed25519PrivateKey.from_private_bytes(b"c" * 32))
ISSUER = Issuer("dancu-simulator", ORIGIN, (STATEMENT_KEY,))


def claim(
    number: str = NUMBER,
    name: str = NAME,
    birth: PartialDate = BIRTH,
    old: str = "",
) -> Claim:
    """A claim that agrees with ``person()`` unless told otherwise."""
    return Claim(number, old, name, birth)


def message_of(claim: Claim) -> bytes:
    """A claim as it is sent."""
    message = citizen_pb2.CitizenClaim()
    write_claim(message, claim)
    return message.SerializeToString()


def person(number: str = NUMBER, **changes: Any) -> Identity:
    """The person that ``claim()`` is about, unless told otherwise."""
    told: dict[str, Any] = {"name": PersonName("Lê", "Văn", "An"), "birth_date": BIRTH}
    return Identity(number, **{**told, **changes})


def snapshot(
    found: dict[str, Identity] | None = None,
    by_old: dict[str, tuple[Identity, ...]] | None = None,
    chains: dict[str, NumberChain] | None = None,
) -> Snapshot:
    """What a read of the register found."""
    return Snapshot(REVISION, AS_OF, found or {}, by_old or {}, chains or {})


def step(former: str, successor: str) -> NumberStep:
    """One step of a number's history."""
    return NumberStep(former, successor, date(2024, 5, 20), "SEX_CORRECTED")
