"""``dancu residence``, ``household`` and ``attributes`` against the real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner, Result

from gateway.commands.tree import app
from tests.rpc.gateways import Running, copy_of, serving

WARD = ["038218000042", "--name", "Lê Tuấn Kiệt", "--birth-date", "2018-02-14"]
WIDOW = ["052155000037", "--name", "Trần Thị Nguyệt", "--birth-date", "1955-09-18"]
WORKER = ["062098000045", "--name", "A Thuận", "--birth-date", "1998-12-24"]
STUDENT = ["052099000046", "--name", "Phan Minh Trí", "--birth-date", "1999-05-31"]
HOMELESS = ["091083000044", "--name", "Trần Văn Lênh", "--birth-date", "1983-06-28"]

Ask = Callable[..., Awaitable[Result]]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def explaining(
    built: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    """A gateway whose callers see the members of households."""
    data_dir = copy_of(built, tmp_path_factory.mktemp("commands") / "data")
    async with serving(data_dir, "explain") as ready:
        yield ready


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ask(explaining: Running) -> Ask:
    """Run ``dancu ARGS`` in a thread, beside the gateway's event loop."""
    where = ["--server", explaining.grpc, "--data-dir", str(explaining.data_dir)]

    async def run(command: str, *arguments: str | Path) -> Result:
        line = [command, *where, *map(str, arguments)]
        return await asyncio.to_thread(CliRunner().invoke, app, line)

    return run


def _json(result: Result) -> dict[str, Any]:
    assert result.exit_code in (0, 1), result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


async def test_residence(ask: Ask) -> None:
    """Each residence with its state; that there is none is shown, too."""
    result = await ask("residence", *STUDENT)
    assert result.exit_code == 0
    shown = " ".join(result.stdout.split())
    assert "permanent residence in force" in shown
    assert "temporary residence expired" in shown
    assert "current residence not recorded" in shown
    assert "permanent residence not recorded" in " ".join(
        (await ask("residence", *HOMELESS)).stdout.split()
    )


async def test_residence_json(ask: Ask) -> None:
    """For scripts: what was signed, by its names."""
    found = _json(await ask("residence", *WORKER, "--json"))
    home, lodging = found["residences"]
    assert (home["kind"], home["state"]) == ("PERMANENT", "IN_FORCE")
    assert (lodging["household_kind"], lodging["until"]) == ("TEMPORARY", "2027-02-28")
    assert lodging["address"]["commune_code"] == "26737"
    assert found["fields"]["current_residence"] == "NOT_RECORDED"


async def test_household(ask: Ask) -> None:
    """Head, count and members, whole also on a narrow terminal."""
    result = await ask("household", *WIDOW)
    assert result.exit_code == 0
    assert "2 on file" in result.stdout
    assert "052050000036" in result.stdout
    assert "dead" in result.stdout


async def test_temporary_household(ask: Ask) -> None:
    """Asked for by an option; who is in none is told so and verified all the same."""
    found = _json(await ask("household", *WORKER, "--temporary", "--json"))
    assert found["household"]["kind"] == "TEMPORARY"
    assert found["household"]["members"][0]["relation_to_head"] == "HEAD"
    none = await ask("household", *STUDENT, "--temporary")
    assert none.exit_code == 0
    assert "none of temporary residence" in none.stdout


async def test_attributes(ask: Ask) -> None:
    """Exit 0 if all of it is true; the answers stand beside what was said."""
    result = await ask(
        "attributes", *WARD, "--guardian", "LE DINH THO", "--guardian-number", "038052000043",
        "--head", "Lê Đình Thọ", "--commune", "14758", "--province", "38",
        "--vital-status", "alive",
    )  # fmt: skip
    assert result.exit_code == 0
    assert result.stdout.count("true") == 5


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["--guardian", "Ai Đó"], "FALSE"),
        (["--father", "Ai Đó"], "NO_DATA"),
        (["--marital-status", "married"], "FALSE"),
        (["--commune", "14755", "--epoch", "legacy"], "TRUE"),
        (["--head-number", "000000042"], "NO_DATA"),
    ],
)
async def test_attributes_json(ask: Ask, said: list[str], answer: str) -> None:
    """What is not true exits 1, though the claim is verified; 9 digits are an old number."""
    result = await ask("attributes", *WARD, *said, "--json")
    found = _json(result)
    assert (found["verified"], found["results"]) == (True, [answer])
    assert result.exit_code == (0 if answer == "TRUE" else 1)


@pytest.mark.parametrize("command", ["residence", "household", "attributes"])
async def test_not_verified(ask: Ask, command: str) -> None:
    """A claim that does not agree exits 1 and shows nothing."""
    said = ["--father", "Ai Đó"] if command == "attributes" else []
    wrong = [WARD[0], "--name", "Lê Tuấn Kiết", *WARD[3:]]
    result = await ask(command, *wrong, *said)
    assert result.exit_code == 1
    assert "NOT VERIFIED" in result.stdout
    assert "14758" not in result.stdout


async def test_bad_usage(ask: Ask) -> None:
    """Saying nothing, or something malformed, exits 2 with one line."""
    nothing = await ask("attributes", *WARD)
    assert nothing.exit_code == 2
    assert "--father" in nothing.stderr
    malformed = await ask("attributes", *WARD, "--commune", "14")
    assert malformed.exit_code == 2
    assert "assertions[0].current_address.commune_code" in malformed.stderr


@pytest.mark.parametrize(
    ("command", "said", "shown"),
    [
        ("residence", [], "in force"),
        ("household", [], "HSCT-0000000030"),
        ("attributes", ["--guardian", "Lê Đình Thọ"], "true"),
    ],
)
async def test_receipts_are_checked_offline(
    ask: Ask, explaining: Running, tmp_path: Path, command: str, said: list[str], shown: str
) -> None:
    """What --out keeps verifies without a server, and shows the same again."""
    kept = tmp_path / "receipt"
    assert (await ask(command, *WARD, *said, "--out", kept)).exit_code == 0
    keys = str(explaining.data_dir / "keyset.binpb")
    line = ["receipt", "verify", str(kept), "--keys", keys, "--number", WARD[0]]
    result = await asyncio.to_thread(CliRunner().invoke, app, line)
    assert result.exit_code == 0
    assert "VALID: VERIFIED" in result.stdout
    assert shown in result.stdout
    as_json = await asyncio.to_thread(CliRunner().invoke, app, [*line, "--json"])
    assert json.loads(as_json.stdout)["statement"]["verified"] is True
