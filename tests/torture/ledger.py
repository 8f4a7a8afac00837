"""Every receipt that a client holds has its leaf, and the log holds together."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from clients.receipts.envelope import parse_envelope
from clients.receipts.statement import parse_statement
from clients.receipts.tlog import is_included, leaf_hash, parse_proof
from clients.sdk import Gateway
from dancu.v1 import statement_pb2
from gateway.engines.choice import engine_in
from tests.rpc.gateways import audited
from tests.support.record_stores import query
from tests.torture.stores import stores_of

_DANCU = str(Path(sys.executable).with_name("dancu"))


class Held(NamedTuple):
    """A receipt that somebody holds."""

    who: str
    at: int  # index of the leaf
    leaf: bytes
    size: int  # of the log when it was proved, and its root
    root: bytes
    revision: int  # of the register, that it was read at


def held(receipts: Mapping[bytes, str]) -> list[Held]:
    """Read receipts."""
    return [_read(receipt, who) for receipt, who in receipts.items()]


def _read(receipt: bytes, who: str) -> Held:
    signed = statement_pb2.SignedStatement.FromString(receipt)
    payload = parse_envelope(receipt).payload
    digest = hashlib.sha256(payload.pae()).digest()
    leaf = leaf_hash(b"dancu.leaf.v1\n" + digest + signed.log_proof.access_root)
    proof = parse_proof(signed.log_proof.tlog_proof)
    assert is_included(leaf, proof)
    revision = parse_statement(payload).header.register_revision
    return Held(who, proof.index, leaf, proof.checkpoint.size, proof.checkpoint.root, revision)


def check_leaves(receipts: Iterable[Held], leaves: list[bytes]) -> Iterator[str]:
    """Each receipt's leaf stands where its proof says, and no two stand at one place."""
    places: dict[int, bytes] = {}
    for one in receipts:
        if one.at >= len(leaves) or leaves[one.at] != one.leaf:
            yield f"a receipt of {one.who} is not leaf {one.at} of the log"
        if places.setdefault(one.at, one.leaf) != one.leaf:
            yield f"two receipts claim leaf {one.at}"


def check_log(data_dir: Path, receipts: Iterable[Held]) -> Iterator[str]:
    """``dancu ledger verify`` says that it holds, also against what clients hold."""
    roots: dict[int, bytes] = {}
    for one in receipts:
        if roots.setdefault(one.size, one.root) != one.root:
            yield f"two roots of one size {one.size}"
    for found in audited(data_dir, roots).findings:
        yield f"ledger: {found.invariant}: {found.message}"
    command = (_DANCU, "ledger", "verify", "--json", "--data-dir", str(data_dir))
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode or not json.loads(done.stdout)["holds"]:
        yield f"dancu ledger verify says {done.returncode}: {done.stdout} {done.stderr}"


def check_charges(data_dir: Path, rpc: str, expected: int) -> Iterator[str]:
    """So many answers of an RPC were recorded and charged, whatever was sent again."""
    asked = f"SELECT coalesce(sum(answers), 0) FROM usage WHERE rpc LIKE '%{rpc}'"  # noqa: S608 - our own name
    ((charged,),) = query(stores_of(data_dir).records, asked)
    if charged != expected:
        yield f"{charged} answers of {rpc} were charged, and {expected} given"


def stored_leaves(data_dir: Path) -> list[bytes]:
    """The leaf hashes as they lie in the records."""
    leaves = engine_in(data_dir).leaves()
    return [base64.b64decode(str(leaf["leaf_hash"])) for leaf in leaves]


async def check_proofs(gateway: Gateway, receipts: list[Held], most: int) -> list[str]:
    """The server proves the leaf of some receipts anew, spread over all."""
    some = sorted(receipts, key=lambda one: one.at)[:: len(receipts) // most + 1]
    proofs = await asyncio.gather(*(gateway.inclusion_proof(one.at) for one in some))
    return [
        f"the server does not prove leaf {one.at}"
        for one, proof in zip(some, proofs, strict=True)
        if not is_included(one.leaf, proof)
    ]
