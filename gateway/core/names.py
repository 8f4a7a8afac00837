"""Folding of Vietnamese names: one text for the many ways a name is typed.

Four foldings, each coarser than the one before:

- ``prepare``: encoding, case, blanks and invisible characters no longer matter;
- ``spell``: nor does the vowel that carries the syllable's tone, nor a look-alike of Đ;
- ``loosen`` (of spelled text): nor does i or y at the end of a syllable;
- ``strip_marks`` (of prepared text): nor does any mark at all.

Nothing is cached, so no name stays in memory after the call.
"""

from __future__ import annotations

import re
import unicodedata

JOINER = "-"
"""What ``prepare`` writes for any run of apostrophes and hyphens inside a name."""

_VOWELS = "aăâeêioôơuưy"
_TONES = "\u0300\u0301\u0303\u0309\u0323"  # huyền, sắc, ngã, hỏi, nặng: combining characters
_TONED = {
    unicodedata.normalize("NFC", vowel + tone): (vowel, tone)
    for vowel in _VOWELS
    for tone in _TONES
}
_LETTERS = "".join(dict.fromkeys([*"abcdefghijklmnopqrstuvwxyz", "đ", *_VOWELS, *_TONED]))

_FIRST_LETTERS = frozenset(_LETTERS)

# A stroke does not decompose, so NFD cannot take it off. ð and ɖ are the case-folded
# look-alikes of đ; ƀ is a letter of Ê-đê and Ba-na.
_STROKES = str.maketrans("đðɖƀ", "dddb")
# Letters that stay as they are stand in the table too: a miss costs str.translate an exception.
_BARE = _STROKES | {
    ord(letter): unicodedata.normalize("NFD", letter)[0]
    for letter in f" {_LETTERS}"
    if letter != "đ"
}

_APOSTROPHES = "'`´ʹʻʼʽˈˊˋ‘’‛′‵ꞌ＇"
_HYPHENS = "-˗‐‑‒–—―⁃−﹘﹣－"
# How a name sounds, in two parts. Its letters without tones, look-alikes of Đ as đ:
_TONELESS = {ord(letter): letter for letter in f" {_LETTERS}"} | {
    **{ord(letter): vowel for letter, (vowel, _) in _TONED.items()},
    ord("ð"): "đ",
    ord("ɖ"): "đ",
}
# and its tones, with what stands between the vowels: where a tone stands among those is left out.
_TONES_ALONE = {ord(letter): "-" for letter in f" {_LETTERS}ðɖ"} | {
    **{ord(vowel): "" for vowel in _VOWELS},
    **{ord(letter): tone for letter, (_, tone) in _TONED.items()},
}
_JOINERS = re.compile(
    rf" *[{re.escape(_APOSTROPHES + _HYPHENS)}][ {re.escape(_APOSTROPHES + _HYPHENS)}]*"
)

# Needs no repair: lower-case Vietnamese letters, composed, single blanks between syllables.
_PLAIN = re.compile(f"[{_LETTERS}]+(?: [{_LETTERS}]+)*")
_PLAIN_AS_WRITTEN = re.compile(
    f"[{_LETTERS}{_LETTERS.upper()}]+(?: [{_LETTERS}{_LETTERS.upper()}]+)*"
)
# Zero-width characters that Unicode does not class as format (Cf): the grapheme joiner,
# the Hangul fillers, Khmer and Mongolian ones, the variation selectors.
_ZERO_WIDTH = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_TONE_BEFORE_SHAPE = re.compile(f"([{_TONES}]+)([\u0302\u0306])")  # hat, breve
_TONE_MARKED = "".join(_TONED)
# All the vowels of a syllable, where exactly one of them has a tone.
_TONED_RUN = re.compile(
    f"(?<![{_VOWELS}{_TONE_MARKED}])([{_VOWELS}]*)([{_TONE_MARKED}])([{_VOWELS}]*)"
    f"(?![{_VOWELS}{_TONE_MARKED}])"
)
_TONES_TOGETHER = re.compile(f"[{_TONES}]{{2}}")
# y is the whole rhyme (Lý, Mỹ, Y) or follows qu (Quý); in Thúy and May it is another sound than i.
_FREE_Y = re.compile(f"y(?=[{_TONES}]?(?: |$))(?:(?<=quy)|(?<![{_VOWELS}]y))")


