"""Access histories: as they are, and put together wrongly.

The rows are made here as docs/design/evidence.md says, from nothing of the verifier's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

from dancu.v1 import access_pb2 as access
from dancu.v1 import citizen_pb2 as citizen
from dancu.v1 import statement_pb2 as pb
from tests.vectors import scene as v
from tests.vectors import signer as s

SUBJECT = b"pseudonym of feb"
NEIGHBOURS = [s.leaf_hash(b"another row %d" % number) for number in range(3)]
ASKER = hashlib.sha256(b"dancu.asker.v1\nREQ-1\nCB-0012345").digest()
STATED = hashlib.sha256(b"what was signed").digest()


def history() -> pb.AccessHistory:
    """A look-up that showed two fields, and before it one claim of a batch of three."""
    look_up = _entry(9, "IdentityService/LookupCitizen", ["name", "sex"])
    batch = _entry(4, "IdentityService/BatchVerifyIdentities", [])
    batch.row_index, batch.row_count = 1, 3
    batch.access_path.extend(NEIGHBOURS[:2])
    return pb.AccessHistory(
        header=v.header(rpc="dancu.v1.AccessHistoryService/ListAccesses"),
        claim=v.CLAIM,
        outcome=citizen.OUTCOME_VERIFIED,
        person=v.PERSON,
        entries=[look_up, batch],
        next_page_token="b3BhcXVl",  # noqa: S106 - a place in a list, no secret
        months=["2026-01", "2026-02"],
        log_size=11,
    )


def good() -> Iterator[v.Vector]:
    """Those that must be VALID."""
    nobody = pb.AccessHistory(
        header=v.header(rpc="dancu.v1.AccessHistoryService/ListAccesses"),
        claim=v.CLAIM,
        outcome=citizen.OUTCOME_NOT_VERIFIED,
    )
    for name, about, body in (
        ("accesses", "Two accesses, the newest first.", history()),
        ("accesses-not-verified", "A no lists nothing.", nobody),
    ):
        yield v.Vector(name, about, v.sealed(v.Draft(body)))


def malformed() -> Iterator[tuple[str, str, v.Statement]]:
    """Those that are STATEMENT_MALFORMED: variant, about, body."""

    def say_no(said: pb.AccessHistory) -> None:
        said.outcome = citizen.OUTCOME_NOT_VERIFIED

    def forget_outcome(said: pb.AccessHistory) -> None:
        said.entries[0].ClearField("outcome")

    def shrink(said: pb.AccessHistory) -> None:
        said.log_size = 9

    def cut(said: pb.AccessHistory) -> None:
        said.entries[1].subject = SUBJECT[1:]

    for variant, about, change in (
        ("accesses-of-nobody", "Accesses beside a no.", say_no),
        ("accesses-order", "The oldest first.", lambda said: said.entries.reverse()),
        ("accesses-twice", "One entry twice.", lambda said: said.entries.append(said.entries[1])),
        ("accesses-outcome", "An access without an outcome.", forget_outcome),
        ("accesses-beyond", "An entry beyond the leaves that were searched.", shrink),
        ("accesses-subject", "A pseudonym of 15 bytes.", cut),
        (
            "accesses-path",
            "A path that is too short.",
            lambda said: said.entries[1].access_path.pop(),
        ),
        ("accesses-field", "No field.", lambda said: said.entries[0].fields.append("shoe_size")),
        ("accesses-fields", "Not in order.", lambda said: said.entries[0].fields.append("name")),
    ):
        yield variant, about, _changed(change)


def _entry(leaf: int, rpc: str, fields: list[str]) -> access.AccessEntry:
    return access.AccessEntry(
        accessed_at=v.stamp(v.ISSUED),
        caller="caller-1",
        unit_code="000.00.00.H29",
        officer_masked="*******345",
        procedure_code="1.001193",
        rpc="dancu.v1." + rpc,
        register_revision=7,
        outcome=citizen.OUTCOME_VERIFIED,
        fields=fields,
        leaf_index=leaf,
        row_count=1,
        subject=SUBJECT,
        asker_digest=ASKER,
        statement_digest=STATED,
    )


def _changed(change: Callable[[pb.AccessHistory], object]) -> pb.AccessHistory:
    body = history()
    change(body)
    return body
