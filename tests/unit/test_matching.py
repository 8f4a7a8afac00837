"""Names and birth dates against the register: one row per rule, and the odd ones."""

import unicodedata

import pytest

from gateway.core.matching import DateLevel, NameLevel, match_birth_date, match_name
from gateway.core.names import prepare
from mock_population_db.partial_date import PartialDate

EXACT, SPELLING, UNMARKED, COMPACT, PARTIAL, MISMATCH, NO_DATA = NameLevel

AN = "LÊ VĂN AN"
TAI = "ĐỖ VĂN TÀI"
HEN = "H'Hen Niê"

# claimed, stored, level
ENCODINGS = [
    (AN, AN, EXACT),
    ("Lê Văn An", AN, EXACT),
    ("lê văn an", AN, EXACT),
    (unicodedata.normalize("NFD", "Lê Văn An"), AN, EXACT),
    (AN, unicodedata.normalize("NFD", AN), EXACT),
    (b"Nguy\xea\xden Th\xea\xf2".decode("cp1258"), "NGUYỄN THỆ", EXACT),
    (b"Nguy\xea\xden Th\xf2\xea".decode("cp1258"), "NGUYỄN THỆ", MISMATCH),  # a dot below h
    ("Nguyẽ\u0302n", "Nguyễn", EXACT),  # tone composed, hat after it
    ("LA\u0301\u0306M", "LẮM", EXACT),  # tone before breve
    ("Tró\u031b", "Trớ", EXACT),  # tone composed, horn after it
    ("Tra\u0302\u0323n", "Trận", EXACT),
    ("Tra\u0323\u0302n", "Trận", EXACT),
    ("Nguyễn\u200b Văn\ufeff An", "Nguyễn Văn An", EXACT),
    ("Ngu\u200dyễ\u00adn Văn An", "Nguyễn Văn An", EXACT),
    ("Nguye\u034f\u0302\u0303n Văn An", "Nguyễn Văn An", EXACT),  # grapheme joiner in between
    ("\u202bNguyễn Văn An\u202c\u200f", "Nguyễn Văn An", EXACT),
    ("Nguyễn Văn An\x00\x07", "Nguyễn Văn An", EXACT),
    ("Nguyễn\u00a0Văn\u3000An", "Nguyễn Văn An", EXACT),
    ("  Nguyễn \t Văn\r\nAn ", "Nguyễn Văn An", EXACT),
    ("NguyÔn V¨n An", "Nguyễn Văn An", MISMATCH),  # TCVN3 is not guessed
    ("Nguyeãn Vaên An", "Nguyễn Văn An", MISMATCH),  # nor VNI
    ("Nguyễn".encode().decode("cp1252", "replace"), "Nguyễn", MISMATCH),
    ("ＬＥ ＶＡＮ ＡＮ", AN, MISMATCH),  # full-width letters are other letters
]
TONE_PLACES = [
    ("Nguyễn Thị Hoà", "Nguyễn Thị Hòa", SPELLING),
    ("THUÝ", "Thúy", SPELLING),
    ("quý", "qúy", SPELLING),
    ("Hòang", "Hoàng", SPELLING),
    ("Gìa", "Già", SPELLING),
    ("Khỏe", "Khoẻ", SPELLING),
    ("Hòa Thuý", "Hoà Thúy", SPELLING),
    (unicodedata.normalize("NFD", "Hòa"), "HOÀ", SPELLING),
    ("Hóa", "Hoà", MISMATCH),  # another tone
    ("Hoa", "Hoà", UNMARKED),
    ("Hòa Bình", "Hóa Bình", MISMATCH),
    ("Hòa Binh", "Hoa Bình", MISMATCH),  # the tone of another syllable
    ("Hòà", "Hòa", MISMATCH),  # two tones
    ("Hòà", "Hoà", MISMATCH),
    ("Hòá", "Hóà", MISMATCH),
    ("Hòà", "Hòà", EXACT),
    ("Hoà\u0300", "Hoà", MISMATCH),
    ("Hoà\u0323", "Hòa\u0323", MISMATCH),
    ("Nguyêñ", "Nguyễn", MISMATCH),  # the tone on a consonant
    ("Tỗn-Nư", "Tôn-Nữ", MISMATCH),  # a tone stays in its syllable, hyphen or not
]
LOOKALIKES = [
    ("\u00d0ỗ Văn Tài", TAI, SPELLING),
    ("\u00f0ỗ văn tài", TAI, SPELLING),
    ("\u0189Ỗ VĂN TÀI", TAI, SPELLING),
    ("\u0256ỗ văn tài", TAI, SPELLING),
    (TAI, "\u00d0Ỗ VĂN TÀI", SPELLING),
    ("\u00d0Ỗ VĂN TÀI", "\u0189Ỗ VĂN TÀI", SPELLING),
    ("\u00d0ào Thị Hoà", "Đào Thị Hòa", SPELLING),
    ("\u00d0Ỗ VĂN TÀI", "\u00d0ỗ Văn Tài", EXACT),  # nothing to forgive
    ("DO VAN TAI", "\u00d0Ỗ VĂN TÀI", UNMARKED),
    ("\u00d0O VAN TAI", TAI, MISMATCH),  # a look-alike is a mark
    ("ĐO VAN TAI", TAI, MISMATCH),
    ("Dỗ Văn Tài", TAI, MISMATCH),
    ("OVANTAI", TAI, MISMATCH),  # lost its first letter on the way
]
UNMARKED_CLAIMS = [
    ("LE VAN AN", AN, UNMARKED),
    ("le van an", AN, UNMARKED),
    ("Le\u00a0Van An", AN, UNMARKED),
    ("DO VAN TAI", TAI, UNMARKED),
    ("Nguyen Thuy Hoa", "Nguyễn Thùy Hòa", UNMARKED),
    ("An", "Ấn", UNMARKED),
    ("LEVANAN", AN, COMPACT),
    ("DOVANTAI", TAI, COMPACT),
    ("LEVAN AN", AN, COMPACT),
    ("L E V A N A N", AN, COMPACT),
    ("LE VAN AN", "LEVANAN", COMPACT),
    ("LE VAN AN", "LE VAN AN", EXACT),  # a register without marks
    ("LEVANAN", "LE VAN AN", COMPACT),
    ("Lê Văn An", "LE VAN AN", MISMATCH),  # nobody invents marks for the register
    ("Lê Vân An", "Lê Văn An", MISMATCH),
    ("Lê Văn Ân", "Lê Văn An", MISMATCH),
    ("Lê Van An", "Lê Văn An", MISMATCH),
    ("Le Van Ân", "Lê Văn An", MISMATCH),
    ("LêVănAn", "Lê Văn An", MISMATCH),  # marks, but no blanks
    ("LEVANA", AN, MISMATCH),
    ("LEVANANH", AN, MISMATCH),
    ("ANLEVAN", AN, MISMATCH),  # without blanks there are no tokens
    ("LE VAM AN", AN, MISMATCH),
    ("BIN AYUN", "\u0180in Ayŭn", UNMARKED),  # letters of minority names lose theirs too
]
JOINERS = [
    ("H\u2019Hen Niê", HEN, EXACT),
    ("H\u2018HEN NIÊ", HEN, EXACT),
    ("H\u02bchen niê", HEN, EXACT),
    ("H`Hen Niê", HEN, EXACT),
    ("H\u00b4Hen Niê", HEN, EXACT),
    ("H-Hen Niê", HEN, EXACT),
    ("H\u2013Hen Niê", HEN, EXACT),
    ("HHen Niê", HEN, EXACT),
    ("H' Hen Niê", HEN, EXACT),
    ("H Hen Niê", HEN, EXACT),
    ("HHen Niê", "H Hen Niê", MISMATCH),  # no apostrophe on either side
    ("HHEN NIE", HEN, UNMARKED),
    ("H'HEN NIE", HEN, UNMARKED),
    ("HHENNIE", HEN, COMPACT),
    ("Niê H'Hen", HEN, PARTIAL),
    ("K\u2019Brể", "K'Brể", EXACT),
    ("KBRỂ", "K'Brể", EXACT),
    ("KBRE", "K'Brể", UNMARKED),
    ("Ksor H\u2019Bơ Khăp", "KSOR H'BƠ KHĂP", EXACT),
    ("Ksor H'Bơ", "KSOR H'BƠ KHĂP", MISMATCH),
    ("Tôn\u2010Nữ Hà", "Tôn-Nữ Hà", EXACT),
    ("TônNữ Hà", "Tôn-Nữ Hà", EXACT),
    ("Tôn Nữ Hà", "Tôn-Nữ Hà", EXACT),
    ("Tôn - Nữ Hà", "Tôn Nữ Hà", EXACT),
    ("Y-Bana", "Y Ba-na", EXACT),
    ("'Hen Niê'", "Hen Niê", EXACT),
]
PARTS = [
    ("An Lê Văn", AN, PARTIAL),
    ("AN VAN LE", AN, PARTIAL),
    ("Lê An", AN, PARTIAL),
    ("LE AN", AN, PARTIAL),
    ("Lê Văn Bảo An", AN, PARTIAL),
    ("LE VAN BAO AN", AN, PARTIAL),
    ("Lê An", "Lê Văn Bảo An", PARTIAL),
    ("Lê Văn Vân", "Lê Vân Văn", PARTIAL),
    ("Hoà Lê", "Lê Hòa", PARTIAL),
    ("Lí", "Lý", PARTIAL),
    ("Mĩ", "Mỹ", PARTIAL),
    ("Quí", "Quý", PARTIAL),
    ("Qúi", "Quý", PARTIAL),
    ("Lê Thị Lý", "Lê Thị Lí", PARTIAL),
    ("LE THI LI", "Lê Thị Lý", PARTIAL),
    ("I Ngọc", "Y Ngọc", PARTIAL),
    ("Lê Thị Li", "Lê Thị Lý", MISMATCH),  # i for y, but the tone is lost
    ("Mai", "May", MISMATCH),  # here i and y are different sounds
    ("Thúi", "Thúy", MISMATCH),
    ("LETHILI", "Lê Thị Lý", MISMATCH),
    ("Lê Văn", AN, MISMATCH),  # the given name is missing
    ("Văn An", AN, MISMATCH),  # the surname is missing
    ("An", AN, MISMATCH),
    ("Lê", "Lê Lê", MISMATCH),
    ("Lê Thị An", AN, MISMATCH),  # another middle name
    ("An Lê", AN, MISMATCH),  # order and a middle name
    ("An Le Văn", AN, MISMATCH),
    ("Le An Văn", AN, MISMATCH),
    ("Lê Bảo Văn An", "Lê Văn Bảo Gia An", MISMATCH),
    ("Lê An An", "Lê Lê An", MISMATCH),
]
EDGES = [
    (AN, "", NO_DATA),
    ("", "", NO_DATA),
    (AN, " \u200b\u00a0", NO_DATA),
    (AN, "'-", NO_DATA),
    ("\u200b", "\u200b", NO_DATA),
    ("", AN, MISMATCH),
    (" - ", AN, MISMATCH),
    ("", "\u0301", MISMATCH),
    ("\u0301", "\u0300", MISMATCH),
    ("A", "A", EXACT),
    ("Á", "A", MISMATCH),
    ("A", "Á", UNMARKED),
    ("Trần Thị Bình", AN, MISMATCH),
    ("TRAN THI BINH", AN, MISMATCH),
    ("\ud800", AN, MISMATCH),
]


