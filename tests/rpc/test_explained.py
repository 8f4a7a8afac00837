"""Explained refusals: what a caller is told beside the reason, and what the operator finds."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import grpc
import pytest
from typer.testing import CliRunner

from dancu.v1 import identity_service_pb2
from gateway import app, datadir
from gateway.commands.tree import app as command
from gateway.config import DevConfig
from gateway.core.trail import CHECKS
from gateway.rpc.reasons import ABOUT
from tests.rpc.gateways import Running, serving
from tests.rpc.raw import (
    LOOKUP,
    PROOF,
    RESOLVE,
    VERIFY,
    Failure,
    RawClient,
    claim,
    failure_of,
    request_context,
    verify_request,
)
from tests.rpc.strict import ask, bearer, request, strictly_serving

POLICY = """
[[grant]]
callers = ["clerk"]
procedures = ["*"]
rpcs = ["VerifyIdentity", "LookupCitizen"]
fields = ["name"]
explain = true

[[quota]]
callers = ["clerk"]
procedures = ["*"]
per_day = 3
"""
GRANT_LINE, QUOTA_LINE = 2, 9
STRANGER = claim("079088999999", "Nguyễn Thị Canary", (1971, 7, 17))
CANARIES = ("079088999999", "079088000001", "Canary", "Khôi", "1971", "1988", "TEST-OFFICER")


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """POLICY, as a file."""
    path = tmp_path / "policy.toml"
    path.write_text(POLICY)
    return path


def lookup(*fields: str) -> bytes:
    """A question for fields."""
    return identity_service_pb2.LookupCitizenRequest(
        context=request_context(), claim=claim(), read_mask={"paths": fields}
    ).SerializeToString()


def explained(data_dir: Path, trace: str) -> dict[str, Any]:
    """What ``dancu explain --json`` says; the gateway has ended, so all is written."""
    ran = CliRunner().invoke(command, ["explain", trace, "--data-dir", str(data_dir), "--json"])
    assert ran.exit_code == 0, ran.output
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def results(found: dict[str, Any]) -> dict[str, str]:
    """What became of each check."""
    assert [check["name"] for check in found["checks"]] == list(CHECKS)
    return {check["name"]: check["result"] for check in found["checks"]}


def check_of(found: dict[str, Any], name: str) -> dict[str, str]:
    """One check."""
    (check,) = (one for one in found["checks"] if one["name"] == name)
    return dict(check)


def assert_told(failure: Failure) -> None:
    """Every refusal names side, officer's sentence and a trace."""
    about = ABOUT[failure.reason]
    assert failure.told["side"] == about.side
    assert failure.told["officer_vi"] == about.officer_vi
    assert len(bytes.fromhex(failure.told["trace"])) == 16


async def test_a_refused_field_is_explained_with_the_grant(data_dir: Path, policy: Path) -> None:
    """The caller learns the line, the operator every check: up to the fields all passed."""
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        failure = await failure_of(raw.send(LOOKUP, lookup("religion_code")))
    assert_told(failure)
    assert failure.told["rule"] == f"policy.toml:{GRANT_LINE}"
    found = explained(data_dir, failure.told["trace"])
    assert (found["reason"], found["side"], found["caller"]) == (
        "FIELD_NOT_GRANTED", "caller", "clerk",
    )  # fmt: skip
    made = results(found)
    passed = {"authenticated", "message", "capacity", "shape", "unit", "grant", "quota"}
    assert {name for name, result in made.items() if result == "passed"} == passed
    assert {name for name, result in made.items() if result == "failed"} == {"fields"}
    assert check_of(found, "grant")["rule"] == f"{policy}:{GRANT_LINE}"
    assert check_of(found, "quota")["detail"].startswith("2 records left until ")
    assert "religion_code" in check_of(found, "fields")["detail"]


