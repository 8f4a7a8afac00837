"""The log for outsiders: witnesses, restored backups, epochs, and the commands for them."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from clients import cli_witness
from clients.receipts.tlog import parse_checkpoint
from clients.witness import LogUnreachable, fetcher
from clients.witness.tiles import Fetch
from gateway import datadir
from gateway.commands.tree import app
from gateway.store.errors import StoreError
from tests.rpc.gateways import Running, serving
from tests.rpc.raw import RawClient
from tests.support import merkle

CLAIM = ("079088000001", "--name", "Trần Minh Khôi", "--birth-date", "1988-03-14")


async def run(*arguments: str | Path) -> Result:
    """Run ``dancu ARGS`` beside the gateway."""
    told = [str(each) for each in arguments]
    return await asyncio.to_thread(CliRunner().invoke, app, told)


async def ask(running: Running, count: int) -> None:
    """Let the log grow."""
    async with RawClient(running) as raw:
        for _ in range(count):
            await raw.verify()


async def grow(data_dir: Path, count: int) -> None:
    """Start a gateway, let its log grow, and stop it."""
    async with serving(data_dir) as running:
        await ask(running, count)


def backup(data_dir: Path) -> Path:
    """A copy of the log of a gateway that is stopped."""
    return Path(shutil.copy(data_dir / "gateway.db", data_dir.with_name("backup.db")))


def restore(data_dir: Path, copy: Path) -> None:
    """Put a copy of the log in its place."""
    for suffix in ("-wal", "-shm"):
        (data_dir / f"gateway.db{suffix}").unlink(missing_ok=True)
    shutil.copy(copy, data_dir / "gateway.db")


async def witness(state: Path, running: Running, *arguments: str | Path) -> Result:
    """One round of a witness."""
    trust = ("--keys", running.data_dir / "keyset.binpb", "--root", running.data_dir / "root.pub")
    places = ("--state", state, "--log", f"http://{running.log}")
    return await run("ledger", "witness", "--once", *places, *trust, *arguments)


async def test_a_witness_catches_a_restored_log(data_dir: Path, tmp_path: Path) -> None:
    """A backup that is served again is rolled back; once it has grown, it is forked."""
    state = tmp_path / "witness"
    await grow(data_dir, 2)
    old = backup(data_dir)
    async with serving(data_dir) as running:
        await ask(running, 3)
        done = await witness(state, running)
        assert done.exit_code == 0, done.stderr
        assert "with 5 leaves" in done.stdout
    restore(data_dir, old)
    (data_dir / "keys" / "log.json").unlink()  # else the gateway itself would not start
    async with serving(data_dir) as running:
        for grown, name in ((0, "ROLLED_BACK"), (3, "FORKED"), (2, "FORKED")):
            await ask(running, grown)
            done = await witness(state, running)
            assert done.exit_code == 1, done
            assert done.stderr.startswith(f"error: {name}: ")
            assert done.stderr.count("\n") == 1
    for folder in (state / "evidence").iterdir():
        remembered, shown = (
            parse_checkpoint((folder / f"{name}.checkpoint").read_text())
            for name in ("remembered", "shown")
        )
        assert remembered.size == 5
        assert (remembered.size, remembered.root) != (shown.size, shown.root)
    assert len(list((state / "evidence").iterdir())) == 3
    cosigned = (state / "cosigned.checkpoint").read_text()
    assert parse_checkpoint(cosigned).size == 5


async def test_a_receipt_under_two_witnesses(data_dir: Path, tmp_path: Path) -> None:
    """A receipt is proven under the checkpoint that both signed, and then has a time."""
    receipt, later = tmp_path / "receipt", tmp_path / "later"
    one, two = tmp_path / "one", tmp_path / "two"
    keys = str(data_dir / "keyset.binpb")
    async with serving(data_dir) as running:
        at = ("--server", running.grpc, "--data-dir", data_dir)
        await run("verify", *CLAIM, *at, "--out", receipt)
        await ask(running, 4)
        await witness(one, running)
        await ask(running, 4)
        both = tmp_path / "both"
        given = ("--checkpoint", str(one / "cosigned.checkpoint"), "--out", both)
        done = await witness(two, running, *given)
        assert done.exit_code == 0, done.stderr
        log = ("--log", f"http://{running.log}")
        into = ("--cosigned", both, "--out", later)
        done = await run("receipt", "refresh", receipt, *log, *into)
        assert done.exit_code == 0, done.stderr
    shown = [await run("ledger", "witness", "--state", each, "--show-key") for each in (one, two)]
    trusted = [word for each in shown for word in ("--witness", each.stdout.strip())]
    check = ("--keys", keys, "--root", str(data_dir / "root.pub"), *trusted, "--json")
    done = await run("receipt", "verify", later, *check, "--quorum", "2")
    assert json.loads(done.stdout)["result"] == "VALID"
    assert json.loads(done.stdout)["time_attested"] is not None
    done = await run("receipt", "verify", receipt, *check, "--quorum", "1")
    assert json.loads(done.stdout)["refusal"] == "WITNESS_QUORUM_MISSING"


async def test_a_restored_log_does_not_start(data_dir: Path, tmp_path: Path) -> None:
    """It is refused, put aside, still verifies, and the next start begins another."""
    await grow(data_dir, 1)
    old = backup(data_dir)
    await grow(data_dir, 2)
    restore(data_dir, old)
    with pytest.raises(StoreError, match=r"^LOG_ROLLED_BACK: .*it has 1 leaves, and 3 were"):
        await grow(data_dir, 0)
    done = await run("ledger", "new-epoch", "--data-dir", data_dir)
    assert done.exit_code == 0
    aside = data_dir / _aside(data_dir)
    await grow(data_dir, 1)
    for more in ((), ("--file", aside)):
        done = await run("ledger", "verify", "--json", "--data-dir", data_dir, *more)
        assert (done.exit_code, json.loads(done.stdout)["leaves"]) == (0, 1)
    origins = {json.loads(done.stdout)["origin"], *_origins(data_dir)}
    assert len(origins) == 2
    key_set = (data_dir / "keyset.binpb").read_bytes()
    assert all(origin.encode() in key_set for origin in origins)


def _aside(data_dir: Path) -> str:
    (name,) = [one.name for one in data_dir.glob("gateway.*.db")]
    return name


def _origins(data_dir: Path) -> set[str]:
    with closing(sqlite3.connect(data_dir / "gateway.db")) as db:
        return {value for (value,) in db.execute("SELECT value FROM meta WHERE key = 'origin'")}


async def test_a_register_behind_the_log_does_not_start(data_dir: Path) -> None:
    """The log has seen more of the register than there is."""
    await grow(data_dir, 1)
    with closing(sqlite3.connect(data_dir / "gateway.db", isolation_level=None)) as db:
        db.execute("UPDATE head SET revision = revision + 1")
    with pytest.raises(datadir.SetupError, match=r"^REGISTER_BEHIND_LEDGER: .*dancu ledger new-ep"):
        await grow(data_dir, 0)


async def test_a_log_in_use_is_not_put_aside(data_dir: Path) -> None:
    """The gateway goes on undisturbed."""
    async with serving(data_dir) as running:
        await ask(running, 1)
        done = await run("ledger", "new-epoch", "--data-dir", data_dir)
        assert done.exit_code == 1
        assert "stop the gateway first" in done.stderr
        await ask(running, 1)
    done = await run("ledger", "new-epoch", "--data-dir", data_dir)
    assert done.exit_code == 0
    done = await run("ledger", "new-epoch", "--data-dir", data_dir)
    assert "there is no log" in done.stderr


async def test_the_exported_leaves_make_the_root(data_dir: Path, tmp_path: Path) -> None:
    """From the hashes alone, by the definition of the tree."""
    out = tmp_path / "leaves.jsonl"
    await grow(data_dir, 7)
    done = await run("ledger", "export", "--data-dir", data_dir, "--out", out)
    assert done.exit_code == 0, done.stderr
    leaves = [json.loads(line) for line in out.read_text().splitlines()]
    data = [
        b"dancu.leaf.v1\n"
        + base64.b64decode(leaf["statement_hash"])
        + base64.b64decode(leaf["access_root"])
        for leaf in leaves
    ]
    verified = await run("ledger", "verify", "--json", "--data-dir", data_dir)
    root = base64.b64decode(json.loads(verified.stdout)["root"])
    assert merkle.tree_hash(data) == root
    assert [leaf["index"] for leaf in leaves] == list(range(7))
    assert {frozenset(leaf) for leaf in leaves} == {
        frozenset({"index", "statement_hash", "access_root", "leaf_hash"})
    }
    for leaf, each in zip(leaves, data, strict=True):
        assert base64.b64decode(leaf["leaf_hash"]) == merkle.leaf_hash(each)


async def test_a_witness_goes_on(
    data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log that is away for a while is waited for, and cosigned when it is back."""
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            raise KeyboardInterrupt

    fetched: list[str] = []

    def away_at_first(url: str) -> Fetch:
        fetch = fetcher(url)

        def answer(path: str) -> bytes | None:
            fetched.append(path)
            if len(fetched) == 1:
                raise LogUnreachable("away")
            return fetch(path)

        return answer

    monkeypatch.setattr("clients.cli_witness.time.sleep", pause)
    monkeypatch.setattr(cli_witness, "log_at", away_at_first)
    async with serving(data_dir) as running:
        await ask(running, 2)
        trust = ("--keys", data_dir / "keyset.binpb", "--root", data_dir / "root.pub")
        places = ("--state", tmp_path / "w", "--log", f"http://{running.log}")
        done = await run("ledger", "witness", "--every", "7", *places, *trust)
    assert pauses == [7, 7, 7]
    assert done.stderr.count("note: LOG_UNREACHABLE: away") == 1
    assert done.stdout.count("with 2 leaves") == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--log", "http://127.0.0.1:1"), 3, "LOG_UNREACHABLE"),
        (("--log", "ftp://127.0.0.1"), 2, "--log ftp://127.0.0.1: write http://HOST:PORT"),
        (("--keys", "/nowhere"), 2, "/nowhere"),
    ],
)
async def test_a_witness_says_what_is_missing(
    data_dir: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    """In one line, with the exit code that the help tells."""
    keys = ("--keys", str(data_dir / "keyset.binpb"), "--root", str(data_dir / "root.pub"))
    done = await run(
        "ledger", "witness", "--once", "--state", str(tmp_path / "w"), *keys, *arguments
    )
    assert done.exit_code == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
