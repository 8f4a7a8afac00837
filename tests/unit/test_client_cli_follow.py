"""``dancu sync follow``: what is wrong with how it was called is said before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import grpc
import pytest

from clients.cli_errors import refusal_text
from clients.cli_follow import ConnectionNotes
from clients.follower.lines import change_json
from clients.render_changes import show_change
from clients.sdk import ChangeBatch, CitizenChange, Refused, Unreachable
from dancu.v1 import change_pb2, citizen_pb2
from tests.unit.client_commands import Run, one_error_line

CHANGE = change_pb2.Change(
    revision=812,
    kind=change_pb2.CHANGE_KIND_RENUMBERED,
    personal_id="079188000002",
    former_personal_id="079088000001",
    paths=["personal_id", "sex", "phone"],
    cause=change_pb2.CHANGE_CAUSE_LIFE,
    citizen=citizen_pb2.Citizen(personal_id="079188000002", sex=citizen_pb2.SEX_FEMALE),
)
CHANGE.fields.add(path="sex", status=citizen_pb2.FIELD_STATUS_PRESENT)
CHANGE.fields.add(path="phone", status=citizen_pb2.FIELD_STATUS_WITHHELD)
CHANGE.fields.add(path="temporary_residence", status=citizen_pb2.FIELD_STATUS_NOT_RECORDED)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--from", "yesterday"), "write a revision, now or oldest"),
        (("--from", "0"), "write a revision, now or oldest"),
        (("--kind", "wedding"), "choose from birth,"),
        (("--exec", "true", "--out", "changes.jsonl"), "choose one of"),
        (("--webhook", "example.org"), "http://HOST"),
        (("--exec", "./missing --fast"), "--exec ./missing: is not there, or may not be run"),
        (("--exec", __file__), f"--exec {__file__}: is not there, or may not be run"),
        (("--exec", " "), "--exec nothing: "),
    ],
)
async def test_bad_usage(run: Run, arguments: tuple[str, ...], told: str) -> None:
    """One line, and exit code 2."""
    result = await run("sync", "follow", *arguments)
    assert result.exit_code == 2
    assert told in one_error_line(result)


@pytest.mark.parametrize("option", ["--out", "--cursor"])
async def test_a_file_of_something_else(run: Run, tmp_path: Path, option: str) -> None:
    """It is neither written to nor taken for a cursor."""
    notes = tmp_path / "notes"
    notes.write_text("to do", "utf-8")
    result = await run("sync", "follow", option, notes)
    assert result.exit_code == 2
    assert "name another file" in one_error_line(result)
    assert notes.read_text("utf-8") == "to do"


def test_nobody_there_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    """With what to do about it; again when somebody was there, and then nobody any more."""
    nobody = Unreachable("127.0.0.1:1", grpc.StatusCode.UNAVAILABLE, "x: Connection refused")
    notes = ConnectionNotes()
    for _ in range(3):
        notes.cut(nobody)
    (line,) = capsys.readouterr().err.splitlines()
    assert "127.0.0.1:1 (Connection refused); start a gateway with `dancu dev`" in line
    notes.heard(ChangeBatch((), 1))
    for _ in range(3):
        notes.cut(nobody)
    ended, line = capsys.readouterr().err.splitlines()
    assert "the stream ended" in ended
    assert "trying again" in line


def test_a_register_that_was_brought_back() -> None:
    """Where to go on is the gateway's word; how, is the command's."""
    error = Refused("REVISION_COMPACTED", grpc.StatusCode.OUT_OF_RANGE, message_en="go on from 5")
    assert refusal_text(error) == (
        "go on from 5: remove the cursor's file and follow with --from that revision"
        " (REVISION_COMPACTED)"
    )


def test_a_change_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    """One line: what happened to whom, what is so now, what went away, and what is withheld."""
    show_change(CitizenChange.of(CHANGE))
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("812  ")
    assert "  renumbered  079188000002  before: 079088000001; " in line
    assert line.endswith("; sex: female; temporary residence: not recorded; withheld: phone")


def test_a_change_for_scripts() -> None:
    """Names for numbers, the contract's JSON for the citizen."""
    told = change_json(CitizenChange.of(CHANGE))
    assert (told["revision"], told["kind"], told["cause"]) == (812, "RENUMBERED", "LIFE")
    assert told["citizen"] == {"personal_id": "079188000002", "sex": "SEX_FEMALE"}
    assert told["fields"] == {
        "sex": "PRESENT",
        "phone": "WITHHELD",
        "temporary_residence": "NOT_RECORDED",
    }
