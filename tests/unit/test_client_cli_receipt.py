"""``dancu receipt``: what it says of a kept answer, without any server."""

# ruff: noqa: ASYNC240 - small local files, and no other task waits

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from typer.testing import Result

from clients.sdk import Claim, Gateway, Trust
from dancu.v1 import identity_service_pb2, statement_pb2
from tests.unit.client_commands import Run, one_error_line
from tests.unit.client_fake_gateway import AN, CONTEXT, HOA, FakeGateway
from tests.unit.client_signing import Key, cosignature


async def test_receipt_valid(run: Run, receipt: Path, data_dir: Path) -> None:
    """A receipt under a pinned root is VALID and says who asked what of whom, and when."""
    result = await run(
        "receipt", "verify", receipt, "--keys", data_dir / "keyset.binpb",
        "--root", data_dir / "root.pub",
    )  # fmt: skip
    assert result.exit_code == 0
    for shown in ("VALID: VERIFIED", "001090000013", "Lê Văn An", "DEMO-OFFICER", "log entry"):
        assert shown in result.stdout
    assert result.stderr == ""


async def test_receipt_without_root(run: Run, receipt: Path, data_dir: Path) -> None:
    """The root beside the key set will do, but is no pin, and that is said."""
    result = await run("receipt", "verify", receipt, "--keys", data_dir / "keyset.binpb")
    assert result.exit_code == 0
    assert "nothing was pinned" in result.stderr


async def test_receipt_no_root_anywhere(run: Run, receipt: Path, data_dir: Path) -> None:
    """Without any root there is nothing to check against: bad usage."""
    (data_dir / "root.pub").unlink()
    result = await run("receipt", "verify", receipt, "--keys", data_dir / "keyset.binpb")
    assert result.exit_code == 2
    assert "--root" in one_error_line(result)


@pytest.fixture
def check(run: Run, receipt: Path, data_dir: Path) -> Run:
    """Run ``receipt verify`` on the kept receipt, with its root pinned."""

    async def check(*arguments: str | Path) -> Result:
        return await run(
            "receipt", "verify", receipt, "--keys", data_dir / "keyset.binpb",
            "--root", data_dir / "root.pub", *arguments,
        )  # fmt: skip

    return check


async def test_receipt_changed(check: Run, receipt: Path) -> None:
    """A changed receipt is INVALID, exits 1, and nothing of what it says is shown."""
    receipt.write_bytes(receipt.read_bytes().replace("Lê Văn An".encode(), "Lê Văn En".encode()))
    result = await check()
    assert result.exit_code == 1
    assert result.stdout.startswith("INVALID SIGNATURE_INVALID: ")
    assert "Lê Văn" not in result.stdout


async def test_receipt_years_later(check: Run) -> None:
    """Under an expired key set the receipt is INDETERMINATE, exits 4, and is shown."""
    result = await check("--at", "2099-01-01")
    assert result.exit_code == 4
    assert "INDETERMINATE: VERIFIED" in result.stdout
    assert "KEYSET_EXPIRED" in result.stdout


async def test_receipt_json(check: Run) -> None:
    """For scripts: the result, why, and the statement."""
    result = await check("--json")
    found = json.loads(result.stdout)
    assert (found["result"], found["refusal"]) == ("VALID", None)
    assert found["statement"]["outcome"] == "VERIFIED"
    assert found["statement"]["request_id"] == "r-1"


async def test_receipt_json_invalid(check: Run) -> None:
    """What an INVALID statement says is in no output."""
    result = await check("--json", "--request-id", "r-2")
    found = json.loads(result.stdout)
    assert (found["result"], found["refusal"]) == ("INVALID", "CONTEXT_MISMATCH")
    assert found["statement"] is None


@pytest.mark.parametrize(
    ("arguments", "exit_code"),
    [
        (["--number", "001090000013", "--name", "Lê Văn An", "--birth-date", "1990-05-12"], 0),
        (["--request-id", "r-1", "--audience", "demo"], 0),
        (["--number", "001090000014"], 1),
        (["--number", "012345678"], 1),
        (["--name", "Lê Văn Ân"], 1),
        (["--birth-date", "1990"], 1),
        (["--audience", "another"], 1),
        (["--quorum", "1"], 1),
        (["--at", "yesterday"], 2),
        (["--birth-date", "yesterday"], 2),
        (["--witness", "nobody"], 2),
        (["--witness", "nobody=!"], 2),
    ],
)
async def test_receipt_expectations(check: Run, arguments: list[str], exit_code: int) -> None:
    """What is expected must be equal, and only that is compared."""
    result = await check(*arguments)
    assert result.exit_code == exit_code
    if exit_code == 2:
        one_error_line(result)


