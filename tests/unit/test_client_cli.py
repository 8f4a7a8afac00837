"""The commands that ask a gateway: what they print, and how they exit."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import grpc
import pytest
import typer
from google.rpc import error_details_pb2 as details

from clients.cli import fetch_personas
from clients.render import PERSONA_COLUMNS, render_personas
from dancu.v1 import statement_pb2
from tests.unit.client_commands import CLAIM, Run, one_error_line
from tests.unit.client_fake_gateway import FakeGateway, refusal
from tests.unit.client_signing import root_file

MISMATCH = ["001090000013", "--name", "Lê Văn Ân", "--birth-date", "1990-05-12"]


async def test_verified(ask: Run) -> None:
    """Yes exits 0 and shows a panel without colours where there is no terminal."""
    result = await ask("verify", *CLAIM)
    assert result.exit_code == 0
    assert "VERIFIED" in result.stdout
    assert "ALIVE" in result.stdout
    assert "simulated" in result.stdout
    assert "\x1b" not in result.output
    assert result.stderr == ""


async def test_not_verified(ask: Run) -> None:
    """No exits 1."""
    result = await ask("verify", *MISMATCH)
    assert result.exit_code == 1
    assert "NOT VERIFIED" in result.stdout


async def test_a_claim_does_not_play_with_the_terminal(ask: Run) -> None:
    """What a claim holds beside letters is escaped, where people are shown it."""
    name = "Lê\x1b[2J\u202eVăn [bold]An"
    result = await ask("verify", MISMATCH[0], "--name", name, *MISMATCH[3:])
    assert result.exit_code == 1
    assert "Lê\\x1b[2J\\u202eVăn [bold]An" in result.stdout
    assert not {"\x1b", "\u202e"} & set(result.output)


async def test_json(ask: Run, fake: FakeGateway) -> None:
    """--json prints one object with what a script needs, in the same exit codes."""
    result = await ask("verify", *MISMATCH, "--json", "--request-id", "r-9")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert found["verified"] is False
    assert found["outcome"] == "NOT_VERIFIED"
    assert found["key_id"] == fake.signer.key_id
    assert found["request_id"] == "r-9"
    assert found["claim"]["full_name"] == "Lê Văn Ân"


async def test_context_options(ask: Run) -> None:
    """Who asks and what for goes into the request and comes back signed."""
    result = await ask(
        "verify", *CLAIM, "--json", "--procedure", "P1", "--unit", "U1", "--officer", "O1",
        "--dossier", "D1",
    )  # fmt: skip
    assert json.loads(result.stdout)["context"] == {
        "procedure_code": "P1",
        "unit_code": "U1",
        "officer_id": "O1",
        "dossier_id": "D1",
    }


def test_out(receipt: Path) -> None:
    """--out keeps the bytes of the signed statement."""
    signed = statement_pb2.SignedStatement.FromString(receipt.read_bytes())
    assert signed.statement.type_url.endswith("dancu.v1.IdentityVerification")


async def test_out_that_cannot_be_written(ask: Run, tmp_path: Path) -> None:
    """An answer that cannot be kept is shown all the same, and the exit code says so."""
    result = await ask("verify", *CLAIM, "--out", tmp_path / "none" / "receipt.bin")
    assert result.exit_code == 2
    assert "VERIFIED" in result.stdout
    assert "none/receipt.bin" in one_error_line(result)


async def test_old_number(ask: Run) -> None:
    """Nine digits are asked as the number of an old card."""
    result = await ask("resolve", "012345678", *CLAIM[1:], "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 0
    assert found["claim"]["old_id_number"] == "012345678"
    assert found["current_personal_id"] == "001090000013"


async def test_resolve_shows_the_steps(ask: Run) -> None:
    """The way from the old number to the new one is shown."""
    result = await ask("resolve", "012345678", *CLAIM[1:])
    assert "current number" in result.stdout
    assert "CARD_REPLACED" in result.stdout


async def test_malformed_number_is_the_gateways_to_name(ask: Run, fake: FakeGateway) -> None:
    """What is no number goes out as a personal id; INVALID_ARGUMENT is bad usage."""
    violation = details.BadRequest.FieldViolation(field="claim.personal_id", description="12")
    fake.fail_with = [
        refusal(
            grpc.StatusCode.INVALID_ARGUMENT,
            "INVALID_FIELD",
            details.BadRequest(field_violations=[violation]),
        )
    ]
    result = await ask("verify", "12 34", *CLAIM[1:])
    assert result.exit_code == 2
    assert one_error_line(result) == "error: claim.personal_id: 12 (INVALID_FIELD)\n"


async def test_lookup(ask: Run) -> None:
    """A look-up shows values, and says of the other fields why there is none."""
    result = await ask("lookup", *CLAIM, "--fields", "name, religion_code")
    assert result.exit_code == 0
    assert "Lê Văn An" in result.stdout
    assert "withheld" in result.stdout


async def test_lookup_json(ask: Run) -> None:
    """For scripts a look-up is the contract's JSON, with the status of each field."""
    result = await ask("lookup", *CLAIM, "--json")
    found = json.loads(result.stdout)
    assert found["citizen"]["name"]["full"] == "Lê Văn An"
    assert found["fields"] == {"name": "PRESENT", "religion_code": "WITHHELD"}


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--birth-date", "12.5.1990"], "YYYY-MM-DD"),
        (["--server", "nowhere"], "HOST:PORT"),
        (["--keys", "missing.binpb"], "missing.binpb"),
        (["--root", "missing.pub"], "missing.pub"),
    ],
)
async def test_bad_usage(ask: Run, arguments: list[str], complaint: str) -> None:
    """Bad usage exits 2 with one line that says what to write."""
    result = await ask("verify", *CLAIM, *arguments)
    assert result.exit_code == 2
    assert complaint in one_error_line(result)


