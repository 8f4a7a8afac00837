"""What is mended in a record, and what is left as it is because it could be read in two ways."""

from __future__ import annotations

import unicodedata

import pytest

from gateway.core.repair import mend_code, mend_name, mend_numbers, read_date

NAME = "Nguyễn Văn Đức"
MOJIBAKE = "".join(
    bytes([byte]).decode("cp1252") if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else chr(byte)
    for byte in NAME.encode()
)


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        (("079088000001", ""), ("079088000001", "")),
        (("79088000001", ""), ("079088000001", "")),
        (("1090000013", ""), ("001090000013", "")),
        (("", "88000001"), ("", "088000001")),
        (("O79O88OOOOOl", ""), ("079088000001", "")),
        (("０７９０８８０００００１", ""), ("079088000001", "")),
        ((" 079 088 000 001\u00a0", ""), ("079088000001", "")),
        (("079.088.000.001", ""), ("079088000001", "")),
        (("'079088000001", ""), ("079088000001", "")),
        (("\ufeff079088000001", ""), ("079088000001", "")),
        (("088000001", ""), ("", "088000001")),
        (("", "079088000001"), ("079088000001", "")),
        (("79088000001", "088000001"), ("079088000001", "088000001")),
    ],
)
def test_a_number_with_one_reading_is_mended(sent: tuple[str, str], asked: tuple[str, str]) -> None:
    """Zeros that were dropped, letters and wide digits, separators, the other number's field."""
    assert mend_numbers(*sent) == asked


@pytest.mark.parametrize(
    "number",
    ["", "1.09E+11", "123", "07908800000", "0790880000012", "07908800000X", "9088000001x"],
)
def test_a_number_without_one_is_left(number: str) -> None:
    """It is refused as it came: a guess would be signed."""
    assert mend_numbers(number, "") == (number, "")


@pytest.mark.parametrize("old", ["8800001", "0880001"])
def test_an_old_number_lacks_one_zero_at_most(old: str) -> None:
    """With two missing it could be many."""
    assert mend_numbers("", old) == ("", old)


@pytest.mark.parametrize(
    "sent",
    [
        NAME,
        unicodedata.normalize("NFD", NAME),
        "Nguyễn\u00a0Văn  Đức",
        "\u200eNguy\u200bễn Văn Đức ",
        NAME.replace("Đ", "\u00d0"),
        NAME.replace("Đ", "\u0189"),
        NAME.replace("N", "\u039d"),
        NAME.replace("c", "\u0441"),
        NAME.replace("N", "\uff2e"),
        MOJIBAKE,
        NAME.encode().decode("latin-1"),
        MOJIBAKE.encode().decode("latin-1"),
        "Nguye\u0302\u0303n Va\u0306n \u0110u\u031b\u0301c",
        "Nguye\u0303\u0302n Va\u0306n \u0110u\u0301\u031bc",
    ],
)
def test_a_name_is_mended(sent: str) -> None:
    """Encodings, look-alikes of three scripts, and what cannot be seen."""
    assert mend_name(sent) == NAME


@pytest.mark.parametrize("name", ["H'Hen Niê", "K’Brể", "Ksor H´Bơ", "Иван", "An Á»", "ĐỖ VĂN TÀI"])
def test_a_name_that_may_be_meant_so_is_left(name: str) -> None:
    """Apostrophes of minority names, other scripts, letters that only look like an accident."""
    assert mend_name(name) == name


@pytest.mark.parametrize(
    ("sent", "asked"), [("00004", "00004"), ("4", "00004"), ("１２３４", "01234"), ("12a", "12a")]
)
def test_a_commune_gets_its_zeros_back(sent: str, asked: str) -> None:
    """All of them have five digits."""
    assert mend_code(sent) == asked


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1948", "1948"),
        ("1948-05", "1948-05"),
        ("1948/5", "1948-05"),
        ("5/1948", "1948-05"),
        ("05.1948", "1948-05"),
        ("1990-05-12", "1990-05-12"),
        ("1990-5-2", "1990-05-02"),
        ("1990/05/12", "1990-05-12"),
        ("12/05/1990", "1990-05-12"),
        ("2-5-1990", "1990-05-02"),
        ("12.05.1990", "1990-05-12"),
        ("00/00/1948", "1948"),
        ("00/05/1948", "1948-05"),
        ("19900512", "1990-05-12"),
        ("12051990", "1990-05-12"),
        ("20121012", "2012-10-12"),
        ("1990-05-12T00:00:00Z", "1990-05-12"),
        ("1990-05-12 00:00:00.000", "1990-05-12"),
        (" １２/０５/１９９０ ", "1990-05-12"),
    ],
)
def test_a_date_with_one_reading_is_read(text: str, date: str) -> None:
    """Year first or day first, with or without day and month."""
    assert str(read_date(text)) == date


@pytest.mark.parametrize(
    "text",
    [
        "", "12/05/90", "05/23/1990", "33005", "31/02/1990", "1990-13", "19901305",
        "1990-05-12 17:00", "12 May 1990", "000512", "1990-05-123", "123/05/1990", "0000",
    ],
)  # fmt: skip
def test_a_date_that_reads_in_no_way_or_in_two_is_not(text: str) -> None:
    """Two-digit years, months first, serial numbers, hours: nothing is guessed."""
    assert read_date(text) is None
