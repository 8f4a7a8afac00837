"""``dancu`` with a planted defect: an unknown number takes 100 µs longer. Run as a script.

The timing test must notice it; else it would notice nothing.
"""

from __future__ import annotations

import time

from gateway import cli
from gateway.core import decision
from gateway.core.model import Claim, Decision
from gateway.flows import verification
from mock_population_db.snapshot import Snapshot

DELAY = 100e-6  # seconds


def decide(claim: Claim, snapshot: Snapshot, *, explain: bool) -> Decision:
    """Decide, and dawdle when the seek came to rest on another number."""
    found = snapshot.identities.get(claim.personal_id)
    if found is None or found.personal_id != claim.personal_id:
        until = time.perf_counter() + DELAY
        while time.perf_counter() < until:
            pass
    return decision.decide(claim, snapshot, explain=explain)


if __name__ == "__main__":
    vars(verification)["decide"] = decide
    cli.main()
