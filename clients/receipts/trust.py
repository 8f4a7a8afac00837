"""What the person who checks brings along: pinned roots, witnesses, the lowest key set version."""

from __future__ import annotations

from dataclasses import dataclass, field

from clients.receipts.keys import BadKeyError, Ed25519Key, public_key
from clients.receipts.note import COSIGNATURE, decode_base64, is_key_name, note_key_id
from dancu.v1.statement_pb2 import KEY_ALGORITHM_ED25519, KEY_ALGORITHM_ES256

_ALGORITHMS = {"ED25519": KEY_ALGORITHM_ED25519, "ES256": KEY_ALGORITHM_ES256}


class TrustError(ValueError):
    """Trust that makes no sense: a root that does not match its id, a witness listed twice."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Somebody who cosigns the log's checkpoints.

    Attributes:
        name: the key name in its signature lines.
        public_key: Ed25519, 32 bytes.
    """

    name: str
    public_key: bytes
    note_key_id: bytes = field(init=False)
    key: Ed25519Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not is_key_name(self.name):
            raise TrustError("a witness needs a name without blanks and plus signs")
        try:
            object.__setattr__(self, "key", Ed25519Key(self.public_key))
        except BadKeyError as error:
            raise TrustError(f"witness {self.name}: {error}") from None
        key_id = note_key_id(self.name, COSIGNATURE, self.public_key)
        object.__setattr__(self, "note_key_id", key_id)


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe.

    Attributes:
        roots: ids of the root keys that may sign key sets.
        lowest_version: of key sets; lower ones are refused.
        witnesses: whose signatures on checkpoints count.
        quorum: how many of them must have signed; 0 asks for none, and then only the issuer
            says when a statement was made.
    """

    roots: frozenset[str]
    lowest_version: int = 0
    witnesses: tuple[Witness, ...] = ()
    quorum: int = 0

    def __post_init__(self) -> None:
        if self.quorum < 0:
            raise TrustError("a quorum is not negative")
        # The signed text does not name the witness: one key under two names would count twice.
        names = {witness.name for witness in self.witnesses}
        keys = {witness.public_key for witness in self.witnesses}
        if min(len(names), len(keys)) < len(self.witnesses):
            raise TrustError("a witness is listed twice")


def read_roots(text: str) -> frozenset[str]:
    """Read ``root.pub``: one ``KEY_ID ALGORITHM BASE64(public key)`` a line.

    ALGORITHM is ED25519 or ES256. Blank lines and lines that start with ``#`` are skipped.

    Raises:
        TrustError: a line of another form, a key that does not have the id beside it, or no
            key at all.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    roots = frozenset(_read_root(line) for line in lines)
    if not roots:
        raise TrustError("no root key")
    return roots


def _read_root(line: str) -> str:
    try:
        key_id, algorithm, encoded = line.split()
        key = public_key(_ALGORITHMS[algorithm.upper()], decode_base64(encoded))
    except (ValueError, KeyError):
        raise TrustError(f"not a root key: {line!r}") from None
    if key.thumbprint() != key_id:
        raise TrustError(f"the key is {key.thumbprint()}, but the line says {key_id!r}")
    return key_id
