"""``dancu event`` and ``dancu accesses dispute``: what they send, show, and how they exit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
from google.protobuf.json_format import MessageToJson
from google.rpc import error_details_pb2 as details
from typer.testing import Result

from clients.event_options import Given, Kind, event_of
from dancu.v1 import population_event_pb2 as pb
from dancu.v1 import population_event_service_pb2 as service
from tests.support.event_desk import NEWBORN, FakeEventDesk
from tests.unit.client_commands import CLAIM, Run, one_error_line
from tests.unit.client_fake_gateway import refusal, serving

FATHER = "001090000013,Lê Văn An,1990-05-12"
MOTHER = "001196000005,Ngô Thu Trang,1996-01-30"
PAPER = ["--document", "12/2025", "--document-date", "2025-12-30", "--authority", "UBND phường"]
BIRTH = [
    "--kind", "birth", *PAPER, "--name", "Lê Gia Bảo", "--birth-date", "2025-12-28",
    "--sex", "male", "--commune", "00070", "--father", FATHER, "--mother", MOTHER,
]  # fmt: skip


@pytest.fixture
async def fake() -> AsyncIterator[FakeEventDesk]:
    """A register that takes events in."""
    async with serving(FakeEventDesk()) as served:
        assert isinstance(served, FakeEventDesk)
        yield served


@pytest.fixture
def report(run: Run, fake: FakeEventDesk, data_dir: Path) -> Run:
    """Run a command of a group against it."""

    async def report(group: str, command: str, *arguments: str | Path) -> Result:
        where = ("--server", fake.target, "--data-dir", data_dir)
        return await run(group, command, *where, *arguments)

    return report


def sent(fake: FakeEventDesk) -> service.SubmitPopulationEventRequest:
    """The last event that came in."""
    raw = next(raw for rpc, raw in reversed(fake.calls) if rpc.endswith("SubmitPopulationEvent"))
    return service.SubmitPopulationEventRequest.FromString(raw)


async def test_birth(report: Run, fake: FakeEventDesk) -> None:
    """A birth by options: names are split, the day of the paper is that of registration."""
    result = await report("event", "submit", *BIRTH)
    assert result.exit_code == 0
    assert "BIRTH: APPLIED" in result.stdout
    assert NEWBORN in result.stdout
    assert "Lê Gia Bảo" in result.stdout
    assert FATHER.replace(",", ", ") in result.stdout
    event = sent(fake).event
    assert (event.birth.name.family, event.birth.name.middle, event.birth.name.given) == (
        "Lê", "Gia", "Bảo",
    )  # fmt: skip
    assert (event.effective_date.day, event.registered_date.day) == (28, 30)
    assert event.birth.mother.full_name == "Ngô Thu Trang"


async def test_json_and_out(report: Run, tmp_path: Path) -> None:
    """--json is one object; --out keeps a receipt, which `dancu receipt verify` reads."""
    out = tmp_path / "birth.receipt"
    result = await report("event", "submit", *BIRTH, "--json", "--out", out)
    told = json.loads(result.stdout)
    assert (told["kind"], told["state"], told["personal_id"]) == ("birth", "APPLIED", NEWBORN)
    assert told["birth"]["name"]["given"] == "Bảo"
    verified = await report("event", "show", told["event_id"], "--json")
    assert json.loads(verified.stdout)["birth"] == told["birth"]


async def test_receipt_of_an_event(report: Run, run: Run, data_dir: Path, tmp_path: Path) -> None:
    """The offline verifier shows the event as the command did."""
    out = tmp_path / "birth.receipt"
    await report("event", "submit", *BIRTH, "--out", out)
    keys = ("--keys", data_dir / "keyset.binpb", "--root", data_dir / "root.pub")
    shown = await run("receipt", "verify", out, *keys)
    assert shown.exit_code == 0
    assert "VALID: BIRTH: APPLIED" in shown.stdout
    told = json.loads((await run("receipt", "verify", out, *keys, "--json")).stdout)
    assert told["statement"]["personal_id"] == NEWBORN


async def test_file(report: Run, fake: FakeEventDesk, tmp_path: Path) -> None:
    """A file has the contract's JSON."""
    given = Given(
        document="1", document_date="2025-12-30", authority="UBND", person=FATHER, on="2025-12"
    )
    event = event_of(Kind.DEATH, given)
    file = tmp_path / "death.json"
    file.write_text(MessageToJson(event), "utf-8")
    assert (await report("event", "submit", file)).exit_code == 0
    assert sent(fake).event == event


async def test_file_with_the_whole_request(
    report: Run, fake: FakeEventDesk, tmp_path: Path
) -> None:
    """Of a request the event is taken; who reports it is said by the options."""
    file = tmp_path / "request.json"
    event = {"effectiveDate": {"year": 2025, "month": 12, "day": 1}, "death": {}}
    file.write_text(json.dumps({"context": {"officerId": "x"}, "event": event}), "utf-8")
    assert (await report("event", "submit", file)).exit_code == 0
    assert sent(fake).event.effective_date.day == 1
    file.write_text(json.dumps({"event": event, "expectedRevision": "7"}), "utf-8")
    result = await report("event", "submit", file)
    assert (result.exit_code, "--expected-revision" in one_error_line(result)) == (2, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"effectiveDate": "2025-12-01"}', 'effectiveDate: write {"year": 2025, "month"'),
        ('{"birth": {"birth_date": "2025-12-01"}}', 'birth.birth_date: write {"year": 2025'),
        ('{"birth": {"name": "Lê Gia Bảo"}}', 'birth.name: write {"family": "…", "middle"'),
        ('{"birth": {}, "birth": {}}', "a key stands twice"),
        ('{"birth": 1}', "is no PopulationEvent"),
        ("[1]", "is no PopulationEvent"),
        ("birth", "is no JSON"),
    ],
)
async def test_file_of_another_form(report: Run, tmp_path: Path, text: str, told: str) -> None:
    """What is wrong is named, and how a date or a name is written."""
    file = tmp_path / "event.json"
    file.write_text(text, "utf-8")
    result = await report("event", "submit", file)
    assert result.exit_code == 2
    assert told in one_error_line(result)


