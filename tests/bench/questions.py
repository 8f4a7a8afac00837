"""What is asked: claims whose answer is known, as request bytes.

The numbers come from the register itself; a share of them is replaced by numbers that
nobody has.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from google.type.date_pb2 import Date

from dancu.v1.citizen_pb2 import CitizenClaim
from dancu.v1.context_pb2 import RequestContext
from dancu.v1.identity_service_pb2 import BatchVerifyIdentitiesRequest, VerifyIdentityRequest
from dancu.v1.reconciliation_pb2 import CitizenRecord
from dancu.v1.sync_service_pb2 import ReconcileCitizensRequest, RecordChunk
from mock_population_db.citizen import NumberStatus, VitalStatus
from mock_population_db.partial_date import PartialDate
from mock_population_db.personas import PERSONAS, PersonaClaim

VERIFY = "dancu.v1.IdentityService/VerifyIdentity"
BATCH = "dancu.v1.IdentityService/BatchVerifyIdentities"
BATCH_SIZE = 1000
CHUNK_SIZE = 1000

_SEED = 2025  # the same questions in every run over the same register
CONTEXT = RequestContext(
    request_id="bench", procedure_code="1.001", unit_code="bench", officer_id="bench"
)


@dataclass(frozen=True, slots=True)
class Question:
    """A claim, and whether it agrees with the register."""

    claim: CitizenClaim
    known: bool


def persona_question() -> Question:
    """A documented citizen who verifies, the same in every register."""
    return Question(_persona_claim(_verifying_persona()), known=True)


def _verifying_persona() -> PersonaClaim:
    return next(one.claim for one in PERSONAS if one.expect == "VERIFIED")


# the living, whose name and birth date are whole
_ASKABLE = "birth % 100 > 0 AND given IS NOT NULL AND vital = ? AND number_status = ?"
_STATES = (int(VitalStatus.ALIVE), int(NumberStatus.ACTIVE))


def count_askable(register: Path) -> int:
    """Of how many people ``questions`` can be made."""
    with _opened(register) as db:
        asked = f"SELECT count(*) FROM citizen WHERE {_ASKABLE}"  # noqa: S608 - made of constants
        (count,) = db.execute(asked, _STATES).fetchone()
    return int(count)


def questions(register: Path, count: int, unknown_share: float) -> list[Question]:
    """Distinct claims in an order of no meaning, ``unknown_share`` of them about nobody."""
    with _opened(register) as db:
        taken = {number for (number,) in db.execute("SELECT id FROM citizen")}
        asked = f"SELECT id, family, middle, given, birth FROM citizen WHERE {_ASKABLE}"  # noqa: S608 - made of constants
        rows = db.execute(asked, _STATES).fetchall()
    draw = random.Random(_SEED)  # noqa: S311 - no secret
    return [
        _question(row, None if draw.random() >= unknown_share else _free_number(taken, draw))
        for row in draw.sample(rows, count)
    ]


def _opened(register: Path) -> closing[sqlite3.Connection]:
    return closing(sqlite3.connect(f"{register.absolute().as_uri()}?mode=ro", uri=True))


def verify_request(question: Question) -> bytes:
    """One question as it travels."""
    request = VerifyIdentityRequest(context=CONTEXT, claim=question.claim)
    return request.SerializeToString()


def batch_requests(questions: Sequence[Question]) -> list[bytes]:
    """The questions in batches of BATCH_SIZE."""
    batches = (questions[at : at + BATCH_SIZE] for at in range(0, len(questions), BATCH_SIZE))
    return [_batch_request(batch) for batch in batches]


def chunk_requests(questions: Sequence[Question]) -> list[bytes]:
    """The questions as the chunks of one reconciliation."""
    starts = range(0, len(questions), CHUNK_SIZE)
    return [
        _chunk_request(number, questions[at : at + CHUNK_SIZE]) for number, at in enumerate(starts)
    ]


def _chunk_request(number: int, chunk: Iterable[Question]) -> bytes:
    records = [CitizenRecord(row_key=str(row), claim=one.claim) for row, one in enumerate(chunk)]
    message = RecordChunk(chunk_number=number, records=records)
    return ReconcileCitizensRequest(chunk=message).SerializeToString()


def _batch_request(batch: Iterable[Question]) -> bytes:
    request = BatchVerifyIdentitiesRequest(context=CONTEXT, claims=[one.claim for one in batch])
    return request.SerializeToString()


def _persona_claim(claim: PersonaClaim) -> CitizenClaim:
    birth = PartialDate.parse(claim.birth_date)
    return CitizenClaim(
        personal_id=claim.personal_id,
        full_name=claim.full_name,
        birth_date=Date(year=birth.year, month=birth.month, day=birth.day),
    )


def _question(row: tuple[int, str, str, str, int], other_number: int | None) -> Question:
    number, family, middle, given, birth = row
    claim = CitizenClaim(
        personal_id=f"{number if other_number is None else other_number:012d}",
        full_name=" ".join(filter(None, (family, middle, given))),
        birth_date=Date(year=birth // 10000, month=birth // 100 % 100, day=birth % 100),
    )
    return Question(claim, known=other_number is None)


def _free_number(taken: set[int], draw: random.Random) -> int:
    while (number := draw.randrange(10**9, 97 * 10**9)) in taken:
        pass
    return number
