"""One text for the ways in which two offices may write one name."""

from __future__ import annotations

import unicodedata

# a stroke does not decompose; Ð and Ɖ are typed for Đ
_STROKES = str.maketrans("đðɖ", "ddd")


def fold(name: str) -> str:
    """The name without case, marks, blanks and signs: ``Nguyễn Văn Đạt`` is ``nguyenvandat``."""
    apart = unicodedata.normalize("NFD", name.casefold().translate(_STROKES))
    return "".join(char for char in apart if char.isalnum())
