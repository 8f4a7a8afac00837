"""What goes through the pipes between a worker and the process that keeps it.

A frame is a line, ``KIND NUMBER LENGTH``, and so many bytes after it. Upward go ``ready``,
``share`` and ``reply``, downward ``adopt`` and ``shared``; see ``worker.py``.
"""

from __future__ import annotations

import asyncio
from typing import BinaryIO, NamedTuple


class Frame(NamedTuple):
    """One message; an answer has the number of what it answers."""

    kind: str
    number: int = 0
    body: bytes = b""

    def to_bytes(self) -> bytes:
        """As it goes through the pipe."""
        return f"{self.kind} {self.number} {len(self.body)}\n".encode() + self.body


async def next_frame(stream: asyncio.StreamReader) -> Frame | None:
    """The next one; None when whoever writes them is gone, be it in the midst of one."""
    try:
        kind, number, length = (await stream.readuntil()).split()
        return Frame(kind.decode(), int(number), await stream.readexactly(int(length)))
    except asyncio.IncompleteReadError:
        return None


def await_frame(stream: BinaryIO) -> Frame | None:
    """The same where a thread may wait for it."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    kind, number, length = line.split()
    body = stream.read(int(length))
    return Frame(kind.decode(), int(number), body) if len(body) == int(length) else None
