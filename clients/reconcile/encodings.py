"""In which encoding a file is: named by the user, or found out from samples of it.

Unicode tells itself apart. The old 8-bit encodings do not; so the sample is read in each of them,
and the one in which most words are Vietnamese syllables is taken, if it is most of them by far.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from clients.reconcile.errors import FileError
from clients.reconcile.legacy import READERS

AUTO = "auto"
NAMES = ("utf-8", "utf-16", "windows-1258", "tcvn3", "vni")

_HEAD_BYTES = 1024 * 1024
_SAMPLES, _SAMPLE_BYTES = 16, 64 * 1024
_TELLING_LINES = 5_000
_GOOD_SHARE = 0.6
"""Names of minorities and of foreigners are no Vietnamese syllables; most of the others are."""
_NUL_SHARE = 0.2  # of the bytes of one half of each character, for UTF-16 without a mark

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CODECS = {"windows-1258": "cp1258", "tcvn3": "latin-1", "vni": "latin-1"}

_WORD = re.compile("[A-Za-z\u0080-\uffff]*[\u0080-\uffff][A-Za-z\u0080-\uffff]*")
_TONES = dict.fromkeys(map(ord, "\u0300\u0301\u0303\u0309\u0323"))
_SYLLABLE = re.compile(
    "(?:ngh?|nh|gh?|gi|kh?|ph|th?|tr|ch?|qu|[bdđhlmnprsvx])?"
    "(?:uyê|yêu|iêu|oai|oao|oay|oeo|uây|uôi|uya|uyu|ươi|ươu"
    "|ai|ao|au|ay|âu|ây|eo|êu|ia|iê|iu|oa|oă|oe|oi|oo|ôi|ơi|ua|uâ|uê|ui|uô|uơ|uy|ưa|ưi|ươ|ưu|yê"
    "|[aăâeêioôơuưy])"
    "(?:ch|ng|nh|[cmnpt])?"
)


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file become text.

    Attributes:
        name: One of ``NAMES``.
        codec: Python's codec for the characters.
        repair: From those characters to Vietnamese; None where they are it.
        marked: Whether the result should begin with a byte order mark, so that spreadsheets
            read it right.
    """

    name: str
    codec: str
    repair: Callable[[str], str] | None
    marked: bool


def find_encoding(path: Path, wanted: str = AUTO) -> Encoding:
    """The encoding of a file; ``wanted`` is ``auto`` or one of ``NAMES``.

    Raises:
        OSError: The file cannot be read.
        FileError: No encoding fits, or there is none of that name.
    """
    if wanted not in (AUTO, *NAMES):
        raise FileError(f"--encoding {wanted}: there are {', '.join((AUTO, *NAMES))}")
    head, samples = _samples(path)
    codec = _unicode_codec(head, samples)
    if wanted in READERS:
        # the 8-bit letters may have been saved as Unicode since
        marked = wanted != "windows-1258" and codec is not None and not head.isascii()
        return Encoding(wanted, codec if marked and codec else _CODECS[wanted], READERS[wanted],
                        marked=True)  # fmt: skip
    if wanted == "utf-16" and not (codec or "").startswith("utf-16"):
        codec = "utf-16-le"
    if wanted == "utf-8" and not (codec or "").startswith("utf-8"):
        codec = "utf-8"
    if wanted != AUTO:
        assert codec is not None  # noqa: S101 - both names above set one
        return _unicode(codec)
    return _from_unicode(codec, head) if codec else _from_bytes(path, samples)


def _samples(path: Path) -> tuple[bytes, bytes]:
    """The beginning of a file, and whole lines from all over it."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        parts = [head if len(head) < _HEAD_BYTES else head[: head.rfind(b"\n") + 1]]
        for place in range(1, _SAMPLES if size > _HEAD_BYTES else 1):
            file.seek(size * place // _SAMPLES)
            lines = file.read(_SAMPLE_BYTES)
            parts.append(lines[lines.find(b"\n") + 1 : lines.rfind(b"\n") + 1])
    return head, b"".join(parts)


def _unicode_codec(head: bytes, samples: bytes) -> str | None:
    """The codec of a file that is Unicode, by its mark or its bytes; None when it is not."""
    for mark, codec in _BOMS.items():
        if head.startswith(mark):
            return codec
    halves = len(head) // 2 or 1
    if head[1::2].count(0) > _NUL_SHARE * halves:
        return "utf-16-le"
    if head[0::2].count(0) > _NUL_SHARE * halves:
        return "utf-16-be"
    try:
        samples.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return "utf-8"


def _unicode(codec: str) -> Encoding:
    name = "utf-16" if codec.startswith("utf-16") else "utf-8"
    return Encoding(name, codec, None, marked=codec != "utf-8")


def _from_unicode(codec: str, head: bytes) -> Encoding:
    """Unicode text, unless it is 8-bit letters that were saved as Unicode."""
    text = _telling(head.decode(codec, "ignore"))
    plain = _unicode(codec)
    scores = {name: _share(text, READERS[name]) for name in ("tcvn3", "vni")}
    best = max(scores, key=scores.__getitem__)
    if scores[best] < _GOOD_SHARE or _share(text, None) >= scores[best]:
        return plain
    return Encoding(best, codec, READERS[best], marked=True)


def _from_bytes(path: Path, samples: bytes) -> Encoding:
    text = _telling(samples.decode("latin-1"))
    scores = {name: _share(text, _reading(name)) for name in READERS}
    best = max(scores, key=scores.__getitem__)
    if scores[best] < _GOOD_SHARE:
        raise FileError(
            f"{path}: cannot tell its encoding; name it with --encoding ({', '.join(NAMES)})"
        )
    return Encoding(best, _CODECS[best], READERS[best], marked=True)


def _reading(name: str) -> Callable[[str], str]:
    """From bytes, as latin-1 has them, to Vietnamese."""
    if _CODECS[name] == "latin-1":
        return READERS[name]
    return lambda text: READERS[name](text.encode("latin-1").decode(_CODECS[name], "replace"))


def _telling(text: str) -> str:
    """Some of the lines that have other than English letters."""
    lines = (line for line in text.split("\n") if not line.isascii())
    return "\n".join(islice(lines, _TELLING_LINES))


def _share(text: str, reading: Callable[[str], str] | None) -> float:
    """How many of the words with other than English letters are Vietnamese when read so."""
    words = set(_WORD.findall(text))
    good = sum(_is_syllable(reading(word) if reading else word) for word in words)
    return good / len(words) if words else 0.0


def _is_syllable(word: str) -> bool:
    apart = unicodedata.normalize("NFD", word.lower())
    plain = unicodedata.normalize("NFC", apart.translate(_TONES))
    return _SYLLABLE.fullmatch(plain) is not None
