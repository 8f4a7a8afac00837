"""The envelope: a statement's exact bytes, its signatures and its log proof."""

from __future__ import annotations

from dataclasses import dataclass

from clients.receipts.wire import Shape, malformed, read_message, text

MAX_BYTES = 1024 * 1024
TYPE_PREFIX = "type.googleapis.com/dancu.v1."

_STATEMENT = Shape(
    "SignedStatement",
    required=frozenset({1}),
    optional=frozenset({3}),
    repeated=frozenset({2}),
)
_ANY = Shape("Any", required=frozenset({1, 2}))
_SIGNATURE = Shape("Signature", required=frozenset({1, 2}))
_LOG_PROOF = Shape("LogProof", required=frozenset({1, 2}))


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature: the key's thumbprint and the signature's bytes."""

    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class LogProof:
    """The proof as it came: a tlog-proof text, and the root over the access rows."""

    tlog_proof: str
    access_root: bytes


@dataclass(frozen=True, slots=True)
class Payload:
    """A message with its type, of which the value bytes are kept verbatim."""

    type_url: str
    value: bytes

    def pae(self) -> bytes:
        """DSSE's pre-authentication encoding: what the signatures are over."""
        url = self.type_url.encode()
        return b"DSSEv1 %d %b %d %b" % (len(url), url, len(self.value), self.value)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A SignedStatement, read strictly; nothing in it is trusted yet."""

    payload: Payload
    signatures: tuple[Signature, ...]
    log_proof: LogProof | None


def check_size(data: bytes) -> None:
    """Refuse input of more than 1 MiB (ENVELOPE_MALFORMED)."""
    if len(data) > MAX_BYTES:
        raise malformed(f"more than {MAX_BYTES} bytes")


def parse_envelope(data: bytes) -> Envelope:
    """Read a SignedStatement; RefusedError(ENVELOPE_MALFORMED) unless in its one encoding."""
    check_size(data)
    fields = read_message(data, _STATEMENT)
    proofs = fields.get(3, [])
    return Envelope(
        payload=parse_payload(fields[1][0]),
        signatures=tuple(_signature(content) for content in fields.get(2, [])),
        log_proof=_log_proof(proofs[0]) if proofs else None,
    )


def parse_payload(data: bytes) -> Payload:
    """Read an Any; RefusedError(ENVELOPE_MALFORMED) unless in its one encoding."""
    fields = read_message(data, _ANY)
    return Payload(text(fields[1][0], "type_url"), fields[2][0])


def _signature(data: bytes) -> Signature:
    fields = read_message(data, _SIGNATURE)
    return Signature(text(fields[1][0], "key_id"), fields[2][0])


def _log_proof(data: bytes) -> LogProof:
    fields = read_message(data, _LOG_PROOF)
    return LogProof(text(fields[1][0], "tlog_proof"), fields[2][0])