async def test_refused(ask: Run, fake: FakeGateway) -> None:
    """A refusal exits 3 and names the stable reason."""
    fake.fail_with = [
        refusal(
            grpc.StatusCode.PERMISSION_DENIED,
            "CALLER_NOT_GRANTED",
            details.LocalizedMessage(locale="en", message="not granted"),
        )
    ]
    result = await ask("verify", *CLAIM)
    assert result.exit_code == 3
    assert one_error_line(result) == "error: not granted (CALLER_NOT_GRANTED)\n"


async def test_refused_says_how_to_have_it_explained(ask: Run, fake: FakeGateway) -> None:
    """A trace is printed as the command that the operator runs."""
    info = details.ErrorInfo(reason="TOO_SLOW", domain="dancu", metadata={"trace": "ab" * 16})
    fake.fail_with = [(grpc.StatusCode.PERMISSION_DENIED, (info,))]
    result = await ask("verify", *CLAIM)
    assert f"dancu explain {'ab' * 16}" in one_error_line(result)


async def test_unreachable(ask: Run) -> None:
    """When nobody answers, exit 3 and say how to start a gateway."""
    result = await ask("verify", *CLAIM, "--server", "127.0.0.1:1", "--timeout", "2")
    assert result.exit_code == 3
    assert "127.0.0.1:1" in one_error_line(result)
    assert "dancu dev" in result.stderr


async def test_untrusted(ask: Run, fake: FakeGateway, tmp_path: Path) -> None:
    """An answer that does not verify exits 3, and nothing of it is shown or kept as a receipt.

    What was received stands beside it under another name, to be looked into.
    """
    fake.spoil = lambda signed: signed.ClearField("log_proof")
    out, rejected = tmp_path / "receipt.bin", tmp_path / "receipt.bin.rejected"
    result = await ask("verify", *CLAIM, "--out", out)
    assert result.exit_code == 3
    told, kept = result.stderr.splitlines()
    assert told.startswith("error: the answer does not verify: LOG_PROOF_MISSING")
    assert "does NOT verify" in kept
    assert str(rejected) in kept
    assert result.stdout == ""
    assert not out.exists()
    received = statement_pb2.SignedStatement.FromString(rejected.read_bytes())
    assert received.statement.type_url.endswith("dancu.v1.IdentityVerification")


