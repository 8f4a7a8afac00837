"""``dancu load`` and ``dancu descriptor`` on the command line: usage, and what needs no gateway."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass
from typer.testing import CliRunner

from clients.descriptors import descriptor_set
from dancu.v1.identity_service_pb2 import VerifyIdentityRequest
from gateway.commands.tree import app
from tests.support.load_results import a_result

PEOPLE = """\
personal_id,old_id_number,full_name,birth_date
001090000013,,An,1990
001148000017,,Hoà,1948
"""


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    done = CliRunner().invoke(app, arguments)
    return done.exit_code, done.stdout, done.stderr


def test_list() -> None:
    """The scenarios that come with dancu are listed, for people and for scripts."""
    code, shown, _ = run("load", "list")
    assert code == 0
    assert "national-day" in shown
    names = [each["name"] for each in json.loads(run("load", "list", "--json")[1])]
    assert names == ["bulk", "national-day", "national-peak", "saturation", "steady", "sweep"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["stedy"], "no scenario 'stedy'"),
        (["steady", "--fail-if", "p99"], "--fail-if: 'p99' is no condition"),
        (["steady", "--scale", "0.1"], "--scale is for a national day"),
        (["steady", "--server", "nowhere"], "--server nowhere: write HOST:PORT"),
        (["steady", "--people", "none.csv"], "cannot read people from none.csv"),
        (["steady", "--server", "far.example:1"], "whom to ask about?"),
        (["steady", "--credentials", "none.toml"], "none.toml: No such file"),
    ],
)
def test_bad_usage(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be run exits with 2, and one line that says what to do."""
    monkeypatch.chdir(tmp_path)
    code, shown, error = run("load", "run", *arguments)
    assert (code, shown) == (2, "")
    assert said in error
    assert error.count("\n") == 1


def test_nobody_there(tmp_path: Path) -> None:
    """No gateway: exit code 3, quickly."""
    people = tmp_path / "people.csv"
    people.write_text(PEOPLE, "utf-8")
    options = ["--people", str(people), "--server", "127.0.0.1:1", "--data-dir", str(tmp_path)]
    code, _, error = run("load", "run", "steady", *options)
    assert code == 3
    assert "no answer from 127.0.0.1:1" in error


def test_compare(tmp_path: Path) -> None:
    """Two results are compared; a script may ask to be told by the exit code."""
    before, after = tmp_path / "before.json", tmp_path / "after.json"
    before.write_text(json.dumps(a_result()), "utf-8")
    after.write_text(json.dumps(a_result(latency=0.02)), "utf-8")
    code, shown, _ = run("load", "compare", str(before), str(after))
    assert code == 0
    assert "worse" in shown
    assert run("load", "compare", str(before), str(after), "--fail-if-worse")[0] == 1
    found = json.loads(run("load", "compare", str(before), str(before), "--json")[1])
    assert found["worse"] is False
    code, _, error = run("load", "compare", str(before), str(tmp_path / "none.json"))
    assert (code, "cannot read" in error) == (2, True)


def test_descriptor(tmp_path: Path) -> None:
    """The descriptor set is whole: each file after what it imports, every service in it."""
    path = tmp_path / "dancu.binpb"
    code, _, told = run("descriptor", "--out", str(path))
    assert code == 0
    assert "7 services" in told
    found = FileDescriptorSet.FromString(path.read_bytes())
    assert found == descriptor_set()
    pool = DescriptorPool()
    for file in found.file:
        pool.Add(file)  # fails when an import is not there yet
    kind = GetMessageClass(pool.FindMessageTypeByName("dancu.v1.VerifyIdentityRequest"))
    sent = VerifyIdentityRequest(claim={"full_name": "An"}).SerializeToString()
    assert str(kind.FromString(sent)) == str(VerifyIdentityRequest.FromString(sent))
    services = {service.name for file in found.file for service in file.service}
    assert {"IdentityService", "SyncService", "EvidenceService"} <= services
    assert "SimulatorService" not in services


def test_descriptor_that_cannot_be_written(tmp_path: Path) -> None:
    """A path that cannot be written is bad usage."""
    code, _, error = run("descriptor", "--out", str(tmp_path / "no" / "file"))
    assert code == 2
    assert "No such file or directory" in error
