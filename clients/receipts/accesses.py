"""One entry of an access history, checked: its row, computed anew, stands under the log.

The statement says that the entry is so; this proves that the log says so, too.
"""

from __future__ import annotations

import hashlib
import struct
from datetime import UTC

from clients.receipts.tlog import InclusionProof, is_included, leaf_hash, root_by_path
from dancu.v1 import access_pb2, citizen_pb2, simulated_effect_pb2, statement_pb2

SUBJECT_BYTES = 16
HASH_BYTES = 32

_ROW = b"dancu.access.v1\n"
_LEAF = b"dancu.leaf.v1\n"
_LAYOUT = struct.Struct(f">{SUBJECT_BYTES}sBI")  # subject, outcome, fields
_EFFECTS = {
    number: name.removeprefix("SIMULATED_EFFECT_")
    for name, number in simulated_effect_pb2.SimulatedEffect.items()
}
_FIELDS = {field.name: field.index for field in citizen_pb2.Citizen.DESCRIPTOR.fields}


def entry_in_log(entry: access_pb2.AccessEntry, proof: InclusionProof) -> bool:
    """Whether an entry is the row of the access log that it says it is.

    ``proof`` is of the entry's leaf; that its checkpoint is the log's is for the caller to know.
    """
    root = access_root_of(entry)
    if root is None or proof.index != entry.leaf_index:
        return False
    return is_included(leaf_hash(_LEAF + entry.statement_digest + root), proof)


def complaint_about_history(said: statement_pb2.AccessHistory) -> str:
    """What is wrong with a history; empty when nothing is."""
    if said.outcome != citizen_pb2.OUTCOME_VERIFIED:
        silent = not (said.entries or said.next_page_token or said.months or said.log_size)
        return "" if silent else "a history of nobody"
    places = [(one.leaf_index, one.row_index) for one in said.entries]
    if places != sorted(set(places), reverse=True):
        return "entries that are not in order"
    if any(not 0 <= leaf < said.log_size for leaf, _ in places):
        return "an entry beyond the log"
    return next((told for one in said.entries if (told := _complaint(one))), "")


def access_root_of(entry: access_pb2.AccessEntry) -> bytes | None:
    """The access root that the entry's row and path lead to; None where they cannot be so."""
    digests = (entry.asker_digest, entry.statement_digest, *entry.access_path)
    if len(entry.subject) != SUBJECT_BYTES or {len(one) for one in digests} != {HASH_BYTES}:
        return None
    if not set(entry.fields) <= _FIELDS.keys() or entry.outcome > 255:  # noqa: PLR2004 - one byte
        return None
    if not set(entry.simulated_effects) <= _EFFECTS.keys():
        return None
    row = leaf_hash(_row(entry))
    return root_by_path(row, entry.row_index, entry.row_count, entry.access_path)


def _row(entry: access_pb2.AccessEntry) -> bytes:
    moment = entry.accessed_at.ToDatetime(tzinfo=UTC)
    told = (
        moment.isoformat(),
        entry.caller,
        entry.rpc,
        entry.procedure_code,
        entry.unit_code,
        entry.dossier_id,
        f"{entry.register_revision}\n{_effects_line(entry)}",
    )
    common = hashlib.sha256(_ROW + "\n".join(told).encode() + entry.asker_digest).digest()
    bits = sum(1 << _FIELDS[name] for name in set(entry.fields))
    return common + _LAYOUT.pack(entry.subject, entry.outcome, bits)


def _effects_line(entry: access_pb2.AccessEntry) -> str:
    """What the simulator did to the answer on purpose; a line that only few rows have."""
    if not entry.simulated_effects:
        return ""
    return " ".join(_EFFECTS[effect] for effect in entry.simulated_effects) + "\n"


def _complaint(entry: access_pb2.AccessEntry) -> str:
    if entry.outcome == citizen_pb2.OUTCOME_UNSPECIFIED:
        return "an access without an outcome"
    places = [_FIELDS.get(name, -1) for name in entry.fields]
    if -1 in places or places != sorted(set(places)):
        return "fields that are not those of a citizen"
    return "" if access_root_of(entry) else "a row that leads to no access root"
