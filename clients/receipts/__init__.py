"""An independent offline verifier for dancu's signed statements.

It is written from ``docs/design/evidence.md`` alone and shares no code with the gateway, so
that agreement between the two means something. No network, no clock: the caller says at
which moment to check.

>>> trust = Trust(roots=read_roots(Path("root.pub").read_text()))
>>> verdict = verify_offline(receipt, keyset, at=datetime.now(UTC), trust=trust)
>>> verdict.result, verdict.refusal
(<Result.VALID: 'VALID'>, None)

Start reading in ``verifier.py``.
"""

from clients.receipts.chain import ChunkChain
from clients.receipts.items import (
    ItemNotFoundError,
    is_item_receipt,
    open_item,
    open_record,
    verify_item,
    verify_item_offline,
)
from clients.receipts.keyset import TrustedKey, TrustedKeySet, load_key_set
from clients.receipts.refusal import Refusal, RefusedError
from clients.receipts.rollback import RollbackState, StateError
from clients.receipts.statement import Expectations
from clients.receipts.trust import Trust, TrustError, Witness, read_roots
from clients.receipts.verdict import Result, Verdict
from clients.receipts.verifier import verify, verify_offline

__all__ = [
    "ChunkChain",
    "Expectations",
    "ItemNotFoundError",
    "Refusal",
    "RefusedError",
    "Result",
    "RollbackState",
    "StateError",
    "Trust",
    "TrustError",
    "TrustedKey",
    "TrustedKeySet",
    "Verdict",
    "Witness",
    "is_item_receipt",
    "load_key_set",
    "open_item",
    "open_record",
    "read_roots",
    "verify",
    "verify_item",
    "verify_item_offline",
    "verify_offline",
]
