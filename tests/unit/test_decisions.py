"""The decision journal: bounded on the disk, in memory and against strangers."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.core.trail import Check, Explained, Result, code, mask, refused_at
from gateway.store import decisions
from gateway.store.decisions import Decisions, find_decision, keeping_decisions


def decision(number: int, caller: str = "clerk") -> Explained:
    """A refusal with a trace of its own."""
    check = Check("grant", Result.FAILED)
    trace = f"{number:032x}"
    return Explained(trace, "", "rpc", caller, "RPC_NOT_GRANTED", "caller", "", {}, (check,))


def lines_of(path: Path) -> list[str]:
    """What stands in a file."""
    return path.read_text().splitlines()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the journal is."""
    return tmp_path / "decisions.jsonl"


async def test_what_is_kept_is_found(path: Path) -> None:
    """Each by its trace; another trace is not found."""
    async with keeping_decisions(path) as kept:
        for number in range(3):
            kept.keep(decision(number))
    found = find_decision(path, f"{1:032x}")
    assert found is not None
    assert found["checks"] == [{"name": "grant", "result": "failed", "detail": "", "rule": ""}]
    assert find_decision(path, f"{7:032x}") is None


def sizes_in(folder: Path) -> list[int]:
    """Of every file."""
    return [file.stat().st_size for file in folder.iterdir()]


async def test_the_disk_holds_only_so_much(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two files; the latest decisions are there, the first ones are gone."""
    monkeypatch.setattr(decisions, "MAX_BYTES", 2_000)
    journal = Decisions(path)
    for number in range(100):
        journal.keep(decision(number))
        await journal.write()
    sizes = sizes_in(path.parent)
    assert len(sizes) <= 2
    assert sum(sizes) < 2 * 2_000 + 500
    assert find_decision(path, f"{99:032x}")
    assert find_decision(path, f"{0:032x}") is None


async def test_a_flood_is_dropped_and_counted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Memory holds so many; what was dropped is told once."""
    monkeypatch.setattr(decisions, "MAX_WAITING", 10)
    journal = Decisions(path)
    for number in range(25):
        journal.keep(decision(number))
    with capture_logs() as logged:
        await journal.write()
    assert len(lines_of(path)) == 10
    assert [(one["event"], one["count"]) for one in logged] == [("decisions_dropped", 15)]


async def test_strangers_push_nobody_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of callers that proved nothing a few a minute are kept, of others all."""
    journal = Decisions(path)
    for number in range(100):
        journal.keep(decision(number, caller=""))
    journal.keep(decision(100))
    await journal.write()
    assert len(lines_of(path)) == decisions.MAX_STRANGERS + 1
    assert find_decision(path, f"{100:032x}")
    monkeypatch.setattr(decisions, "STRANGERS_SECONDS", 0.0)  # the next minute
    journal.keep(decision(101, caller=""))
    await journal.write()
    assert find_decision(path, f"{101:032x}")


def link_to_another(path: Path, folder: Path) -> Path:
    """An empty file, with a link to it in the journal's place."""
    target = folder / "elsewhere"
    target.write_text("")
    path.symlink_to(target)
    return target


async def test_no_link_is_followed(path: Path, tmp_path: Path) -> None:
    """A link in the journal's place is not written through; the log says so."""
    target = link_to_another(path, tmp_path)
    journal = Decisions(path)
    journal.keep(decision(1))
    with capture_logs() as logged:
        await journal.write()
    assert lines_of(target) == []
    assert [one["event"] for one in logged] == ["decisions_not_written"]


def cut_off(path: Path) -> None:
    """Begin a journal with half a line about a trace."""
    path.write_text(f'{{"trace": "{5:032x}", "at\n')


async def test_a_line_cut_off_hides_no_other(path: Path) -> None:
    """What a killed gateway left half written is passed over."""
    cut_off(path)
    journal = Decisions(path)
    journal.keep(decision(5))
    await journal.write()
    assert find_decision(path, f"{5:032x}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1.001", "1.001"),
        ("000.00.00.H26", "000.00.00.H26"),
        ("X-079088000001", "X-***001"),
        ("Trần Minh Khôi", "(14 characters that are no code)"),
        ("a\x1b[31m", "(6 characters that are no code)"),
        ("", ""),
    ],
)
def test_codes_are_shown_and_texts_are_not(text: str, shown: str) -> None:
    """What is no code is told by its length; digit runs are masked."""
    assert code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("079088000001", "***001"), ("Khôi", "***"), ("CB-1", "***"), ("", "***")]
)
def test_ids_are_masked(text: str, shown: str) -> None:
    """The last three characters at most, of a short one none."""
    assert mask(text) == shown


def test_a_person_is_not_told_of_without_a_record() -> None:
    """Match and state were made, and nothing of them is kept when recording failed."""
    known = [Check("shape", Result.PASSED), Check("match", Result.FAILED, "***001")]
    made = {one.name: one for one in refused_at(Check("record", Result.FAILED), known)}
    assert made["match"] == Check("match", Result.NOT_KEPT)
    assert made["register"].result is Result.PASSED
    assert made["answer"].result is Result.NOT_REACHED
