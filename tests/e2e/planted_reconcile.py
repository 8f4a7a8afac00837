"""``dancu`` with a planted defect: the unknown records of a chunk take 20 µs longer each.

As ``planted.py``, for reconciliation. Run as a script.
"""

from __future__ import annotations

import time

from gateway import cli
from gateway.core import reconciliation
from gateway.core.reconciliation import Found
from gateway.core.records import Asked
from gateway.flows import reconcile_chunk
from mock_population_db.snapshot import Snapshot

DELAY = 20e-6  # seconds


def judge(asked: Asked, snapshot: Snapshot, granted: frozenset[str], *, duplicate: bool) -> Found:
    """Judge, and dawdle when the seek came to rest on another number."""
    found = snapshot.identities.get(asked.claim.personal_id)
    if found is None or found.personal_id != asked.claim.personal_id:
        until = time.perf_counter() + DELAY
        while time.perf_counter() < until:
            pass
    return reconciliation.judge(asked, snapshot, granted, duplicate=duplicate)


if __name__ == "__main__":
    vars(reconcile_chunk)["judge"] = judge
    cli.main()