async def test_receipt_state(check: Run, fake: FakeGateway, data_dir: Path) -> None:
    """With --state an older key set than the last one is refused from then on."""
    old = (data_dir / "keyset.binpb").read_bytes()
    fake.key_set_version = 2
    (data_dir / "keyset.binpb").write_bytes(fake.key_set().SerializeToString())
    state = ("--state", data_dir / "state")
    assert (await check(*state)).exit_code == 0
    (data_dir / "keyset.binpb").write_bytes(old)
    result = await check(*state)
    assert result.exit_code == 1
    assert "KEYSET_ROLLBACK" in result.stdout
    assert (await check()).exit_code == 0


async def test_receipt_missing(run: Run, data_dir: Path) -> None:
    """A file that is not there is bad usage, in one line."""
    result = await run("receipt", "verify", "gone.bin", "--keys", data_dir / "keyset.binpb")
    assert result.exit_code == 2
    assert "gone.bin" in one_error_line(result)


@pytest.fixture
async def batch(fake: FakeGateway, tmp_path: Path) -> Path:
    """A kept answer to a batch of two."""
    trust = Trust.pinned([fake.root.key_id])
    async with Gateway.connect(fake.target, trust=trust, context=CONTEXT) as gateway:
        answer = await gateway.batch_verify_identities([Claim(**AN), Claim(**HOA)])
    path = tmp_path / "batch.bin"
    path.write_bytes(answer.response)
    return path


async def test_open_item(run: Run, batch: Path, data_dir: Path, tmp_path: Path) -> None:
    """One person's receipt out of a batch verifies alone and names nobody else."""
    item = tmp_path / "item.bin"
    opened = await run("receipt", "open", batch, "--index", "1", "--out", item)
    assert opened.exit_code == 0
    result = await run(
        "receipt", "verify", item, "--keys", data_dir / "keyset.binpb",
        "--root", data_dir / "root.pub", "--number", "001148000017",
    )  # fmt: skip
    assert result.exit_code == 0
    assert "Nguyễn Thị Hoà" in result.stdout
    assert "DEAD" in result.stdout
    assert "Lê Văn An".encode() not in item.read_bytes()


@pytest.mark.parametrize("index", ["2", "99"])
async def test_open_item_that_is_not_there(
    run: Run, batch: Path, tmp_path: Path, index: str
) -> None:
    """A position outside the batch is bad usage."""
    result = await run("receipt", "open", batch, "--index", index, "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert "2 items" in one_error_line(result)


async def test_open_no_batch(run: Run, receipt: Path, tmp_path: Path) -> None:
    """What is no batch's answer cannot be opened."""
    result = await run("receipt", "open", receipt, "--index", "0", "--out", tmp_path / "x")
    assert result.exit_code == 2
    assert not (tmp_path / "x").exists()
    one_error_line(result)


async def test_whole_batch_names_nobody(
    run: Run, batch: Path, data_dir: Path, tmp_path: Path
) -> None:
    """The statement over a batch is VALID by itself, and says nothing of anybody."""
    whole = tmp_path / "whole.bin"
    answer = identity_service_pb2.BatchVerifyIdentitiesResponse.FromString(batch.read_bytes())
    whole.write_bytes(answer.signed.SerializeToString())
    result = await run("receipt", "verify", whole, "--keys", data_dir / "keyset.binpb")
    assert result.exit_code == 0
    assert "VALID: BATCH" in result.stdout
    assert "Lê Văn An" not in result.stdout


async def test_witness(check: Run, receipt: Path, fake: FakeGateway) -> None:
    """A trusted witness's line on the checkpoint counts, and says by when it was seen."""
    signed = statement_pb2.SignedStatement.FromString(receipt.read_bytes())
    witness = Key(statement_pb2.KEY_ROLE_WITNESS)
    proof = signed.log_proof.tlog_proof
    signed.log_proof.tlog_proof = proof + cosignature(witness, "w.example", proof)
    receipt.write_bytes(signed.SerializeToString())
    key = base64.b64encode(witness.public).decode()
    result = await check("--witness", f"w.example={key}", "--quorum", "1")
    assert result.exit_code == 0
    assert "seen by" in result.stdout