async def test_a_default_denial_names_the_policy(data_dir: Path, policy: Path) -> None:
    """Where no grant is to be named, the policy's version is; nothing later was reached."""
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        failure = await failure_of(raw.send(RESOLVE, verify_request().SerializeToString()))
    assert_told(failure)
    assert failure.told["rule"].startswith("default deny, policy sha256:")
    made = results(explained(data_dir, failure.told["trace"]))
    assert (made["unit"], made["grant"], made["quota"]) == ("passed", "failed", "not reached")


async def test_a_used_up_quota_names_its_line(data_dir: Path, policy: Path) -> None:
    """The quota's own line, and how many were left."""
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        for _ in range(3):
            await raw.verify()
        failure = await failure_of(raw.send(VERIFY, verify_request().SerializeToString()))
    assert_told(failure)
    assert failure.told["rule"] == f"policy.toml:{QUOTA_LINE}"
    found = explained(data_dir, failure.told["trace"])
    assert check_of(found, "quota")["result"] == "failed"
    assert "0 are left" in check_of(found, "quota")["detail"]
    assert check_of(found, "grant")["result"] == "passed"


async def test_a_malformed_request_names_its_rules(data_dir: Path) -> None:
    """Which fields broke which rule, without what stood in them; no grant was looked for."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        sent = verify_request(claim("98765432109", birth=(1988, 2, 31))).SerializeToString()
        failure = await failure_of(raw.send(VERIFY, sent))
    assert_told(failure)
    assert failure.told["rule"] == "PERSONAL_ID_FORMAT"
    found = explained(data_dir, failure.told["trace"])
    detail = "claim.personal_id: PERSONAL_ID_FORMAT; claim.birth_date: NO_SUCH_DATE"
    assert check_of(found, "shape")["detail"] == detail
    assert results(found)["unit"] == "not reached"


async def test_a_call_about_nobody_claims_no_check_of_people(data_dir: Path) -> None:
    """A proof needs no grant: none is said to have passed."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        failure = await failure_of(raw.send(PROOF, b"\x08\x63"))  # leaf 99
    found = explained(data_dir, failure.told["trace"])
    assert {name for name, result in results(found).items() if result == "passed"} == {
        "authenticated", "message", "capacity",
    }  # fmt: skip
    assert found["context"] == {}


async def _answer_trace(raw: RawClient, request: bytes) -> str:
    sent = raw.send(VERIFY, request)
    await sent
    pairs = (tuple(pair) for pair in await sent.trailing_metadata() or ())
    return next((str(value) for key, value in pairs if key == "dancu-trace"), "")


async def test_not_verified_is_explained_where_the_grant_lets_it(
    data_dir: Path, policy: Path
) -> None:
    """Levels of a mismatch, an unknown number as such, and nothing for a verified claim."""
    wrong = verify_request(claim(full_name="Nguyễn Thị Canary")).SerializeToString()
    unknown = verify_request(STRANGER).SerializeToString()
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        traces = [await _answer_trace(raw, sent) for sent in (wrong, unknown)]
        assert await _answer_trace(raw, verify_request().SerializeToString()) == ""
    mismatch, stranger = (explained(data_dir, trace) for trace in traces)
    assert check_of(mismatch, "match") == {
        "name": "match",
        "result": "failed",
        "detail": "***001, DATA_MISMATCH, name MISMATCH, birth date EXACT",
        "rule": "",
    }
    assert check_of(stranger, "match")["detail"] == "***999, NUMBER_UNKNOWN"
    assert results(stranger)["record"] == "passed"
    assert mismatch["reason"] == "NOT_VERIFIED"


@pytest.mark.parametrize(("level", "kept"), [("info", 0), ("debug", 2)])
async def test_without_explain_a_mismatch_looks_like_an_unknown_number(
    data_dir: Path, level: str, kept: int
) -> None:
    """Not kept but with debug, and then alike: the outcome and a masked number, no levels."""
    config = DevConfig(data_dir=data_dir, port=0, control_port=0, log_level=level)
    prepared = datadir.prepare(config, lambda _done: None)
    wrong = claim(full_name="Nguyễn Thị Canary")
    async with app.running(config, prepared) as ready:
        running = Running.at(data_dir, ready)
        async with RawClient(running) as raw:
            traces = [
                await _answer_trace(raw, verify_request(one).SerializeToString())
                for one in (wrong, STRANGER)
            ]
    found = [explained(data_dir, trace) for trace in traces if trace]
    assert [check_of(one, "match")["detail"] for one in found] == [
        "***001, NOT_VERIFIED", "***999, NOT_VERIFIED",
    ][:kept]  # fmt: skip


