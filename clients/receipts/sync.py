"""What the statements of synchronisation and events must say to be read at all (step 6)."""

from __future__ import annotations

from itertools import pairwise

from google.protobuf.message import Message

from dancu.v1 import change_pb2, citizen_pb2, population_event_pb2
from dancu.v1 import statement_pb2 as pb

DIGEST_BYTES = 32
LARGEST_CHUNK = 1000
NO_CHUNK = bytes(DIGEST_BYTES)
"""``previous_digest`` of the first chunk."""

_YES_NO = frozenset({citizen_pb2.OUTCOME_VERIFIED, citizen_pb2.OUTCOME_NOT_VERIFIED})
_UNKNOWN_STATE = population_event_pb2.EVENT_STATE_UNSPECIFIED


def complaint_about_sync(statement: Message) -> str:
    """What is wrong with a statement of these types; empty when nothing is, or of other types."""
    match statement:
        case pb.ReconciledChunk():
            return _about_chunk(statement)
        case pb.ChangeBatch():
            return _about_changes(statement)
        case pb.WatchedCitizens():
            return "" if _YES_NO.issuperset(statement.added) else "neither on the list nor not"
        case pb.EventReceipt():
            return _about_event(statement)
    return ""


def _about_chunk(said: pb.ReconciledChunk) -> str:
    if not said.session_id or said.chunk_number < 0:
        return "a chunk of no session"
    if len(said.previous_digest) != DIGEST_BYTES:
        return "the digest of the chunk before has 32 bytes"
    if (said.previous_digest == NO_CHUNK) != (said.chunk_number == 0):
        return "the first chunk follows none, and every other follows one"
    if not 1 <= len(said.item_digests) <= LARGEST_CHUNK:
        return f"a chunk of {len(said.item_digests)} records"
    as_long = all(len(digest) == DIGEST_BYTES for digest in said.item_digests)
    return "" if as_long else "item digests have 32 bytes each"


def _about_changes(said: pb.ChangeBatch) -> str:
    revisions = [change.revision for change in said.changes]
    if any(later <= earlier for earlier, later in pairwise(revisions)):
        return "changes that are not in the order of their revisions"
    if revisions and not said.start_revision <= revisions[0] <= revisions[-1] <= (
        said.through_revision
    ):
        return "changes beyond the revisions that the batch is about"
    if any(change.kind == change_pb2.CHANGE_KIND_UNSPECIFIED for change in said.changes):
        return "a change of no kind"
    return ""


def _about_event(said: pb.EventReceipt) -> str:
    record = said.record
    if not record.event_id or not record.event.WhichOneof("what"):
        return "a receipt for no event"
    return "a receipt for an event in no known state" if record.state == _UNKNOWN_STATE else ""