@pytest.mark.parametrize(
    ("claimed", "stored", "level"),
    [*ENCODINGS, *TONE_PLACES, *LOOKALIKES, *UNMARKED_CLAIMS, *JOINERS, *PARTS, *EDGES],
)
def test_name(claimed: str, stored: str, level: NameLevel) -> None:
    """Each pair of names has the level of the first rule that holds."""
    assert match_name(claimed, stored) is level


def test_names_that_verify() -> None:
    """The levels from EXACT to COMPACT verify by default, and no other."""
    assert {level for level in NameLevel if level.verifies} == {EXACT, SPELLING, UNMARKED, COMPACT}


@pytest.mark.parametrize(
    ("name", "prepared"),
    [
        ("  LÊ  VĂN\u00a0AN ", "lê văn an"),
        ("H\u2019 Hen–Niê", "h-hen-niê"),
        ("\u200f\u200b", ""),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
    ],
)
def test_prepared_name(name: str, prepared: str) -> None:
    """Preparation gives lower case, single blanks and one sign for all joiners."""
    assert prepare(name) == prepared


@pytest.mark.parametrize(
    ("stored", "claimed", "level"),
    [
        ("1948", "1948", DateLevel.EXACT),
        ("1948", "1948-01-01", DateLevel.CONVENTION),
        ("1948", "1948-01", DateLevel.MISMATCH),
        ("1948", "1948-05", DateLevel.MISMATCH),
        ("1948", "1948-05-12", DateLevel.MISMATCH),
        ("1948", "1948-01-02", DateLevel.MISMATCH),
        ("1948", "1949-01-01", DateLevel.MISMATCH),
        ("1948", "1949", DateLevel.MISMATCH),
        ("1948-05", "1948-05", DateLevel.EXACT),
        ("1948-05", "1948-05-01", DateLevel.CONVENTION),
        ("1948-05", "1948", DateLevel.MISMATCH),
        ("1948-05", "1948-05-12", DateLevel.MISMATCH),
        ("1948-05", "1948-01-01", DateLevel.MISMATCH),
        ("1948-05", "1948-06-01", DateLevel.MISMATCH),
        ("1948-05", "1948-06", DateLevel.MISMATCH),
        ("1948-01", "1948-01-01", DateLevel.CONVENTION),
        ("1990-05-12", "1990-05-12", DateLevel.EXACT),
        ("1990-05-12", "1990", DateLevel.LESS_PRECISE),
        ("1990-05-12", "1990-05", DateLevel.LESS_PRECISE),
        ("1990-05-12", "1990-06", DateLevel.MISMATCH),
        ("1990-05-12", "1991", DateLevel.MISMATCH),
        ("1990-05-12", "1990-05-13", DateLevel.MISMATCH),
        ("1990-05-12", "1990-12-05", DateLevel.MISMATCH),
        ("1990-01-01", "1990", DateLevel.LESS_PRECISE),
        ("1990-01-01", "1990-01", DateLevel.LESS_PRECISE),
        ("1990-05-12", "1990-01-01", DateLevel.MISMATCH),
    ],
)
def test_birth_date(stored: str, claimed: str, level: DateLevel) -> None:
    """Each pair of birth dates has the level of the table."""
    assert match_birth_date(PartialDate.parse(claimed), PartialDate.parse(stored)) is level


@pytest.mark.parametrize("claimed", ["1948", "1948-01-01", "1990-05-12"])
def test_birth_date_that_the_register_lacks(claimed: str) -> None:
    """Nothing agrees with no birth date."""
    assert match_birth_date(PartialDate.parse(claimed), None) is DateLevel.NO_DATA


def test_birth_dates_that_verify() -> None:
    """EXACT and CONVENTION verify by default, and no other level."""
    assert {level for level in DateLevel if level.verifies} == {
        DateLevel.EXACT,
        DateLevel.CONVENTION,
    }