async def test_strict_mode_keeps_the_rule_for_the_operator(data_dir: Path) -> None:
    """The wire names no line of the policy; the journal does. Strangers get a trace, too."""
    async with strictly_serving(data_dir) as strict, strict.channel("H26") as channel:
        stranger = await failure_of(ask(channel, request()))
        token = bearer(strict.token("H26"))
        refused = await failure_of(ask(channel, request(unit="000.00.00.H29"), token))
    for failure in (stranger, refused):
        assert_told(failure)
        assert "rule" not in failure.told
    found = explained(data_dir, refused.told["trace"])
    assert (found["caller"], found["rule"]) == ("H26", "units of the caller")
    assert found["context"]["officer_id"] == "***"
    unproved = explained(data_dir, stranger.told["trace"])
    assert (unproved["caller"], unproved["context"]) == ("", {})
    assert results(unproved)["authenticated"] == "failed"


async def test_nothing_of_people_is_kept(data_dir: Path, policy: Path) -> None:
    """Canary values of refused, malformed and unverified calls are in no line, owner-only."""
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        await raw.send(VERIFY, verify_request(STRANGER).SerializeToString())
        await failure_of(raw.send(LOOKUP, lookup("religion_code")))
        sent = verify_request(STRANGER, request_id="Nguyễn Thị Canary 079088999999")
        await raw.send(VERIFY, sent.SerializeToString())
        await failure_of(raw.send(RESOLVE, sent.SerializeToString()))
        await failure_of(raw.send(VERIFY, sent.SerializeToString()[:-2]))
    lines = _owner_only(data_dir / "decisions.jsonl").splitlines()
    assert len(lines) == 5
    told = " ".join(json.dumps(json.loads(line) | {"trace": "", "at": ""}) for line in lines)
    told = told.encode().decode("unicode_escape")
    assert [canary for canary in CANARIES if canary in told] == []


def _owner_only(path: Path) -> str:
    """What stands in a file that nobody else may read."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return path.read_text("utf-8")


def _put_in_the_way(data_dir: Path) -> None:
    (data_dir / "decisions.jsonl").mkdir()


async def test_a_journal_that_cannot_be_written_fails_no_call(data_dir: Path) -> None:
    """Refusals arrive as ever when a directory stands in the journal's place."""
    _put_in_the_way(data_dir)
    async with serving(data_dir) as running, RawClient(running) as raw:
        for _ in range(2):
            failure = await failure_of(raw.send(VERIFY, b"\xff"))
            assert failure.code is grpc.StatusCode.INVALID_ARGUMENT
        await raw.verify()


def test_explain_says_what_it_has_not(tmp_path: Path) -> None:
    """No trace, and one that is not kept: one line and exit 1."""
    for trace, said in (("xyz", "32 hexadecimal digits"), ("0" * 32, "has no decision")):
        ran = CliRunner().invoke(command, ["explain", trace, "--data-dir", str(tmp_path)])
        assert ran.exit_code == 1
        assert said in ran.output


async def test_explain_for_people(data_dir: Path) -> None:
    """The table names every check and what became of it."""
    async with serving(data_dir) as running, RawClient(running) as raw:
        failure = await failure_of(raw.send(VERIFY, b"\xff"))
    ran = CliRunner().invoke(
        command, ["explain", failure.told["trace"], "--data-dir", str(data_dir)]
    )
    assert "MALFORMED_MESSAGE" in ran.stdout
    shown = [line.split()[0] for line in ran.stdout.splitlines()]
    assert shown[-len(CHECKS) :] == list(CHECKS)