async def test_annul(report: Run) -> None:
    """An annulled event says so, and by which one."""
    await report("event", "submit", *BIRTH)
    result = await report("event", "annul", "EV-1", "--reason", "nhầm", *PAPER)
    assert result.exit_code == 0
    assert "BIRTH: ANNULLED" in result.stdout
    assert "annulled by" in result.stdout


async def test_dispute(report: Run, fake: FakeEventDesk) -> None:
    """A dispute names the entry by leaf and row, and what the citizen says."""
    result = await report(
        "accesses", "dispute", *CLAIM, "--entry", "12.3", "--statement", "Tôi không đến", *PAPER
    )
    assert result.exit_code == 0
    dispute = sent(fake).event.access_dispute
    assert (dispute.leaf_index, dispute.row_index) == (12, 3)
    assert dispute.statement == "Tôi không đến"


async def test_possible_duplicate(report: Run, fake: FakeEventDesk) -> None:
    """What stands in the way exits 1, in the officer's words and with what to do."""
    info = details.ErrorInfo(
        reason="POSSIBLE_DUPLICATE", domain="dancu", metadata={"officer_vi": "Đã có khai sinh"}
    )
    fake.fail_with = [(grpc.StatusCode.FAILED_PRECONDITION, (info,))]
    result = await report("event", "submit", *BIRTH)
    assert result.exit_code == 1
    assert "for the officer: Đã có khai sinh" in result.stderr
    assert "--not-a-duplicate" in result.stderr
    assert "(POSSIBLE_DUPLICATE)" in result.stderr


async def test_reused_request_id(report: Run, fake: FakeEventDesk) -> None:
    """A request id that stands for another event exits 3, and says what to leave out."""
    fake.fail_with = [refusal(grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED")]
    result = await report("event", "submit", *BIRTH)
    assert result.exit_code == 3
    assert "--request-id" in result.stderr


async def test_unknown_outcome(report: Run, fake: FakeEventDesk) -> None:
    """When nobody says what became of it, the command to settle it is printed."""
    fake.losing = 100
    result = await report("event", "submit", *BIRTH, "--timeout", "0.5", "--request-id", "r-7")
    assert result.exit_code == 3
    assert "--request-id r-7: it is taken in once" in one_error_line(result)
    assert len(fake.taken_in) == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "--kind"),
        (["--kind", "birth", *PAPER], "--name, --birth-date, --sex, --commune, --mother"),
        (["--kind", "death"], "--document"),
        (["--kind", "death", *PAPER, "--person", "1,2", "--on", "2025"], "NUMBER,NAME,YYYY-MM-DD"),
        (["--kind", "death", *PAPER, "--person", FATHER, "--on", "soon"], "YYYY-MM-DD"),
        ([*BIRTH, "--twin", "1"], "1/2"),
        ([*BIRTH, "event.json"], "--kind"),
        (["missing.json"], "missing.json"),
        (
            ["--kind", "residence", *PAPER, "--person", FATHER, "--member", MOTHER,
             "--relation", "cat"],
            "niece-or-nephew",
        ),
    ],
)  # fmt: skip
async def test_bad_usage(report: Run, arguments: list[str], complaint: str) -> None:
    """An event that is none exits 2 with one line that says what to write."""
    result = await report("event", "submit", *arguments)
    assert result.exit_code == 2
    assert complaint in one_error_line(result)


async def test_dispute_of_no_entry(report: Run) -> None:
    """An entry that is no place in the log exits 2."""
    result = await report(
        "accesses", "dispute", *CLAIM, "--entry", "12", "--statement", "x", *PAPER
    )
    assert result.exit_code == 2
    assert "LEAF.ROW" in one_error_line(result)


def test_kinds() -> None:
    """Each kind of the command line makes an event of the same name."""
    given = Given(
        document="1", document_date="2025-12-30", authority="UBND", person=FATHER, father=FATHER,
        mother=MOTHER, wife=MOTHER, husband=FATHER, member=FATHER, relation="spouse", name="Lê An",
        sex=None, birth_date="2025-12-28", on="2025-12-29", commune="00070",
    )  # fmt: skip
    kinds = [each for each in Kind if each is not Kind.BIRTH]
    assert [event_of(each, given).WhichOneof("what") for each in kinds] == list(kinds)


def test_residence_of_ones_own() -> None:
    """Without a member to join, a household is founded; with a last day it is temporary."""
    event = event_of(
        Kind.RESIDENCE,
        Given(
            document="1", document_date="2025-12-30", authority="UBND", person=FATHER,
            commune="00070", address="1 phố Mẫu", until="2026-12-30",
        ),
    )  # fmt: skip
    assert event.residence.commune_code == "00070"
    assert event.residence.kind == pb.RESIDENCE_EVENT_KIND_TEMPORARY
    assert event.residence.until.year == 2026
