"""``dancu accesses dispute``: from the list of who looked to a dispute that the register keeps."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from tests.rpc.gateways import Running, serving

CLAIM = ["079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14"]
LETTER = ["--document", "3/ĐKN", "--document-date", "2025-12-31", "--authority", "UBND phường"]


async def run(running: Running, *arguments: str | Path) -> Result:
    """Run ``dancu accesses ARGS`` beside the gateway."""
    where = ["--server", running.grpc, "--data-dir", str(running.data_dir)]
    return await asyncio.to_thread(
        CliRunner().invoke, app, ["accesses", *map(str, arguments), *where]
    )


async def test_a_dispute(data_dir: Path, tmp_path: Path) -> None:
    """An entry is disputed by its place; the receipt shows what was said, and no record changes."""
    receipt = tmp_path / "dispute.receipt"
    async with serving(data_dir, "explain") as running:
        async with running.connect(audience="explain") as gateway:
            await gateway.verify_identity(
                personal_id=CLAIM[0], full_name=CLAIM[2], birth_date=CLAIM[4]
            )
        listed = json.loads((await run(running, "list", *CLAIM, "--json")).stdout)
        [entry] = listed["entries"]
        place = f"{entry['leaf_index']}.{entry['row_index']}"
        said = ["--entry", place, "--statement", "Tôi không đến đó"]
        kept = await run(running, "dispute", *CLAIM, *said, *LETTER, "--out", receipt)
        assert kept.exit_code == 0, kept.stderr
        assert "none: it changes nobody's record" in kept.stdout
        nobody = ["dispute", CLAIM[0], "--name", "Ai đó", "--birth-date", "1988", *said, *LETTER]
        assert (await run(running, *nobody)).exit_code == 1
    keys = str(data_dir / "keyset.binpb")
    shown = CliRunner().invoke(app, ["receipt", "verify", str(receipt), "--keys", keys, "--json"])
    told = json.loads(shown.stdout)["statement"]
    assert told["kind"] == "access_dispute"
    assert told["access_dispute"]["statement"] == "Tôi không đến đó"
    assert (told["first_revision"], told["last_revision"]) == (0, 0)
