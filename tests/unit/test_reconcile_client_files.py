"""Files of records: what is read of them, and how the result stands beside it."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from clients.reconcile.columns import find_columns, parse_map
from clients.reconcile.encodings import AUTO
from clients.reconcile.errors import FileError
from clients.reconcile.kinds import kind_of
from clients.reconcile.outcomes import Outcome, what_is_said
from clients.reconcile.parquet import ParquetTable
from clients.reconcile.results import form_for
from clients.reconcile.tables import Piece, Table, open_text_table
from clients.reconcile.values import fill
from dancu.v1 import citizen_pb2 as c
from dancu.v1 import reconciliation_pb2 as r
from dancu.v1 import sync_service_pb2 as sync

HEAD = "personal_id,full_name,birth_date"
MATCHED = Outcome(r.ReconciledRecord(verdict=r.RECORD_VERDICT_MATCHED))


def _open(path: Path, mapping: Mapping[str, str] | None = None) -> Table:
    kind = kind_of(path)
    if kind == "parquet":
        return ParquetTable(path, mapping or {})
    return open_text_table(path, kind, mapping or {}, AUTO)


def _file(tmp_path: Path, text: str, name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def _pieces(path: Path, size: int = 100, skip: int = 0, **mapping: str) -> list[Piece]:
    with _open(path, mapping) as table:
        return list(table.pieces(size, skip))


def _records(columns: Mapping[str, list[str]]) -> list[r.CitizenRecord]:
    chunk = sync.RecordChunk()
    fill(chunk, 1, columns)
    return list(chunk.records)


def _result(path: Path, out: str = "out.csv", outcome: Outcome = MATCHED) -> str:
    with _open(path) as table:
        form = form_for(table, path.with_name(out))
        body = b"".join(
            form.rows(piece.rows, [outcome] * len(piece.rows)) for piece in table.pieces(2, 0)
        )
        return (form.head() + body).decode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiters(delimiter: str, tmp_path: Path) -> None:
    """Comma, semicolon and tab are told apart, also with the others in a quoted heading."""
    head = delimiter.join([*HEAD.split(","), '"note, old; new"'])
    path = _file(tmp_path, f"{head}\n" + delimiter.join(["001", "An", "1990", "x"]) + "\n")
    (piece,) = _pieces(path)
    assert piece.columns["full_name"] == ("An",)
    assert piece.rows == [["001", "An", "1990", "x"]]


def test_pieces_and_where_they_begin(tmp_path: Path) -> None:
    """Rows are numbered from 1 through all pieces; what is skipped counts; empty lines do not."""
    rows = "".join(f"{i:012},Name {i},1990\n\n" for i in range(7))
    path = _file(tmp_path, f"{HEAD}\n{rows}")
    assert [(p.first_row, len(p.rows)) for p in _pieces(path, 3)] == [(1, 3), (4, 3), (7, 1)]
    (rest,) = _pieces(path, 3, 6)
    assert (rest.first_row, rest.columns["full_name"]) == (7, ("Name 6",))


def test_short_and_long_rows(tmp_path: Path) -> None:
    """A row that lacks cells is sent with empty ones; one with more keeps them at its end."""
    path = _file(tmp_path, f"{HEAD}\n001\n002,An,1990,more,and more\n")
    (piece,) = _pieces(path)
    assert piece.columns["birth_date"] == ("", "1990")
    assert list(csv.reader(_result(path).splitlines())) == [
        [*HEAD.split(","), "verdict", "fields", "flags", "register_values"],
        ["001", "", "", "MATCHED", "", "", ""],
        ["002", "An", "1990", "MATCHED", "", "", "", "more", "and more"],
    ]


@pytest.mark.parametrize("after", [20, 20_000])
def test_an_unclosed_quotation_mark(after: int, tmp_path: Path) -> None:
    """A quotation mark that swallows the rest is told with its line, however much the rest is."""
    rows = '001,"An\nBình",1990\n' + '002,"An,1990\n' + "003,An,1990\n" * after
    with pytest.raises(FileError, match=r"in\.csv: line 4: .*quotation mark"):
        _pieces(_file(tmp_path, f"{HEAD}\n{rows}"))


def test_csv_stays_as_it_was(tmp_path: Path) -> None:
    """Quotes, line breaks within cells, line ends and the byte order mark are kept."""
    text = f'\ufeff{HEAD},note\r\n001,"Lê, An",1990,"a\nb"\r\n'
    result = _result(_file(tmp_path, text))
    assert result.startswith("\ufeffpersonal_id,")
    assert result.endswith('001,"Lê, An",1990,"a\nb",MATCHED,,,\r\n')


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A stray byte spoils its row, which is counted, and no other."""
    path = tmp_path / "in.csv"
    rows = "".join(f"00{i},Nguyễn Thị Hoà,1990\n" for i in range(9)).encode()
    path.write_bytes(f"{HEAD}\n".encode() + rows + b"009,Nguy\xffn,1990\n")
    with open_text_table(path, "csv", {}, "utf-8") as table:
        (piece,) = table.pieces(100, 0)
    assert piece.unreadable == 1
    assert piece.columns["full_name"][8:] == ("Nguyễn Thị Hoà", "Nguy\ufffdn")


