"""The two Vietnamese encodings of before Unicode that are still found in files: TCVN3 and VNI.

Both write with fonts of their own in 8 bits. Their text comes as bytes, or, after somebody saved
it as Unicode, as the western letters that those bytes are (``NguyÔn`` for *Nguyễn*); so here both
are read from characters U+0000 to U+00FF.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

_TCVN3_FIRST = 0xA1
_TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđ\0"  # A1
    "\u0300\u0309\u0303\u0301\u0323"  # B0: marks that combine
    "àảãáạ\0ằẳẵắ\0\0\0\0\0\0\0ặầẩẫấậè\0ẻẽ"  # B5
    "éẹềểễếệìỉ\0\0\0ĩíịò\0ỏõóọồổỗốộờởỡớợù\0ủũúụừửữứựỳỷỹýỵ\0"  # D0
)
_TO_UNICODE = {
    _TCVN3_FIRST + place: letter for place, letter in enumerate(_TCVN3) if letter != "\0"
}

# VNI writes most letters as a vowel and a sign after it; the sign tells hat and tone at once.
_GRAVE, _HOOK, _TILDE, _ACUTE, _DOT = "\u0300", "\u0309", "\u0303", "\u0301", "\u0323"
_HAT, _BREVE = "\u0302", "\u0306"
_TONES = {"ø": _GRAVE, "û": _HOOK, "õ": _TILDE, "ù": _ACUTE, "ï": _DOT}
_HATS = {
    "â": _HAT, "à": _HAT + _GRAVE, "å": _HAT + _HOOK, "ã": _HAT + _TILDE, "á": _HAT + _ACUTE,
    "ä": _HAT + _DOT,
}  # fmt: skip
_BREVES = {
    "ê": _BREVE, "è": _BREVE + _GRAVE, "ú": _BREVE + _HOOK, "ü": _BREVE + _TILDE,
    "é": _BREVE + _ACUTE, "ë": _BREVE + _DOT,
}  # fmt: skip
_LETTERS = {
    "ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip
_SIGNS = {
    **dict.fromkeys("aeo", _HATS | _TONES),
    **dict.fromkeys("uyôö", _TONES),
}


def _vni() -> dict[str, str]:
    """Each writing of one or two characters, and the letter that it means."""
    table = dict(_LETTERS)
    for vowel, signs in (_SIGNS | {"a": _HATS | _BREVES | _TONES}).items():
        for sign, marks in signs.items():
            base = _LETTERS.get(vowel, vowel)
            table[vowel + sign] = unicodedata.normalize("NFC", base + marks)
    capitals = {
        first.upper() + rest: letter.upper()
        for writing, letter in table.items()
        for first, rest in ((writing[:1], writing[1:]), (writing[:1], writing[1:].upper()))
    }
    return table | capitals


_VNI = _vni()
_WRITING = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))


def from_tcvn3(text: str) -> str:
    """Read TCVN3 (ABC, TCVN 5712:1993 VN3). Other characters stay as they are.

    Fonts for capitals show small letters as large ones, so capitals may come out small: names
    are compared without regard to case.
    """
    return unicodedata.normalize("NFC", text.translate(_TO_UNICODE))


def from_vni(text: str) -> str:
    """Read VNI (for Windows). Other characters stay as they are."""
    return _WRITING.sub(lambda found: _VNI[found[0]], text)


def from_windows_1258(text: str) -> str:
    """Compose what windows-1258 writes as a letter and a tone after it."""
    return unicodedata.normalize("NFC", text)


READERS: dict[str, Callable[[str], str]] = {
    "tcvn3": from_tcvn3,
    "vni": from_vni,
    "windows-1258": from_windows_1258,
}
"""From the characters of a file to Vietnamese, by the name of the encoding."""
