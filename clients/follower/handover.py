"""Handing changes over, at least once: a command, a file, a webhook.

``take`` returns when the other side has the changes for good. When it fails the same changes come
again, and after a crash, too: whoever takes them knows a change by its revision.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from clients.follower.lines import change_json, change_line
from clients.sdk import CitizenChange
from clients.witness.files import PRIVATE, sync_folder

WEBHOOK_SECONDS = 30.0
_READ_BACK = 65_536  # bytes, each step of the search for a file's last line
_BEGINNING = b'{"revision": '  # of every line: of a file that has not one whole, too
_OK = range(200, 300)


class HandoverError(Exception):
    """The other side did not take the changes."""


class Handover(Protocol):
    """Takes changes."""

    async def take(self, changes: Sequence[CitizenChange], /) -> None:
        """Hand these over. Raises HandoverError."""
        ...


class Command:
    """A command that is run for each batch, with JSON Lines on its standard input.

    It has them when it exits with 0.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        self._arguments = tuple(arguments)

    async def take(self, changes: Sequence[CitizenChange]) -> None:
        """Run it."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._arguments, stdin=asyncio.subprocess.PIPE
            )
        except OSError as error:
            raise HandoverError(f"{self._arguments[0]}: {error.strerror}") from error
        try:
            await process.communicate(b"".join(map(change_line, changes)))
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if process.returncode:
            raise HandoverError(f"{self._arguments[0]} exited with {process.returncode}")


class Lines:
    """A file of JSON Lines that is appended to; each change stands in it once.

    What an earlier run wrote and did not note in its cursor is found at the end of the file, and
    passed over; a line that was cut off is written anew.
    """

    def __init__(self, path: Path) -> None:
        # closed by close(); a follower has it open for as long as it runs
        self._file = open(path, "ab+", opener=_private)  # noqa: SIM115 - Path.open has no opener
        try:
            sync_folder(path.absolute().parent)
            whole = self._find_back(self._file.seek(0, os.SEEK_END))
            self._last = self._last_revision(whole)
            self._file.truncate(whole)
        except BaseException:
            self._file.close()
            raise

    async def take(self, changes: Sequence[CitizenChange]) -> None:
        """Append them, and wait until they are on disk."""
        fresh = [change for change in changes if change.revision > self._last]
        size = self._file.seek(0, os.SEEK_END)
        try:
            self._file.write(b"".join(map(change_line, fresh)))
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            self._file.truncate(size)
            raise HandoverError(f"{self._file.name}: {error.strerror}") from error
        self._last = max(self._last, changes[-1].revision)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _last_revision(self, whole: int) -> int:
        """Of the last line that is whole; 0 when there is none."""
        start = self._find_back(whole - 1) if whole else 0
        self._file.seek(start)
        line = self._file.read(whole - start) if whole else self._file.read(len(_BEGINNING))
        if not whole and _BEGINNING.startswith(line):
            return 0
        try:
            return int(json.loads(line)["revision"])
        except (ValueError, KeyError, TypeError) as error:
            raise HandoverError(f"{self._file.name} holds no changes; name another file") from error

    def _find_back(self, end: int) -> int:
        """The place after the last end of a line before ``end``; 0 when there is none."""
        while end > 0:
            start = max(0, end - _READ_BACK)
            self._file.seek(start)
            found = self._file.read(end - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            end = start
        return 0


class Webhook:
    """An address that each batch is posted to, as a JSON object with ``changes``.

    It has them when it answers 2xx.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url}: write http://HOST[:PORT]/PATH, or https")
        self._url = parts

    async def take(self, changes: Sequence[CitizenChange]) -> None:
        """Post them."""
        told = {"changes": [change_json(change) for change in changes]}
        body = json.dumps(told, ensure_ascii=False).encode()
        try:
            status = await asyncio.to_thread(_post, self._url, body)
        except (OSError, http.client.HTTPException) as error:
            raise HandoverError(f"{self._url.netloc}: {error or type(error).__name__}") from error
        if status not in _OK:
            raise HandoverError(f"{self._url.netloc} answered {status}")


def _private(path: str, flags: int) -> int:
    """Changes are about people: what is made is for its owner only."""
    return os.open(path, flags, PRIVATE)


def _post(url: SplitResult, body: bytes) -> int:
    """The status that a POST is answered with."""
    secure = url.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=WEBHOOK_SECONDS)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        response.read()
        return response.status
    finally:
        connection.close()
