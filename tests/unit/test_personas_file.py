"""A user's personas: what is read, and how mistakes are told."""

from __future__ import annotations

import contextlib
import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mock_population_db.citizen import BloodType, PersonName, Sex, VitalStatus
from mock_population_db.personas import Expectation, rows_of
from mock_population_db.personas_file import PersonasFileError, load_personas_file

NUMBER = "001090123456"
CSV_HEAD = "personal_id,full_name,birth_date"
TOML = f"""
[[persona]]
slug = "my-own"
about = "A case of ours."
personal_id = "{NUMBER}"
old_id_number = "123456789"
full_name = "Nguyễn Thị Hoa Mai"
birth_date = 1990-05-12
sex = "FEMALE"
family = "Nguyễn"
middle = "Thị"
given = "Hoa Mai"
vital_status = "DEAD"
commune_code = "00004"
ethnic_code = "01"
religion_code = "00"
nationality = "LA"
blood_type = "AB"
marital_status = "MARRIED"

[[persona]]
personal_id = "001048123456"
full_name = "Trần Văn Minh An"
birth_date = 1948
number_status = "CANCELLED"
"""


def write(folder: Path, content: str, name: str = "own.csv") -> Path:
    """A file of personas."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def problems_of(path: Path, as_of: date | None = None) -> list[tuple[int, str, str]]:
    """Line, field and rule of every problem in a file."""
    with pytest.raises(PersonasFileError) as caught:
        load_personas_file(path, as_of=as_of)
    assert all(problem.fix for problem in caught.value.problems)
    assert str(caught.value).count("\n") == len(caught.value.problems) - 1
    return [(one.line, one.field, one.rule) for one in caught.value.problems]


def test_toml_is_read_with_every_field(tmp_path: Path) -> None:
    """Claim, citizen and household come from one table."""
    own, cancelled = load_personas_file(write(tmp_path, TOML, "own.toml"))
    assert (own.slug, own.about, own.expect) == ("my-own", "A case of ours.", Expectation.VERIFIED)
    assert (own.claim.personal_id, own.claim.old_id_number) == (NUMBER, "123456789")
    assert own.claim.birth_date == "1990-05-12"
    (who,) = own.citizens
    assert who.identity.name == PersonName("Nguyễn", "Thị", "Hoa Mai")
    assert who.identity.vital_status is VitalStatus.DEAD
    assert (who.sex, who.nationality, who.blood_type) == (Sex.FEMALE, "LA", BloodType.AB)
    assert who.permanent_residence is not None
    assert who.permanent_residence.address.province_code == "01"
    assert cancelled.expect is Expectation.NOT_VERIFIED
    assert (cancelled.slug, cancelled.claim.birth_date) == ("own-2", "1948")
    assert len(rows_of([own, cancelled]).households) == 1


@pytest.mark.parametrize(
    ("full_name", "parts"),
    [
        ("Thoih", PersonName("", "", "Thoih")),
        ("Danh Sơn", PersonName("Danh", "", "Sơn")),
        ("Trần Văn Minh An", PersonName("Trần", "Văn Minh", "An")),
        ("Y K'Đoan Niê", PersonName("Y", "K'Đoan", "Niê")),
    ],
)
def test_csv_is_read_and_names_are_split(tmp_path: Path, full_name: str, parts: PersonName) -> None:
    """First token, middle ones, last one; sex by the number; empty cells are left out."""
    text = f"\ufeff{CSV_HEAD},sex\r\n{NUMBER},{full_name},1990-05,\r\n\r\n"
    (own,) = load_personas_file(write(tmp_path, text))
    assert own.citizens[0].identity.name == parts
    assert own.citizens[0].identity.name.full == full_name == own.claim.full_name
    assert own.citizens[0].sex is Sex.MALE


@pytest.mark.parametrize(
    ("field", "value", "rule"),
    [
        ("personal_id", "01090123456", "has 11 digits instead of 12"),
        ("personal_id", "0010901234567", "has 13 digits instead of 12"),
        ("personal_id", "００１０９０１２３４５６", "has digits other than 0 to 9"),
        ("personal_id", "OO1O9O123456", "has something other than digits"),
        ("personal_id", "001 090 123456", "has something other than digits"),
        ("personal_id", "1.09012E+11", "has something other than digits"),
        ("personal_id", "000090123456", "begins with 000"),
        ("old_id_number", "12345678", "has 8 digits instead of 9"),
        ("full_name", "Lê\x00 An", "has U+0000 a control character"),
        ("full_name", "Lê \u202eAn", "has U+202E RIGHT-TO-LEFT OVERRIDE"),
        ("full_name", "Lê \u200fAn", "has U+200F RIGHT-TO-LEFT MARK"),
        ("full_name", "Lê\u200bAn", "has U+200B ZERO WIDTH SPACE"),
        ("full_name", "Lê\u00a0An", "has U+00A0 NO-BREAK SPACE"),
        ("full_name", "Lê An 2", "has U+0032 DIGIT TWO"),
        ("full_name", "Lê  An", "has blanks at an end, or several together"),
        ("full_name", "'- ", "has blanks at an end, or several together"),
        ("full_name", "'-", "has no letter"),
        ("full_name", "A" * 101, "has 101 characters"),
        ("birth_date", "1990-02-30", "no such date"),
        ("birth_date", "12/05/1990", "expected YYYY, YYYY-MM or YYYY-MM-DD"),
        ("birth_date", "1899", "is before 1900"),
        ("birth_date", "2026-02-01", "is after the population's day, 2026-01-01"),
        ("slug", "My Own", "is not in kebab-case"),
        ("slug", "ordinary", "ordinary is a built-in persona's already"),
        ("about", "a\tb", "is not one short line"),
        ("sex", "female", "is not one of the known words"),
        ("vital_status", "GONE", "is not one of the known words"),
        ("commune_code", "00001", "is a code of before 2025-07-01"),
        ("commune_code", "99999", "is no commune of 2025"),
        ("ethnic_code", "1", "is not a listed code"),
        ("religion_code", "77", "is not a listed code"),
        ("nationality", "Việt Nam", "is not a country code"),
        ("given", "Bình", "is not its parts joined by single blanks (Bình)"),
        ("personal_id", "079088000001", "079088000001 is a built-in persona's already"),
        ("personal_id", "001080000027", "001080000027 is a built-in persona's already"),
        ("old_id_number", "000000001", "000000001 is a built-in persona's already"),
    ],
)
def test_wrong_values_are_told_with_their_place(
    tmp_path: Path, field: str, value: str, rule: str
) -> None:
    """The same message in CSV and TOML, with the line of the field."""
    values = {"personal_id": NUMBER, "full_name": "Lê An", "birth_date": "1990", field: value}
    told = "full_name" if field == "given" else field
    text = f"{','.join(values)}\n" + ",".join(f'"{one}"' for one in values.values())
    as_of = date(2026, 1, 1)
    assert problems_of(write(tmp_path, text), as_of) == [(2, told, rule)]
    escaped = {name: one.encode("unicode_escape").decode() for name, one in values.items()}
    lines = [f'{name} = "{_toml_escape(one)}"' for name, one in escaped.items()]
    table = "\n".join(["# mine", "[[persona]]", *lines])
    line = 3 + list(values).index(told)
    assert problems_of(write(tmp_path, table, "own.toml"), as_of) == [(line, told, rule)]


def _toml_escape(text: str) -> str:
    return text.replace("\\x", "\\u00")


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """One run of the command is enough to mend a file."""
    text = f"{CSV_HEAD},slug\n1,Lê An,1990,a\n{NUMBER},,1990,b\n{NUMBER},Lê An,199,b\n"
    assert problems_of(write(tmp_path, text)) == [
        (2, "personal_id", "has 1 digits instead of 12"),
        (3, "full_name", "is missing"),
        (4, "birth_date", "expected YYYY, YYYY-MM or YYYY-MM-DD"),
        (4, "personal_id", f"{NUMBER} is line 3's already"),
        (4, "slug", "b is line 3's already"),
    ]


def test_the_message_names_file_line_field_rule_and_remedy(tmp_path: Path) -> None:
    """One line for each problem, in the form that editors jump to."""
    path = write(tmp_path, f"{CSV_HEAD}\n1090123456,Lê An,1990\n")
    with pytest.raises(PersonasFileError) as caught:
        load_personas_file(path)
    expected = f"{path}:2: personal_id: has 10 digits instead of 12; give all 12 digits"
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("own.csv", b"", (1, "personal_id", "is missing")),
        ("own.csv", CSV_HEAD.encode(), (1, "file", "has no persona")),
        ("own.csv", b"personal_id,full_name,dob\n", (1, "dob", "is not a known field")),
        ("own.csv", CSV_HEAD.encode() + b",sex,sex\n", (1, "sex", "stands twice in")),
        ("own.csv", CSV_HEAD.encode() + b"\n1,A,1990,x\n", (2, "row", "has 4 cells for 3 columns")),
        ("own.csv", CSV_HEAD.encode() + b'\n"1"x,A,1990\n', (2, "file", "',' expected after '\"'")),
        ("own.csv", CSV_HEAD.encode() + b"\n1,L\xea An,1990\n", (2, "file", "is not UTF-8")),
        ("own.toml", b"", (1, "file", "has no persona")),
        ("own.toml", b"[[persona]]\npersonal_id = 001090123456\n", (2, "file", "Expected")),
        ("own.toml", b"people = 1\n", (1, "people", "is not a known field")),
        ("own.toml", b"persona = 1\n", (1, "persona", "is no list of tables")),
        ("own.toml", b"[[persona]]\nname = 'A'\n", (2, "name", "is not a known field")),
        ("own.toml", b"[[persona]]\n\npersonal_id = 7908\n", (3, "personal_id", "is not text")),
        ("own.toml", b"persona = [{sex = 'X'}]\n", (1, "sex", "is not one of the known words")),
        ("own.txt", b"", (1, "file", "is neither .csv nor .toml")),
    ],
)  # fmt: skip
def test_files_of_another_shape_are_refused(
    tmp_path: Path, name: str, content: bytes, problem: tuple[int, str, str]
) -> None:
    """What is not a table of personas says so, with its line."""
    path = tmp_path / name
    path.write_bytes(content)
    line, field, rule = problem
    assert any(
        (line, field) == found[:2] and found[2].startswith(rule) for found in problems_of(path)
    )


@given(st.binary(max_size=200), st.sampled_from(["own.csv", "own.toml"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    """Whatever the file holds, the answer is personas or a list of problems."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with contextlib.suppress(PersonasFileError):
            load_personas_file(path)


def test_lines_are_counted_as_editors_count_them(tmp_path: Path) -> None:
    """A quoted cell may span lines, and a line separator of Unicode is no line's end."""
    text = f'{CSV_HEAD},about\n001090000001,Lê An,1990,"a\nb"\n{NUMBER},Lê\u2028An,1990,\n'
    assert problems_of(write(tmp_path, text)) == [
        (2, "about", "is not one short line"),
        (4, "full_name", "has U+2028 LINE SEPARATOR"),
    ]


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """The system's reason, and no traceback."""
    assert problems_of(tmp_path / "none.csv") == [(1, "file", "No such file or directory")]
