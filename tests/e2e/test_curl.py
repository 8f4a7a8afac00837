"""A developer's tools through reflection: requests and signed statements as readable JSON."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.rpc.gateways import Running, serving

BUF = Path(sys.executable).with_name("buf")
QUESTION = {
    "context": {
        "requestId": "R1",
        "procedureCode": "P",
        "unitCode": "U",
        "officerId": "O",
    },
    "claim": {
        "personalId": "079088000001",
        "fullName": "TRAN MINH KHOI",
        "birthDate": {"year": 1988, "month": 3, "day": 14},
    },
}

pytestmark = pytest.mark.skipif(not BUF.exists(), reason="buf comes with the developers' tools")


async def curl(running: Running, method: str, body: object) -> subprocess.CompletedProcess[str]:
    """``buf curl``, which knows the contract by reflection alone."""
    command = [
        str(BUF), "curl", "--protocol", "grpc", "--http2-prior-knowledge",
        "--data", json.dumps(body), f"http://{running.grpc}/{method}",
    ]  # fmt: skip
    return await asyncio.to_thread(
        subprocess.run, command, capture_output=True, text=True, timeout=60, check=False
    )


async def test_statements_are_readable(data_dir: Path) -> None:
    """Every method of IdentityService answers with statements in JSON, not in base64."""
    batch = {"context": QUESTION["context"], "claims": [QUESTION["claim"]]}
    async with serving(data_dir) as running:
        asked = {
            "VerifyIdentity": QUESTION,
            "BatchVerifyIdentities": batch,
            "LookupCitizen": QUESTION,
            "ResolveIdentifier": QUESTION,
        }
        done = await asyncio.gather(
            *(
                curl(running, f"dancu.v1.IdentityService/{name}", each)
                for name, each in asked.items()
            )
        )
    answers: list[dict[str, Any]] = [json.loads(each.stdout) for each in done]
    verified, batched, looked_up, resolved = (one["signed"]["statement"] for one in answers)
    assert verified["@type"] == "type.googleapis.com/dancu.v1.IdentityVerification"
    assert verified["outcome"] == "OUTCOME_VERIFIED"
    assert verified["levels"]["fullName"] == "NAME_LEVEL_UNMARKED"
    assert verified["header"]["simulated"] is True
    assert len(batched["itemDigests"]) == 1
    assert answers[1]["items"][0]["person"]["status"] == "PERSON_STATUS_ALIVE"
    assert looked_up["citizen"]["name"]["full"] == "Trần Minh Khôi"
    assert resolved["currentPersonalId"] == "079088000001"


async def test_errors_are_readable(data_dir: Path) -> None:
    """A refusal shows its code, a sentence that names the field, and its details."""
    async with serving(data_dir) as running:
        done = await curl(
            running, "dancu.v1.IdentityService/VerifyIdentity", {"context": QUESTION["context"]}
        )
    assert done.returncode != 0
    error = json.loads(done.stderr)
    assert error["code"] == "invalid_argument"
    assert error["message"].startswith("claim.personal_id: ")
    types = {detail["type"] for detail in error["details"]}
    assert types >= {"google.rpc.ErrorInfo", "google.rpc.BadRequest"}
