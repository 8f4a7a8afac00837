"""Handing changes over, and where one goes on: nothing moves before it was taken."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict

from clients.follower import run
from clients.follower.cursor import Cursor, CursorError
from clients.follower.handover import Command, HandoverError, Lines, Webhook
from clients.follower.lines import message_json
from clients.follower.run import follow
from clients.sdk import ChangeBatch, CitizenChange, Follower
from dancu.v1 import change_pb2
from gateway.core.disclosure import citizen_message
from gateway.core.policy import FIELDS
from mock_population_db.personas import PERSONAS


def change(revision: int) -> CitizenChange:
    """A change of somebody."""
    return CitizenChange.of(change_pb2.Change(revision=revision, personal_id="079088000001"))


def changes(first: int, last: int) -> list[CitizenChange]:
    """Those numbered from first to last."""
    return [change(revision) for revision in range(first, last + 1)]


def revisions(path: Path) -> list[int]:
    """What stands in a file."""
    return [json.loads(line)["revision"] for line in path.read_bytes().splitlines()]


def test_a_line_says_what_the_contracts_json_says() -> None:
    """Of everybody who is made up, with all that a record may hold."""
    for persona in PERSONAS:
        for who in persona.citizens:
            message = citizen_message(who, frozenset(FIELDS))
            assert message_json(message) == MessageToDict(message, preserving_proto_field_name=True)


def test_a_cursor_is_kept(tmp_path: Path) -> None:
    """From one process to the next; without a file there is none yet."""
    path = tmp_path / "cursor"
    assert Cursor(path).load() is None
    Cursor(path).save(12)
    Cursor(path).save(13)
    assert Cursor(path).load() == 13
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"next_revision": "1"}', "12"])
def test_another_file_is_no_cursor(tmp_path: Path, content: str) -> None:
    """It is neither read as one nor written over."""
    path = tmp_path / "cursor"
    path.write_text(content, "utf-8")
    with pytest.raises(CursorError):
        Cursor(path).load()
    assert path.read_text("utf-8") == content


async def test_a_file_holds_each_change_once(tmp_path: Path) -> None:
    """What comes again after a crash is passed over."""
    path = tmp_path / "changes.jsonl"
    first = Lines(path)
    await first.take(changes(1, 5))
    first.close()
    second = Lines(path)
    await second.take(changes(3, 8))
    await second.take(changes(7, 9))
    second.close()
    assert revisions(path) == list(range(1, 10))
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("cut", [1, 20, 40])
async def test_a_line_that_was_cut_off_is_written_anew(tmp_path: Path, cut: int) -> None:
    """Wherever the crash came."""
    path = tmp_path / "changes.jsonl"
    first = Lines(path)
    await first.take(changes(1, 3))
    first.close()
    content = path.read_bytes()
    path.write_bytes(content[:-cut])
    second = Lines(path)
    await second.take(changes(1, 4))
    second.close()
    assert revisions(path) == [1, 2, 3, 4]


async def test_a_long_line_is_found_from_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However little is read at a time."""
    monkeypatch.setattr("clients.follower.handover._READ_BACK", 7)
    await test_a_line_that_was_cut_off_is_written_anew(tmp_path, 20)


@pytest.mark.parametrize("content", ["to do\n", "to do", '{"revision": 1}\nto do\n', "{}\n"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    """Nothing is appended to it, and nothing cut off."""
    path = tmp_path / "notes.txt"
    path.write_text(content, "utf-8")
    with pytest.raises(HandoverError):
        Lines(path)
    assert path.read_text("utf-8") == content


async def test_a_first_line_that_was_cut_off(tmp_path: Path) -> None:
    """A file that holds the beginning of one change, and no more."""
    path = tmp_path / "changes.jsonl"
    path.write_bytes(b'{"revision": 1, "ki')
    lines = Lines(path)
    await lines.take(changes(1, 2))
    lines.close()
    assert revisions(path) == [1, 2]


async def test_a_command_gets_lines(tmp_path: Path) -> None:
    """On its standard input."""
    out = tmp_path / "out"
    code = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
    await Command([sys.executable, "-c", code, str(out)]).take(changes(4, 6))
    assert revisions(out) == [4, 5, 6]


@pytest.mark.parametrize("command", [[sys.executable, "-c", "raise SystemExit(3)"], ["/no/such"]])
async def test_a_command_that_fails_has_taken_nothing(command: list[str]) -> None:
    """Nor has one that cannot be run."""
    with pytest.raises(HandoverError):
        await Command(command).take(changes(1, 1))


async def test_a_command_ends_with_its_follower() -> None:
    """It is not left behind when the follower is told to end."""
    sleeping = asyncio.create_task(
        Command([sys.executable, "-c", "import time; time.sleep(60)"]).take(changes(1, 1))
    )
    await asyncio.sleep(0.2)
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(sleeping, timeout=5)


@contextmanager
def answering(statuses: list[int]) -> Iterator[tuple[str, list[bytes]]]:
    """A web server that answers with these statuses in turn; its address, and what was posted."""
    posted: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(statuses.pop(0))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing on standard error."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/changes?a=1", posted
        finally:
            server.shutdown()
            thread.join()


async def test_a_webhook_has_taken_them_with_2xx() -> None:
    """Any other answer, and none, is a failure."""
    with answering([500, 302, 204]) as (url, posted):
        for _ in range(2):
            with pytest.raises(HandoverError):
                await Webhook(url).take(changes(1, 2))
        await Webhook(url).take(changes(1, 2))
    assert len(posted) == 3
    assert [one["revision"] for one in json.loads(posted[-1])["changes"]] == [1, 2]
    with pytest.raises(HandoverError):
        await Webhook(url).take(changes(1, 2))


@pytest.mark.parametrize("url", ["file:///etc/passwd", "example.org", "ftp://example.org/"])
def test_a_webhook_is_an_address_on_the_web(url: str) -> None:
    """Nothing else is opened."""
    with pytest.raises(ValueError, match="http"):
        Webhook(url)


@dataclass
class Fails:
    """Takes changes after so many failures."""

    failures: int
    taken: list[int] = field(default_factory=list)

    async def take(self, told: Sequence[CitizenChange]) -> None:
        """Fail, or keep their revisions."""
        if self.failures:
            self.failures -= 1
            raise HandoverError("busy")
        self.taken += [one.revision for one in told]


class Feed(Follower):
    """Two batches and a progress mark between them."""

    def __init__(self) -> None:
        self.saved: list[int] = []

    async def batches(self) -> AsyncGenerator[ChangeBatch]:
        """As a follower: the cursor moves when the consumer comes back."""
        for batch in (
            ChangeBatch(tuple(changes(1, 2)), 2),
            ChangeBatch((), 5),
            ChangeBatch(tuple(changes(6, 6)), 6),
        ):
            yield batch
            self.saved.append(batch.through_revision + 1)


async def test_failures_are_tried_again_and_the_cursor_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same changes, with longer and longer pauses; progress marks are not handed over."""
    monkeypatch.setattr(run, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(run, "LONGEST_PAUSE", 0.02)
    feed, handover = Feed(), Fails(3)
    told: list[tuple[list[int], float]] = []
    await follow(feed, handover, on_failed=lambda _, pause: told.append(([*feed.saved], pause)))
    assert handover.taken == [1, 2, 6]
    assert told == [([], 0.01), ([], 0.02), ([], 0.02)]
    assert feed.saved == [3, 6, 7]
