"""Why a statement is refused: every reason has one name, and the first that applies is given."""

from __future__ import annotations

from enum import StrEnum


class Refusal(StrEnum):
    """The stable names, in the order of the verification steps that give them."""

    ENVELOPE_MALFORMED = "ENVELOPE_MALFORMED"
    TYPE_NOT_ALLOWED = "TYPE_NOT_ALLOWED"
    KEYSET_UNTRUSTED = "KEYSET_UNTRUSTED"
    KEYSET_MALFORMED = "KEYSET_MALFORMED"
    KEYSET_ROLLBACK = "KEYSET_ROLLBACK"
    TIME_IN_FUTURE = "TIME_IN_FUTURE"
    SIGNATURE_SET_MISMATCH = "SIGNATURE_SET_MISMATCH"
    KEY_UNKNOWN = "KEY_UNKNOWN"
    KEY_WRONG_ROLE = "KEY_WRONG_ROLE"
    SIGNATURE_INVALID = "SIGNATURE_INVALID"
    STATEMENT_MALFORMED = "STATEMENT_MALFORMED"
    ISSUER_MISMATCH = "ISSUER_MISMATCH"
    CONTEXT_MISMATCH = "CONTEXT_MISMATCH"
    LOG_PROOF_MISSING = "LOG_PROOF_MISSING"
    LOG_PROOF_MALFORMED = "LOG_PROOF_MALFORMED"
    LOG_ORIGIN_UNKNOWN = "LOG_ORIGIN_UNKNOWN"
    CHECKPOINT_SIGNATURE_INVALID = "CHECKPOINT_SIGNATURE_INVALID"
    INCLUSION_INVALID = "INCLUSION_INVALID"
    WITNESS_SIGNATURE_INVALID = "WITNESS_SIGNATURE_INVALID"
    WITNESS_QUORUM_MISSING = "WITNESS_QUORUM_MISSING"
    KEY_NOT_YET_VALID = "KEY_NOT_YET_VALID"
    KEY_EXPIRED = "KEY_EXPIRED"
    KEY_REVOKED = "KEY_REVOKED"
    KEYSET_EXPIRED = "KEYSET_EXPIRED"

    @property
    def meaning(self) -> str:
        """One sentence for the person who holds the statement."""
        return _MEANINGS[self]


_MEANINGS = {
    Refusal.ENVELOPE_MALFORMED: "The bytes are not a signed statement in its one exact encoding.",
    Refusal.TYPE_NOT_ALLOWED: "The statement is of a type that does not stand as evidence.",
    Refusal.KEYSET_UNTRUSTED: "The key set is not signed by a root key that you pinned.",
    Refusal.KEYSET_MALFORMED: "The key set is signed, but a key in it is wrong or listed twice.",
    Refusal.KEYSET_ROLLBACK: "The key set is older than one that was accepted before.",
    Refusal.TIME_IN_FUTURE: "The statement or the key set says it was made later than now.",
    Refusal.SIGNATURE_SET_MISMATCH: "The signatures are not the ones that the statement names.",
    Refusal.KEY_UNKNOWN: "A signature is by a key that the key set does not list.",
    Refusal.KEY_WRONG_ROLE: "A signature is by a key that may not sign statements.",
    Refusal.SIGNATURE_INVALID: "A signature does not fit the statement: one of them was changed.",
    Refusal.STATEMENT_MALFORMED: "The statement is signed, but lacks what every statement says.",
    Refusal.ISSUER_MISMATCH: "The statement and the key set name different issuers.",
    Refusal.CONTEXT_MISMATCH: "The statement is about another person, request or caller.",
    Refusal.LOG_PROOF_MISSING: "The statement comes without proof that it was recorded.",
    Refusal.LOG_PROOF_MALFORMED: "The proof that the statement was recorded cannot be read.",
    Refusal.LOG_ORIGIN_UNKNOWN: "The proof is from a log that is not the issuer's.",
    Refusal.CHECKPOINT_SIGNATURE_INVALID: "The log's checkpoint is not signed by the log's key.",
    Refusal.INCLUSION_INVALID: "The statement does not stand in the log that the proof shows.",
    Refusal.WITNESS_SIGNATURE_INVALID: "A trusted witness's signature on the log is wrong.",
    Refusal.WITNESS_QUORUM_MISSING: "Fewer trusted witnesses saw the log than you require.",
    Refusal.KEY_NOT_YET_VALID: "The statement was signed before its key became active.",
    Refusal.KEY_EXPIRED: "The statement was signed after its key was retired.",
    Refusal.KEY_REVOKED: "A key was revoked, and nothing shows the statement to be older.",
    Refusal.KEYSET_EXPIRED: "The key set is out of date: fetch a new one and check again.",
}


class RefusedError(Exception):
    """Input that a verification step refuses.

    Attributes:
        refusal: the name of the first failure.
        detail: what exactly was found, without personal data.
    """

    def __init__(self, refusal: Refusal, detail: str) -> None:
        super().__init__(f"{refusal}: {detail}")
        self.refusal = refusal
        self.detail = detail
