"""What the crash test breaks with: its schedule, its network, its journals."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.torture import journal
from tests.torture.breaking import Breaking
from tests.torture.database import Database
from tests.torture.journal import Journal
from tests.torture.people import Person
from tests.torture.proxy import Network
from tests.torture.schedule import DATABASE, SERVER, Fault, Kind, plan
from tests.torture.server import Server, ServerFailure
from tests.torture.story import Story, Taken

CLIENTS = ("a-0", "b-0")
KILLED = (Fault(0.0, Kind.KILL, SERVER, 0.0),)


def test_a_schedule_is_a_function_of_its_seed() -> None:
    """The same seed gives the same faults, and a longer run begins like a shorter one."""
    first = plan(1, 60, CLIENTS)
    assert first == plan(1, 60, CLIENTS)
    assert first != plan(2, 60, CLIENTS)
    assert plan(1, 120, CLIENTS)[: len(first)] == first
    assert {one.kind for one in plan(1, 600, CLIENTS)} == set(Kind)
    assert {one.target for one in first} == {SERVER, *CLIENTS}


def test_several_servers_and_their_database_fail_each_by_itself() -> None:
    """The first fault of each server is a kill; of a client's lines some fail to one server."""
    pair = ("server-0", "server-1")
    faults = plan(1, 600, CLIENTS, pair, database=True)
    assert faults == plan(1, 600, CLIENTS, pair, database=True)
    assert {one.target for one in faults} == {DATABASE, *pair, *CLIENTS}
    for server in pair:
        own = [one for one in faults if one.target == server]
        assert (own[0].kind, max(one.down for one in own) > 1) == (Kind.KILL, True)
    assert {one.towards for one in faults if one.target in CLIENTS} == {"", *pair}
    assert {one.kind for one in faults if one.target == DATABASE} == {Kind.KILL, Kind.CUT}


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
        network.servers[SERVER].connect_to(echo)
        line = await network.line("a", 0, SERVER)
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
        far, line = network.servers[SERVER], await network.line("a", 0, SERVER)
        for line.refusing, far.address in ((True, echo), (False, ("127.0.0.1", 1))):
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read(100) == b""
            writer.close()


async def test_the_network_counts_what_clients_say(echo: tuple[str, int]) -> None:
    """So that the server is killed in the middle of something."""
    async with Network() as network:
        far, line = network.servers[SERVER], await network.line("a", 0, SERVER)
        far.connect_to(echo)
        waiting = asyncio.create_task(far.hear(2, 5.0))
        reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
        await say(reader, writer, b"one")
        assert not waiting.done()
        await say(reader, writer, b"two")
        await waiting
        await far.hear(100, 0.01)  # time is up
        writer.close()


async def test_lines_go_each_to_its_server(echo: tuple[str, int]) -> None:
    """What fails of a client's ways to one server leaves those to the other one alone."""
    async with Network(("here", "there")) as network:
        network.servers["here"].connect_to(echo)
        network.servers["there"].connect_to(echo)
        for client, way, server in (("a", 0, "here"), ("a", 1, "there"), ("b", 0, "there")):
            line = await network.line(client, way, server)
            reader, writer = await asyncio.open_connection("127.0.0.1", line.port)
            assert await say(reader, writer, b"one") == b"one"
            writer.close()
        assert network.of("a") == [network.lines["a", 0, "here"], network.lines["a", 1, "there"]]
        assert network.of("a", "there") == [network.lines["a", 1, "there"]]
        assert network.connections() == {"here": 1, "there": 2}


class Turns(Database):
    """A database that was broken and mended so many times, together."""

    def __init__(self, turns: int) -> None:
        self.turns = turns


class BarelyStarting(Server):
    """A server that comes up at the second attempt; meanwhile its database has some turns."""

    def __init__(self, database: Database, meanwhile: int) -> None:
        super().__init__(Path(), Path())
        self._database = database
        self._meanwhile = meanwhile

    async def start(self) -> tuple[str, int]:
        """Fail once."""
        self.lives += 1
        if self.lives == 1:
            self._database.turns += self._meanwhile
            raise ServerFailure
        return "127.0.0.1", 1

    async def kill(self) -> None:
        """There is nothing to kill."""


def breaking(server: Server, database: Database) -> Breaking:
    """What breaks one server."""
    return Breaking({SERVER: server}, Network(), [], lambda _: None, database)


@pytest.mark.parametrize(("before", "meanwhile"), [(0, 1), (0, 2), (1, 0), (3, 1)])
async def test_a_server_need_not_come_up_without_its_database(before: int, meanwhile: int) -> None:
    """It is started again when the database was away at any moment of the start."""
    server = BarelyStarting(away := Turns(before), meanwhile)
    await breaking(server, away).run(KILLED, 1.0)
    assert server.lives == 2


async def test_a_server_that_does_not_come_up_is_a_failure() -> None:
    """Where the database was there, also one that had been away before."""
    with pytest.raises(ExceptionGroup) as caught:
        await breaking(BarelyStarting(away := Turns(2), 0), away).run(KILLED, 1.0)
    assert caught.group_contains(ServerFailure)
