"""Old Vietnamese encodings, there and back, and how a file's encoding is found out."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.reconcile import legacy
from clients.reconcile.encodings import AUTO, find_encoding
from clients.reconcile.errors import FileError
from clients.reconcile.legacy import from_tcvn3, from_vni, from_windows_1258

SMALL = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
TCVN3_LETTERS = SMALL + "ĂÂÊÔƠƯĐ"  # the other capitals are a matter of the font
NAMES = (
    "Nguyễn Thị Hoà", "Lê Văn Ân", "Đặng Quỳnh Như", "Võ Hữu Phước", "Trần Mỹ Duyên",
    "Phạm Ngọc Ánh", "Huỳnh Đức Thịnh", "Bùi Khắc Tưởng", "Đỗ Trường Giang", "Lý Thuỷ Tiên",
)  # fmt: skip


def to_tcvn3(text: str) -> str:
    """TCVN3 as western letters."""
    back = {letter: chr(code) for code, letter in legacy._TO_UNICODE.items()}
    return "".join(back.get(letter, letter) for letter in text)


def to_vni(text: str) -> str:
    """VNI as western letters."""
    back = {letter: writing for writing, letter in reversed(legacy._VNI.items())}
    return "".join(back.get(letter, letter) for letter in text)


def to_windows_1258(text: str) -> bytes:
    """The tone of a letter apart where the encoding has not the two in one."""
    apart = []
    for letter in text:
        plain = unicodedata.normalize("NFD", letter)
        tone = "".join(mark for mark in plain if mark in "\u0300\u0301\u0303\u0309\u0323")
        rest = "".join(mark for mark in plain if mark not in tone)
        apart.append(unicodedata.normalize("NFC", rest) + tone)
    return "".join(apart).encode("cp1258")


ENCODERS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 little endian": lambda text: text.encode("utf-16-le"),
    "utf-16 big endian": lambda text: text.encode("utf-16-be"),
    "windows-1258": to_windows_1258,
    "tcvn3": lambda text: to_tcvn3(text).encode("latin-1"),
    "vni": lambda text: to_vni(text).encode("latin-1"),
    "tcvn3 saved as Unicode": lambda text: to_tcvn3(text).encode(),
    "vni saved as Unicode": lambda text: to_vni(text).encode("utf-16"),
}


@given(st.text(alphabet=TCVN3_LETTERS + "abcXYZ 0123456789,;\"'-\n", max_size=60))
def test_tcvn3_there_and_back(text: str) -> None:
    """Every letter of TCVN3 is read as what it was written for; ASCII stays."""
    assert from_tcvn3(to_tcvn3(text)) == text


@given(st.text(alphabet=SMALL + SMALL.upper() + "bcnghtXYZ 0123456789,;\"'-\n", max_size=60))
def test_vni_there_and_back(text: str) -> None:
    """Every letter of VNI, small and capital, is read as what it was written for."""
    assert from_vni(to_vni(text)) == text


@given(st.text(alphabet=SMALL + SMALL.upper() + "bcnghtXYZ 0123456789", max_size=60))
def test_windows_1258_there_and_back(text: str) -> None:
    """Letters and the tones after them are composed."""
    assert from_windows_1258(to_windows_1258(text).decode("cp1258")) == text


@pytest.mark.parametrize(
    ("read", "written", "meant"),
    [
        (from_tcvn3, "NguyÔn V¨n An", "Nguyễn Văn An"),
        (from_tcvn3, "§ç ThÞ Hång", "Đỗ Thị Hồng"),
        (from_vni, "Nguyeãn Vaên An", "Nguyễn Văn An"),
        (from_vni, "ÑOÃ THÒ HOÀNG", "ĐỖ THỊ HỒNG"),
        (from_vni, "Höôùng Phöôïng Lyù", "Hướng Phượng Lý"),
        (from_vni, "Höùa Quyù Mî", "Hứa Quý Mỵ"),
    ],
)
def test_texts_from_life(read: Callable[[str], str], written: str, meant: str) -> None:
    """Writings that are found in files, not made by our own tables."""
    assert read(written) == meant


@pytest.mark.parametrize("kind", ENCODERS)
def test_encoding_is_found(kind: str, tmp_path: Path) -> None:
    """A file of names is told apart in every encoding, and read in full."""
    text = "so,ho_ten\n" + "".join(f"00109000001{i},{name}\n" for i, name in enumerate(NAMES))
    path = tmp_path / "names.csv"
    path.write_bytes(ENCODERS[kind](text))
    found = find_encoding(path, AUTO)
    assert kind.startswith(found.name)
    with path.open(encoding=found.codec, newline="") as file:
        read = file.read()
    assert (found.repair(read) if found.repair else read) == text


@pytest.mark.parametrize("kind", ["tcvn3", "vni", "tcvn3 saved as Unicode", "vni saved as Unicode"])
def test_a_named_encoding_is_taken(kind: str, tmp_path: Path) -> None:
    """A single name is too little to find out by; named, it is read, bytes or letters."""
    path = tmp_path / "one.csv"
    path.write_bytes(ENCODERS[kind]("ho_ten\nNguyễn\n"))
    found = find_encoding(path, kind.partition(" ")[0])
    assert found.repair is not None
    with path.open(encoding=found.codec, newline="") as file:
        assert found.repair(file.read()) == "ho_ten\nNguyễn\n"


def test_far_letters_count(tmp_path: Path) -> None:
    """A file whose first mebibyte is ASCII is still found not to be UTF-8."""
    path = tmp_path / "long.csv"
    plain = b"001090000013,AN\n" * 100_000
    path.write_bytes(plain + to_tcvn3("\n".join(NAMES * 10_000)).encode("latin-1"))
    assert find_encoding(path, AUTO).name == "tcvn3"


def test_bytes_that_are_nothing(tmp_path: Path) -> None:
    """What cannot be told is said, with what to do."""
    path = tmp_path / "noise.csv"
    path.write_bytes(bytes(range(0x80, 0x100)) * 50)
    with pytest.raises(FileError, match="--encoding"):
        find_encoding(path, AUTO)
    with pytest.raises(FileError, match="utf-7"):
        find_encoding(path, "utf-7")