async def test_untrusted_without_a_place(ask: Run, fake: FakeGateway, tmp_path: Path) -> None:
    """Without --out nothing is kept; where nothing can be written, that is said."""
    fake.spoil = lambda signed: signed.ClearField("log_proof")
    assert "LOG_PROOF_MISSING" in one_error_line(await ask("verify", *CLAIM))
    result = await ask("verify", *CLAIM, "--out", tmp_path / "none" / "receipt.bin")
    assert result.exit_code == 3
    assert "receipt.bin.rejected: No such file" in result.stderr.splitlines()[-1]


async def test_pinned_root_of_another_gateway(ask: Run, data_dir: Path) -> None:
    """The root in the data directory is pinned: another gateway is not believed."""
    (data_dir / "root.pub").write_text(root_file(FakeGateway().root))
    result = await ask("verify", *CLAIM)
    assert result.exit_code == 3
    assert "--root" in one_error_line(result)


async def test_nothing_pinned(run: Run, fake: FakeGateway, tmp_path: Path) -> None:
    """Without a root.pub the gateway is believed, and that this happened is said."""
    result = await run("verify", *CLAIM, "--server", fake.target, "--data-dir", tmp_path / "none")
    assert result.exit_code == 0
    assert "nothing was pinned" in result.stderr
    assert fake.root.key_id in result.stderr


async def test_personas(fake: FakeGateway, capsys: pytest.CaptureFixture[str]) -> None:
    """The control port's personas come with every column, one line each in a pipe."""
    personas = await asyncio.to_thread(fetch_personas, fake.target)
    assert [tuple(each) for each in personas] == [PERSONA_COLUMNS] * 2
    render_personas(personas, json=False)
    lines = capsys.readouterr().out.splitlines()
    assert any("001148000017" in line and "Nguyễn Thị Hoà" in line for line in lines)
    render_personas(personas, json=True)
    assert json.loads(capsys.readouterr().out) == personas


def test_personas_on_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a terminal a persona is a paragraph that needs no more than its width."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    persona = dict.fromkeys(PERSONA_COLUMNS, "") | {"slug": "s", "full_name": "N " * 40}
    render_personas([persona], json=False)
    shown = capsys.readouterr().out
    assert shown.count("N") == 40
    assert max(map(len, shown.splitlines())) < 60
    assert "\x1b[1ms" in shown


def test_personas_unreachable(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a control port the command ends with one line that names the option."""
    with pytest.raises(typer.Exit) as caught:
        fetch_personas("127.0.0.1:1")
    assert caught.value.exit_code == 3
    assert "--control" in capsys.readouterr().err


async def test_what_is_said_beside_an_answer(ask: Run, fake: FakeGateway) -> None:
    """Quota and trace come in one line under the panel, and as fields of the JSON."""
    fake.trailers = (
        ("dancu-quota-remaining", "97"),
        ("dancu-quota-reset", "2026-01-02T00:00:00+07:00"),
        ("dancu-trace", "cd" * 16),
    )
    shown = (await ask("verify", *CLAIM)).stdout.splitlines()[-1]
    assert shown.startswith("quota: 97 records left until 2026-01-02T00:00:00+07:00; ")
    assert shown.endswith(f"dancu explain {'cd' * 16}")
    found = json.loads((await ask("verify", *CLAIM, "--json")).stdout)
    assert (found["quota_remaining"], found["trace"]) == (97, "cd" * 16)
    assert found["quota_reset"] == "2026-01-02T00:00:00+07:00"


async def test_nothing_is_said_beside_an_answer(ask: Run) -> None:
    """Where there is no quota nothing is shown of it, and a script reads null."""
    assert "quota" not in (await ask("verify", *CLAIM)).stdout
    assert json.loads((await ask("verify", *CLAIM, "--json")).stdout)["quota_remaining"] is None
