"""What the crash test breaks with: its schedule, its network, its journals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.torture import journal
from tests.torture.journal import Journal
from tests.torture.people import Person
from tests.torture.proxy import Network
from tests.torture.schedule import SERVER, Kind, plan
from tests.torture.story import Story, Taken

CLIENTS = ("a-0", "b-0")


def test_a_schedule_is_a_function_of_its_seed() -> None:
    """The same seed gives the same faults, and a longer run begins like a shorter one."""
    first = plan(1, 60, CLIENTS)
    assert first == plan(1, 60, CLIENTS)
    assert first != plan(2, 60, CLIENTS)
    assert plan(1, 120, CLIENTS)[: len(first)] == first
    assert {one.kind for one in plan(1, 600, CLIENTS)} == set(Kind)
    assert {one.target for one in first} == {SERVER, *CLIENTS}


def test_a_torn_line_is_dropped(tmp_path: Path) -> None:
    """Who was killed while writing goes on after the last whole line."""
    path = tmp_path / "journal"
    first = Journal(path)
    first.add(one=1)
    first.add(two="hai")
    path.write_bytes(path.read_bytes() + b'{"three":')
    again = Journal(path)
    assert again.entries == [{"one": 1}, {"two": "hai"}]
    again.add(three=3)
    assert journal.read(path) == [{"one": 1}, {"two": "hai"}, {"three": 3}]


def person(at: int, *, female: bool) -> Person:
    """An unmarried adult."""
    name = f"Lê Văn {chr(65 + at)}"
    return Person(f"0010900000{at:02d}", name, "1980-05-12", female, adult=True, single=True)


def test_a_story_is_a_function_of_seed_and_answers() -> None:
    """Told again from the beginning it goes the same way."""
    people = [person(at, female=at % 2 == 0) for at in range(12)]

    def tell() -> list[str]:
        story, said = Story(5, "s", people), []
        for step in range(60):
            report, _ = story.next()
            said.append(str(report))
            refused = step % 7 == 0
            story.tell(None if refused else Taken(f"E{step}", f"0010900001{step:02d}", step))
        return said

    assert tell() == tell()
    assert len(set(tell())) == 60


@pytest.fixture
async def echo() -> AsyncIterator[tuple[str, int]]:
    """A server that says what it hears."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while heard := await reader.read(100):
            writer.write(heard)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[:2]


async def say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, text: bytes) -> bytes:
    """Say something, and hear what comes; nothing when nothing comes."""
    writer.write(text)
    try:
        return await asyncio.wait_for(reader.read(100), 0.2)
    except TimeoutError:
        return b"(silence)"


async def test_a_line_carries_delays_swallows_and_cuts(echo: tuple[str, int]) -> None:
    """Bytes pass, come late, are lost one way or both, and connections end."""
    async with Network() as network:
        network.connect_to(echo)
        line = await network.line("a")
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        assert await say(reader, writer, b"one") == b"one"
        line.delay = 0.3
        assert await say(reader, writer, b"two") == b"(silence)"
        assert await reader.read(100) == b"two"
        line.mend()
        line.deaf = True
        assert await say(reader, writer, b"three") == b"(silence)"
        line.mend()
        assert await say(reader, writer, b"four") == b"four"
        line.lose()
        assert await say(reader, writer, b"five") == b"(silence)"
        line.mend()
        assert await say(reader, writer, b"six") == b"(silence)"
        line.cut()
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read(100) == b""
        writer.close()


async def test_a_line_refuses(echo: tuple[str, int]) -> None:
    """While it refuses, a connection ends at once; also when nobody is behind it."""
    async with Network() as network:
        network.connect_to(echo)
        line = await network.line("a")
        for line.refusing, network.address in ((True, echo), (False, ("127.0.0.1", 1))):
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read(100) == b""
            writer.close()


async def test_the_network_counts_what_clients_say(echo: tuple[str, int]) -> None:
    """So that the server is killed in the middle of something."""
    async with Network() as network:
        network.connect_to(echo)
        line = await network.line("a")
        waiting = asyncio.create_task(network.hear(2, 5.0))
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        await say(reader, writer, b"one")
        assert not waiting.done()
        await say(reader, writer, b"two")
        await waiting
        await network.hear(100, 0.01)  # time is up
        writer.close()
