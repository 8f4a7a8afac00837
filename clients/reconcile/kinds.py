"""What kind of file somebody's records are in, whatever it is called."""

from __future__ import annotations

from pathlib import Path

from clients.reconcile.errors import FileError

_PARQUET_MAGIC = b"PAR1"
_OTHER_KINDS = {  # by what they begin with
    b"PK\x03\x04": "an Excel workbook, or another archive: save it as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook (.xls): save it as CSV UTF-8",
    b"SQLite format 3\0": "a SQLite database: write its table to a file, as CSV UTF-8",
}


def kind_of(path: Path) -> str:
    """By its contents: ``parquet``, ``jsonl`` or ``csv``.

    Raises:
        OSError: It cannot be read.
        FileError: It is of a kind that is not read, or empty; says what to do.
    """
    with path.open("rb") as file:
        head = file.read(4096)
    if head.startswith(_PARQUET_MAGIC):
        return "parquet"
    for magic, kind in _OTHER_KINDS.items():
        if head.startswith(magic):
            raise FileError(f"{path}: {kind}")
    text = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not text:
        raise FileError(f"{path}: the file is empty")
    if text.startswith(b"["):
        raise FileError(f"{path}: a JSON array; write one object a line (JSON Lines)")
    return "jsonl" if text.startswith(b"{") else "csv"