def test_json_lines(tmp_path: Path) -> None:
    """Values become text; a line that is no object is sent empty, and told in the result."""
    lines = [
        '{"personal_id": 1090000013, "full_name": "An", "birth_date": null, "x": {"y": [1]} }',
        "not json",
        '{"full_name":"Bình \\ud800","birth_date":1948,"old_id_number":"012345678","sex":"Nam"}',
    ]
    path = _file(tmp_path, "\n".join(lines), "in.jsonl")
    (piece,) = _pieces(path)
    assert piece.columns["personal_id"] == ["1090000013", "", ""]
    assert piece.columns["old_id_number"] == ["", "", "012345678"]
    assert piece.columns["birth_date"] == ["", "", "1948"]
    assert piece.columns["full_name"] == ["An", "", "Bình \ufffd"]
    written = [json.loads(line) for line in _result(path, "out.jsonl").splitlines()]
    told = {"verdict": "MATCHED", "fields": {}, "flags": [], "register_values": {}}
    assert written[0] == json.loads(lines[0]) | told
    assert written[1] == {"line": "not json"} | told


def test_parquet(tmp_path: Path) -> None:
    """Typed columns become text, row groups that are skipped are not read."""
    table = pa.table(
        {
            "SO": pa.array([1090000013 + i for i in range(25)]),
            "full_name": [f"Name {i}" for i in range(25)],
            "birth_date": pa.array([date(1990, 5, 12)] * 24 + [None]),
            "score": [0.5] * 25,
        }
    )
    path = tmp_path / "in.parquet"
    parquet.write_table(table, path, row_group_size=10)
    pieces = _pieces(path, 10, 12, personal_id="SO")
    assert [(p.first_row, len(p.rows)) for p in pieces] == [(13, 10), (23, 3)]
    assert pieces[0].rows[0] == ["1090000025", "Name 12", "1990-05-12", "0.5"]
    assert pieces[1].columns["birth_date"] == ("1990-05-12", "1990-05-12", "")
    with ParquetTable(path, {"personal_id": "SO"}) as opened:
        with pytest.raises(FileError, match=r"\.csv or \.jsonl"):
            form_for(opened, tmp_path / "out.parquet")
        form = form_for(opened, tmp_path / "out.jsonl")
        assert json.loads(form.rows([["1", "2", "3", "4"]], [MATCHED]))["score"] == "4"


def test_parquet_without_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is missing the extra is named."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(FileError, match=r"pip install -e '\.\[parquet\]'"):
        _open(_file(tmp_path, "PAR1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("so,ten\n1,2\n", "no column for personal_id, full_name, birth_date; the file has so, ten"),
        (f"{HEAD},Verdict\n", "'Verdict' already"),
        ("", "the file is empty"),
        ("PK\3\4 and so on", "an Excel workbook"),
        ("SQLite format 3\0", "a SQLite database"),
        ("PAR1 but no more", "not a whole Parquet file"),
        ('[{"personal_id": 1}]', "one object a line"),
    ],
)
def test_files_that_do_not_fit(text: str, said: str, tmp_path: Path) -> None:
    """What is missing or in the way is named, with what there is."""
    with pytest.raises(FileError) as error:
        _open(_file(tmp_path, text))
    assert said in str(error.value)


def test_mapping() -> None:
    """Columns go by --map, else by name, capitals and blanks aside."""
    mapping = parse_map("personal_id=SO_CCCD, full_name=Họ tên")
    found = find_columns(["so_cccd", "HỌ TÊN", " Birth_Date ", "other"], mapping)
    assert found == {"personal_id": "so_cccd", "full_name": "HỌ TÊN", "birth_date": " Birth_Date "}
    for wrong in ("name=A", "full_name", "full_name="):
        with pytest.raises(FileError, match="FIELD=COLUMN"):
            parse_map(wrong)
    with pytest.raises(FileError, match="no column 'SO'"):
        find_columns(HEAD.split(","), {"personal_id": "SO"})


