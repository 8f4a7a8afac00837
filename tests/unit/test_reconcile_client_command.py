"""``dancu sync reconcile`` and ``verify-bundle``: files, exit codes, going on, and the proof."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import grpc
import pytest
from typer.testing import Result

from clients.reconcile.bundle import delimited, read_delimited
from clients.reconcile.errors import FileError
from dancu.v1 import statement_pb2 as s
from tests.support.scripted_sync import ScriptedSync, name_of, number_of, serving_sync
from tests.unit.client_commands import Run, one_error_line

ROWS = 20
HEAD = ["personal_id", "full_name", "birth_date", "sex"]
Reconcile = Callable[..., Awaitable[Result]]


@pytest.fixture
async def fake() -> AsyncIterator[ScriptedSync]:
    """A scripted gateway that serves."""
    async with serving_sync(ScriptedSync()) as fake:
        yield fake


@pytest.fixture
def reconcile(run: Run, fake: ScriptedSync, data_dir: Path) -> Reconcile:
    """Run ``dancu sync reconcile`` against it, two records a chunk."""

    async def reconcile(*arguments: str | Path) -> Result:
        where = ("--server", fake.target, "--data-dir", data_dir, "--chunk-size", "2")
        return await run("sync", "reconcile", *arguments, *where)

    return reconcile


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Twenty rows: row 3 has a wrong name, row 6 another sex, row 9 no number, 12 is row 11."""
    rows = [[number_of(i), name_of(i), "1990-05-12", "1" if i % 2 == 0 else "2"] for i in range(20)]
    rows[2][1], rows[5][3], rows[8][0], rows[11] = "Ai Đó", "Nam", "", rows[10]
    path = tmp_path / "in.csv"
    _write(path, [HEAD, *rows])
    return path


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _put(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def _get(path: Path) -> bytes:
    return path.read_bytes()


def _left(directory: Path) -> set[str]:
    """The files beside input and trust."""
    given = {"in.csv", "root.pub", "keyset.binpb"}
    return {path.name for path in directory.iterdir()} - given


async def test_a_file_reconciled(reconcile: Reconcile, file: Path, fake: ScriptedSync) -> None:
    """Same rows, same order, columns added; differences exit 1 and are told, numbers masked."""
    out = file.with_name("out.csv")
    result = await reconcile(file, "--out", out)
    assert (result.exit_code, result.stderr) == (1, "")
    rows = _read(out)
    assert rows[0] == [*HEAD, "verdict", "fields", "flags", "register_values"]
    assert [row[:4] for row in rows] == _read(file)
    verdicts = {row: cells[4] for row, cells in enumerate(rows) if row}
    assert verdicts == dict.fromkeys(range(1, ROWS + 1), "MATCHED") | {
        3: "NOT_VERIFIED", 6: "CORRECTED", 9: "INVALID",
    }  # fmt: skip
    assert rows[6][5:] == ["sex=DIFFERS", "", "sex=FEMALE"]
    assert rows[9][5] == "claim.personal_id=PERSONAL_ID (it has 12 digits)"
    assert rows[12][5:] == ["sex=MATCH", "DUPLICATE_IN_SESSION", ""]
    assert _left(file.parent) == {"out.csv", "out.csv.bundle"}
    assert "20 rows" in result.stdout
    assert "row 6: 001*******05" in result.stdout
    assert number_of(5) not in result.stdout
    (session,) = fake.sessions.values()
    assert session.closed


async def test_everything_matches(reconcile: Reconcile, file: Path) -> None:
    """A file in which every row matches exits 0."""
    _write(file, [HEAD, [number_of(7), name_of(7), "1990-05-12", "2"]])
    result = await reconcile(file, "--out", file.with_name("out.csv"))
    assert result.exit_code == 0


async def test_no_rows(reconcile: Reconcile, file: Path) -> None:
    """A heading alone is a file of no rows."""
    _write(file, [HEAD])
    out = file.with_name("out.csv")
    assert (await reconcile(file, "--out", out)).exit_code == 0
    assert len(_read(out)) == 1


async def test_json(reconcile: Reconcile, file: Path) -> None:
    """--json tells the same to a script."""
    out, bundle = file.with_name("out.csv"), file.with_name("proof.bundle")
    result = await reconcile(file, "--out", out, "--bundle", bundle, "--json", "--session", "s-1")
    found = json.loads(result.stdout)
    assert found["session"] == "s-1"
    assert found["rows"] == ROWS
    assert found["verdicts"] == {"MATCHED": 17, "NOT_VERIFIED": 1, "CORRECTED": 1, "INVALID": 1}
    assert found["flags"] == {"DUPLICATE_IN_SESSION": 1}
    assert found["fields"]["sex"] == {"MATCH": 17, "DIFFERS": 1}
    assert found["examples"]["CORRECTED"] == ["row 6: 001*******05"]
    assert found["violations"] == {"claim.personal_id PERSONAL_ID": 1}
    assert (found["result"], found["bundle"]) == (str(out), str(bundle))
    assert bundle.exists()


async def test_another_encoding_and_other_columns(reconcile: Reconcile, file: Path) -> None:
    """A mapped windows-1258 file with semicolons is read; the result is UTF-8 with a mark."""
    name = name_of(12).replace("ộ", "ô\u0323").replace("ễ", "ê\u0303")
    text = f"SO;HO_TEN;NGAY_SINH\r\n{number_of(12)};{name};1990-05-12\r\n"
    _put(file, text.encode("cp1258"))
    out = file.with_name("out.csv")
    mapping = "personal_id=SO,full_name=HO_TEN,birth_date=NGAY_SINH"
    result = await reconcile(file, "--out", out, "--map", mapping)
    assert result.exit_code == 0
    written = out.read_bytes().decode("utf-8")
    assert written.startswith("\ufeffSO;HO_TEN;NGAY_SINH;verdict")
    assert f";{name_of(12)};1990-05-12;MATCHED;" in written
    assert "windows-1258" in result.stdout


async def test_going_on_after_a_refusal(
    reconcile: Reconcile, file: Path, fake: ScriptedSync
) -> None:
    """What came is kept, how to go on is told, and the same command ends as if nothing had been."""
    whole = file.with_name("whole.csv")
    await reconcile(file, "--out", whole, "--session", "whole")
    out = file.with_name("out.csv")
    fake.refusals = {6: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    stopped = await reconcile(file, "--out", out)
    assert stopped.exit_code == 3
    assert "12 rows are kept" in stopped.stderr
    assert "NOT_GRANTED" in stopped.stderr
    assert not out.exists()
    fake.refusals = {}
    gone_on = await reconcile(file, "--out", out)
    assert gone_on.exit_code == 1
    assert "going on after row 12" in gone_on.stderr
    assert out.read_bytes() == whole.read_bytes()
    assert fake.charged == 2 * ROWS
    assert _left(file.parent) == {f"{name}.csv{end}" for name in ("whole", "out")
                                  for end in ("", ".bundle")}  # fmt: skip


async def test_going_on_after_a_crash(reconcile: Reconcile, file: Path, fake: ScriptedSync) -> None:
    """What was written after the journal is cut off and fetched again, not charged again."""
    out = file.with_name("out.csv")
    fake.refusals = {4: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    await reconcile(file, "--out", out)
    journal = file.with_name("out.csv.journal")
    earlier = journal.read_bytes()
    fake.refusals = {8: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    await reconcile(file, "--out", out)
    journal.write_bytes(earlier)  # as if killed before it was written again
    with file.with_name("out.csv.part").open("ab") as part:
        part.write(b"half a r")
    fake.refusals = {}
    assert (await reconcile(file, "--out", out)).exit_code == 1
    assert [row[:4] for row in _read(out)] == _read(file)
    assert fake.charged == ROWS


async def test_a_crash_between_the_renames(
    reconcile: Reconcile, file: Path, fake: ScriptedSync
) -> None:
    """A run that was finished but for its files' names is finished without asking anybody."""
    out = file.with_name("out.csv")
    fake.refusals = {9: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    await reconcile(file, "--out", out)
    journal = file.with_name("out.csv.journal")
    state = json.loads(journal.read_text("utf-8"))
    journal.write_text(json.dumps(state | {"finished": True}), "utf-8")
    file.with_name("out.csv.bundle.part").rename(file.with_name("out.csv.bundle"))
    streams = fake.streams
    assert (await reconcile(file, "--out", out)).exit_code == 1
    assert len(_read(out)) == 1 + 18
    assert (fake.streams, _left(file.parent)) == (streams, {"out.csv", "out.csv.bundle"})


async def test_a_run_of_something_else_is_in_the_way(
    reconcile: Reconcile, file: Path, fake: ScriptedSync
) -> None:
    """A changed file, other options or another session do not go on with what is there."""
    out = file.with_name("out.csv")
    fake.refusals = {2: (grpc.StatusCode.PERMISSION_DENIED, "NOT_GRANTED")}
    await reconcile(file, "--out", out)
    assert "another session" in one_error_line(
        await reconcile(file, "--out", out, "--session", "x")
    )
    other = file.with_name("other.csv")
    _put(other, _get(file) + b"1,2,3,4\n")
    line = one_error_line(await reconcile(other, "--out", out))
    assert "another path, size, head" in line
    file.with_name("out.csv.part").write_bytes(b"")
    assert "shorter than its journal" in one_error_line(await reconcile(file, "--out", out))
    file.with_name("out.csv.journal").write_text("{}")
    assert "is damaged" in one_error_line(await reconcile(file, "--out", out))


async def test_bad_usage(reconcile: Reconcile, file: Path) -> None:
    """What does not fit is one line and exits 2."""
    out = file.with_name("out.csv")
    for arguments, said in {
        (file, "--out", file): "must be different files",
        (file, "--out", out, "--map", "name=HO_TEN"): "FIELD=COLUMN",
        (file, "--out", out, "--encoding", "koi8"): "--encoding koi8",
        (file, "--out", out, "--session", "pay roll"): "--session pay roll",
        (file.with_name("none.csv"), "--out", out): "none.csv",
        (file, "--out", file.with_name("no") / "out.csv"): "no/out.csv",
    }.items():
        result = await reconcile(*arguments)
        assert result.exit_code == 2
        assert said in one_error_line(result)
    assert _left(file.parent) == set()


async def test_nobody_there(run: Run, file: Path) -> None:
    """Without a gateway it exits 3 at once, and leaves nothing behind."""
    out = file.with_name("out.csv")
    result = await run("sync", "reconcile", file, "--out", out, "--server", "127.0.0.1:1")
    assert result.exit_code == 3
    assert "no answer from 127.0.0.1:1" in result.stderr
    assert _left(file.parent) == set()


async def test_an_answer_that_does_not_verify(
    reconcile: Reconcile, file: Path, fake: ScriptedSync
) -> None:
    """Nothing of it is written, and it exits 3."""
    out = file.with_name("out.csv")
    fake.spoil_result = lambda result: result.items[0].ClearField("value")
    result = await reconcile(file, "--out", out)
    assert result.exit_code == 3
    assert "does not verify" in result.stderr
    assert _read(file.with_name("out.csv.part")) == [_read(file)[0] + [
        "verdict", "fields", "flags", "register_values"]]  # fmt: skip


# --- the bundle


@pytest.fixture
async def bundle(reconcile: Reconcile, file: Path) -> Path:
    """The bundle of ten chunks."""
    await reconcile(file, "--out", file.with_name("out.csv"))
    return file.with_name("out.csv.bundle")


def _statements(bundle: Path) -> list[bytes]:
    with bundle.open("rb") as file:
        return list(read_delimited(file))


async def _verify(run: Run, bundle: Path, statements: list[bytes]) -> tuple[int, str]:
    """Exit code and refusal of a bundle that was changed."""
    _put(bundle, b"".join(map(delimited, statements)))
    keys = bundle.with_name("keyset.binpb")
    result = await run("sync", "verify-bundle", bundle, "--keys", keys, "--json")
    found = json.loads(result.stdout)
    return result.exit_code, f"{found['refusal']} {found['detail']}"


async def test_a_whole_bundle(run: Run, bundle: Path) -> None:
    """A whole bundle is VALID and tells what it is over."""
    keys = bundle.with_name("keyset.binpb")
    result = await run("sync", "verify-bundle", bundle, "--keys", keys)
    assert result.exit_code == 0
    assert "VALID" in result.stdout
    found = json.loads(
        (await run("sync", "verify-bundle", bundle, "--keys", keys, "--json")).stdout
    )
    assert (found["result"], found["chunks"], found["records"]) == ("VALID", 10, ROWS)
    assert found["audience"] == "demo"


async def test_bundles_that_were_changed(run: Run, bundle: Path) -> None:
    """Left out, exchanged, repeated, flipped: each is refused and named."""
    whole = _statements(bundle)
    changed = s.SignedStatement.FromString(whole[4])
    changed.statement.value = changed.statement.value[:-1] + b"x"
    for statements, refusal in (
        (whole[:4] + whole[5:], "CONTEXT_MISMATCH statement 4: chunk 5 where 4 should follow"),
        (whole[1:], "CONTEXT_MISMATCH statement 0: chunk 1 where 0 should follow"),
        ([*whole, whole[-1]], "CONTEXT_MISMATCH statement 10: chunk 9"),
        ([whole[0], whole[2], whole[1]], "CONTEXT_MISMATCH statement 1: chunk 2"),
        ([*whole[:4], changed.SerializeToString()], "SIGNATURE_INVALID statement 4"),
        ([b"nothing"], "ENVELOPE_MALFORMED statement 0"),
    ):
        code, said = await _verify(run, bundle, statements)
        assert code == 1
        assert refusal in said


async def test_two_sessions_in_one_bundle(
    run: Run, reconcile: Reconcile, file: Path, bundle: Path
) -> None:
    """A chunk of another session does not continue the chain."""
    whole = _statements(bundle)
    await reconcile(file, "--out", file.with_name("other.csv"))
    other = _statements(file.with_name("other.csv.bundle"))
    code, said = await _verify(run, bundle, [*whole[:5], *other[5:]])
    assert (code, "another session" in said) == (1, True)


async def test_a_bundle_that_breaks_off(run: Run, bundle: Path) -> None:
    """A bundle that was cut is no bundle, and says where it ends."""
    _put(bundle, _get(bundle)[:-10])
    keys = bundle.with_name("keyset.binpb")
    result = await run("sync", "verify-bundle", bundle, "--keys", keys, "--root",
                       bundle.with_name("root.pub"))  # fmt: skip
    assert result.exit_code == 2
    assert "breaks off" in one_error_line(result)


@pytest.mark.parametrize("junk", [b"\xff\xff\xff\xff\xff", b"\xff\xff\xff\x7f", b"\x80"])
def test_what_is_no_bundle(junk: bytes, tmp_path: Path) -> None:
    """Bytes of another kind are refused before anything large is read."""
    path = tmp_path / "junk"
    path.write_bytes(junk)
    with path.open("rb") as file, pytest.raises(FileError):
        list(read_delimited(file))


async def test_one_rows_receipt(run: Run, reconcile: Reconcile, file: Path) -> None:
    """What --answers keeps yields one person's receipt, which holds by itself."""
    answers, receipt = file.with_name("out.answers"), file.with_name("row-6.bin")
    keys = file.with_name("keyset.binpb")
    await reconcile(file, "--out", file.with_name("out.csv"), "--answers", answers)
    opened = await run("sync", "open", answers, "--row", "6", "--out", receipt)
    assert opened.exit_code == 0
    verified = ("receipt", "verify", receipt, "--keys", keys, "--number", number_of(5))
    assert "VALID: CORRECTED" in (await run(*verified)).stdout
    found = json.loads((await run(*verified, "--json")).stdout)
    assert found["statement"]["row_key"] == "6"
    assert found["statement"]["fields"] == [
        {"field": "sex", "agreement": "DIFFERS", "register_value": "FEMALE"}
    ]
    other = await run("receipt", "verify", receipt, "--keys", keys, "--number", number_of(6))
    assert other.exit_code == 1
    missing = await run("sync", "open", answers, "--row", "21", "--out", receipt)
    assert "no row 21" in one_error_line(missing)
    bundle = file.with_name("out.csv.bundle")
    assert (await run("sync", "open", bundle, "--row", "1", "--out", receipt)).exit_code == 2
