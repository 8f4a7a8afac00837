"""Whether answers are what they should be: checked by the independent verifier."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from clients.receipts import (
    Result,
    Trust,
    Verdict,
    open_item,
    open_record,
    read_roots,
    verify_item_offline,
    verify_offline,
)
from dancu.v1.citizen_pb2 import OUTCOME_NOT_VERIFIED, OUTCOME_VERIFIED
from dancu.v1.identity_service_pb2 import VerifyIdentityResponse
from dancu.v1.reconciliation_pb2 import RECORD_VERDICT_MATCHED, RECORD_VERDICT_NOT_VERIFIED
from dancu.v1.sync_service_pb2 import ReconcileCitizensResponse
from tests.bench.errors import BenchError
from tests.bench.questions import Question


class Sampler:
    """Verifies answers of the gateway of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._key_set = (data_dir / "keyset.binpb").read_bytes()
        self._trust = Trust(roots=read_roots((data_dir / "root.pub").read_text("utf-8")))

    def verification(self, question: Question, answer: bytes) -> None:
        """Check an answer to VerifyIdentity. Raises BenchError."""
        signed = VerifyIdentityResponse.FromString(answer).signed.SerializeToString()
        at = datetime.now(UTC)
        verdict = verify_offline(signed, self._key_set, at=at, trust=self._trust)
        _require(verdict, getattr(verdict.statement, "outcome", None), question)

    def batch(self, questions: Sequence[Question], answer: bytes, every: int) -> None:
        """Check some items of an answer to BatchVerifyIdentities. Raises BenchError."""
        for index in range(0, len(questions), every):
            item = open_item(answer, index)
            at = datetime.now(UTC)
            verdict = verify_item_offline(item, self._key_set, at=at, trust=self._trust)
            _require(verdict, getattr(verdict.item, "outcome", None), questions[index])

    def chunk(self, questions: Sequence[Question], answer: bytes, every: int) -> None:
        """Check some records of an answer to a chunk. Raises BenchError."""
        result = ReconcileCitizensResponse.FromString(answer).result.SerializeToString()
        for index in range(0, len(questions), every):
            at = datetime.now(UTC)
            item = open_record(result, index)
            verdict = verify_item_offline(item, self._key_set, at=at, trust=self._trust)
            found = getattr(verdict.item, "verdict", None)
            expected = (
                RECORD_VERDICT_MATCHED if questions[index].known else RECORD_VERDICT_NOT_VERIFIED
            )
            if verdict.result is not Result.VALID or found != expected:
                raise BenchError(f"a record is {verdict.result}, {found} and not {expected}")


def _require(verdict: Verdict, outcome: int | None, question: Question) -> None:
    if verdict.result is not Result.VALID:
        raise BenchError(f"an answer is {verdict.result}: {verdict.refusal} {verdict.detail}")
    if outcome != (OUTCOME_VERIFIED if question.known else OUTCOME_NOT_VERIFIED):
        raise BenchError(f"an answer has outcome {outcome}, but known was {question.known}")