def test_what_is_sent_of_a_claim() -> None:
    """Dates in the contract's form are sent as dates, others as text; the rest as it stands."""
    dates = ["1948", "1948-05", "1990-05-12", "12/05/1990", "", " 1990-05-12 "]
    columns = {
        "personal_id": ["1090000013", "1.09E+11", "００１", "x" * 5_000, "", "1"],
        "full_name": ["An"] * 6,
        "birth_date": dates,
    }
    records = _records(columns)
    numbers = [record.claim.personal_id for record in records]
    assert numbers == ["1090000013", "1.09E+11", "００１", "x" * 256, "", "1"]
    assert [record.row_key for record in records] == ["1", "2", "3", "4", "5", "6"]
    sent = [record.claim.birth_date for record in records]
    assert [(each.year, each.month, each.day) for each in sent] == [
        (1948, 0, 0), (1948, 5, 0), (1990, 5, 12), (0, 0, 0), (0, 0, 0), (1990, 5, 12),
    ]  # fmt: skip
    texts = [record.birth_date_text for record in records]
    assert texts == ["", "", "", "12/05/1990", "", ""]
    assert not records[3].claim.HasField("birth_date")


def test_words_for_what_is_compared() -> None:
    """Words and codes are read in both languages; what is not understood is counted, not sent."""
    columns = {
        "full_name": ["An"] * 5,
        "birth_date": ["1990"] * 5,
        "sex": ["Nam", "NỮ", "2", "0", "?"],
        "marital_status": ["Chưa kết hôn", "MARRIED", "3", "", "Góa"],
        "person_status": ["Còn sống", "dead", "mất tích", "DECLARED_DEAD", "x"],
        "permanent_commune_code": ["00004", "4", "", " 00070 ", "abc"],
        "nationality": ["Việt Nam", "vn", "LA", "", "Trung Quốc"],
    }
    chunk = sync.RecordChunk()
    assert fill(chunk, 1, columns) == {"sex": 1, "person_status": 1, "nationality": 1}
    records = chunk.records
    assert [record.sex for record in records] == [1, 2, 2, 0, 0]
    assert [record.marital_status for record in records] == [1, 2, 3, 0, 3]
    assert [record.person_status for record in records] == [1, 2, 3, 4, 0]
    codes = [record.permanent_commune_code for record in records]
    assert codes == ["00004", "4", "", "00070", "abc"]
    assert [record.nationality for record in records] == ["VN", "VN", "LA", "", ""]


def _record(**more: Any) -> r.ReconciledRecord:
    return r.ReconciledRecord(index=300, row_key="301", **more)


def test_outcomes_in_words() -> None:
    """Each part of a record has its column."""
    record = _record(
        verdict=r.RECORD_VERDICT_CORRECTED,
        flags=[r.RECORD_FLAG_SUPERSEDED_NUMBER, r.RECORD_FLAG_DECEASED],
        fields=[
            r.FieldAgreement(field="sex", agreement=r.AGREEMENT_DIFFERS, register_value="FEMALE"),
            r.FieldAgreement(field="nationality", agreement=r.AGREEMENT_NO_DATA),
        ],
        current_personal_id="001190000013",
    )
    record.death_date.year = 2020
    assert Outcome(record).cells == [
        "CORRECTED",
        "sex=DIFFERS; nationality=NO_DATA",
        "SUPERSEDED_NUMBER DECEASED",
        "sex=FEMALE; current_personal_id=001190000013; death_date=2020",
    ]
    broken = r.RecordViolation(field="claim.full_name", rule="NAME", description="too long")
    outcome = Outcome(_record(verdict=r.RECORD_VERDICT_INVALID, violations=[broken]))
    assert outcome.cells == ["INVALID", "claim.full_name=NAME (too long)", "", ""]
    assert json.loads(f"{{{outcome.told}}}")["violations"] == [
        {"field": "claim.full_name", "rule": "NAME", "description": "too long"}
    ]


def test_the_same_thing_said_of_two_people() -> None:
    """Index, row key and claim make no difference to what is said; everything else does."""
    said = set()
    for index, name in ((0, "An"), (7, "Bình" * 40), (999, "x" * 100)):
        record = r.ReconciledRecord(
            index=index,
            row_key=str(index + 1),
            claim=c.CitizenClaim(personal_id="001090000013", full_name=name),
            verdict=r.RECORD_VERDICT_MATCHED,
        )
        said.add(what_is_said(record.SerializeToString()))
    assert len(said) == 1
    record.flags.append(r.RECORD_FLAG_DECEASED)
    assert what_is_said(record.SerializeToString()) not in said
    invalid = _record(verdict=r.RECORD_VERDICT_INVALID)
    assert what_is_said(invalid.SerializeToString()) == b"\x20\x05"