def prepare(name: str) -> str:
    """The name in lower case and NFC, half-decomposed text repaired, blanks single.

    White space of every kind becomes a blank; control, format (direction marks among
    them) and other zero-width characters are dropped. A run of apostrophes and hyphens
    becomes one ``JOINER`` and swallows the blanks beside it; at either end of the name
    it is dropped. The result is empty when nothing visible was there. Never raises.
    """
    text = name.casefold()
    if _PLAIN.fullmatch(text):
        return text
    text = unicodedata.normalize("NFC", text)
    if _PLAIN.fullmatch(text):
        return text
    return _JOINERS.sub(JOINER, tidy(text)).strip(JOINER)


def same_letters(one: str, other: str) -> bool:
    """Whether two names are the same but for case: then ``prepare`` makes one text of them.

    Only of names that begin with a letter of the language, so that there is something to see.
    """
    folded = one.casefold()
    return folded == other.casefold() and folded[:1] in _FIRST_LETTERS


def is_plain(name: str) -> bool:
    """Whether a name is Vietnamese letters, composed, and single blanks between syllables."""
    return _PLAIN_AS_WRITTEN.fullmatch(name) is not None


def tidy(name: str) -> str:
    """A name in NFC, half-decomposed text repaired, without what cannot be seen; blanks single."""
    return " ".join(_repair(_show(name)).split())


def readings(prepared: str) -> tuple[str, ...]:
    """The texts that a prepared name may stand for: a joiner is nothing, or a blank."""
    if JOINER not in prepared:
        return (prepared,)
    return prepared.replace(JOINER, ""), prepared.replace(JOINER, " ")


def spell(prepared: str) -> str:
    """The text with each syllable's tone written behind its vowels, and look-alikes as đ.

    The vowels of a syllable stand together, so a tone moves within them only; vowels
    with two tones stay as they are.
    """
    # U+00F0 and U+0256 are what the case-folded look-alikes of Đ have become
    letters = prepared.replace("\u00f0", "đ").replace("\u0256", "đ")
    return _TONED_RUN.sub(_tone_last, letters)


def spelled_alike(one: str, other: str) -> bool:
    """Whether ``spell`` makes one text of two prepared names: in a quarter of its time."""
    letters = one.translate(_TONELESS), other.translate(_TONELESS)
    tones = one.translate(_TONES_ALONE), other.translate(_TONES_ALONE)
    if _TONES_TOGETHER.search(tones[0]) or _TONES_TOGETHER.search(tones[1]):
        return spell(one) == spell(other)  # of two tones it matters which vowels they are on
    return letters[0] == letters[1] and tones[0] == tones[1]


def loosen(spelled: str) -> str:
    """The spelled (or bare) text with i for y where both are written: Lý/Lí, Quý/Quí."""
    return _FREE_Y.sub("i", spelled)


def strip_marks(prepared: str) -> str:
    """The text without tones, hats, breves, horns, strokes or any other combining mark."""
    if prepared.isascii():
        return prepared
    bare = prepared.translate(_BARE)
    if bare.isascii():
        return bare
    parts = unicodedata.normalize("NFD", bare)
    return "".join(char for char in parts if not unicodedata.category(char).startswith("M"))


def _show(text: str) -> str:
    """White space as blanks; nothing for characters that cannot be seen."""
    blanks = (" " if char.isspace() else char for char in text)
    seen = (char for char in blanks if unicodedata.category(char) not in {"Cc", "Cf"})
    return _ZERO_WIDTH.sub("", "".join(seen))


def _repair(text: str) -> str:
    """NFC, also of text whose tone was typed before the hat or breve of its letter.

    Canonical ordering leaves those two as they come, and é with a hat after it has no
    composed form. (A horn and a dot below sort by themselves.)
    """
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", _TONE_BEFORE_SHAPE.sub(r"\2\1", apart))


def _tone_last(run: re.Match[str]) -> str:
    """A run of vowels with one tone, the tone last."""
    before, toned, after = run.groups()
    vowel, tone = _TONED[toned]
    return f"{before}{vowel}{after}{tone}"
