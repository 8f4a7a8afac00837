"""The log over HTTP: what it shows, and what it makes of requests that nobody should send."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest

from gateway.reserving import PortTaken
from gateway.rpc.http import Answer, HttpLimits, HttpServer, Response
from gateway.rpc.tiles import LogFiles
from gateway.store.sqlite import create_records, open_records
from tests.support import merkle
from tests.support.records import certify, data_of, entries
from tests.support.scene import ORIGIN

SIZE = 600
GET = b"GET %b HTTP/1.1\r\nHost: log\r\n\r\n"
LIMITS = HttpLimits(head_bytes=2048, seconds=0.5, connections=4)


@pytest.fixture
async def files(tmp_path: Path) -> AsyncIterator[LogFiles]:
    """The files of a log with two full tiles and one begun."""
    create_records(tmp_path / "gateway.db", ORIGIN, certify)
    async with open_records(tmp_path / "gateway.db") as records:
        for start in (0, 250, 300):
            end = {0: 250, 250: 300, 300: SIZE}[start]
            await records.commit(entries(start, end), certify)
        yield LogFiles(records)


@pytest.fixture
async def port(files: LogFiles) -> AsyncIterator[int]:
    """Where they are served."""
    async with serving(files.answer) as listening:
        yield listening


@contextlib.asynccontextmanager
async def serving(answer: Answer, limits: HttpLimits = LIMITS) -> AsyncIterator[int]:
    """A server on a free port."""
    server = HttpServer(answer, limits)
    port = await server.start("127.0.0.1", 0)
    try:
        yield port
    finally:
        await server.close()


async def send(port: int, request: bytes) -> bytes:
    """Everything that comes back, until the server hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def get(port: int, path: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    head, _, body = (await send(port, GET % path.encode())).partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), body


DATA = [data_of(one) for one in entries(0, SIZE)]
HASHES = [merkle.leaf_hash(data) for data in DATA]


async def test_the_checkpoint(port: int) -> None:
    """As text, never from a cache."""
    status, headers, body = await get(port, "/checkpoint")
    assert (status, headers["Cache-Control"]) == (200, "no-cache")
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert int(headers["Content-Length"]) == len(body)
    assert body.decode().startswith(f"{ORIGIN}\n{SIZE}\n")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/tile/0/000", HASHES[:256]),
        ("/tile/0/001", HASHES[256:512]),
        ("/tile/0/000.p/1", HASHES[:1]),
        ("/tile/0/000.p/255", HASHES[:255]),
        ("/tile/0/002.p/88", HASHES[512:]),
        ("/tile/0/002.p/87", HASHES[512:599]),
        ("/tile/1/000.p/2", [merkle.tree_hash(DATA[at : at + 256]) for at in (0, 256)]),
        ("/tile/1/000.p/1", [merkle.tree_hash(DATA[:256])]),
    ],
)
async def test_tiles(port: int, path: str, expected: list[bytes]) -> None:
    """Full and partial ones hold the hashes that RFC 6962 gives the leaves."""
    status, headers, body = await get(port, path)
    assert (status, body) == (200, b"".join(expected))
    assert headers["Content-Type"] == "application/octet-stream"
    assert ("immutable" in headers["Cache-Control"]) == (".p/" not in path)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/tile/entries/000", DATA[:256]),
        ("/tile/entries/002.p/88", DATA[512:]),
        ("/tile/entries/001.p/3", DATA[256:259]),
    ],
)
async def test_entries(port: int, path: str, expected: list[bytes]) -> None:
    """Anybody can compute the hashes of the leaves from their data."""
    status, _, body = await get(port, path)
    assert status == 200
    found = []
    while body:
        length = int.from_bytes(body[:2], "big")
        found.append(body[2 : 2 + length])
        body = body[2 + length :]
    assert found == expected


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/checkpoint/",
        "/checkpoint?x",
        "/tile/0/002",  # not full yet
        "/tile/0/002.p/89",  # not there yet
        "/tile/0/003.p/1",
        "/tile/1/000",
        "/tile/2/000.p/1",
        "/tile/0/000.p/0",
        "/tile/0/000.p/256",
        "/tile/0/000.p/01",
        "/tile/0/000.p/-1",
        "/tile/00/000",
        "/tile/-1/000",
        "/tile/99/000",
        "/tile/100/000",
        "/tile/0/0",
        "/tile/0/0000",
        "/tile/0/x000/000",
        "/tile/0/x999/x999/x999/x999/x999/999",
        "/tile/0/x999/x999/x999/x999/x999/x999/999",
        "/tile/63/x999/x999/x999/x999/x999/999",
        "/tile/entries/002",
        "/tile/entries/003.p/1",
        "/tile/Entries/000",
        "/tile/0/../0/000",
        "/../gateway.db",
        "/tile/0/%30%30%30",
        "/%63heckpoint",
        "/tile/0/..%2f..%2fgateway.db",
        "//checkpoint",
        "/checkpoint%00",
    ],
)
async def test_there_is_nothing_else(port: int, path: str) -> None:
    """Paths are compared, not resolved or decoded: nothing leads anywhere but into the log."""
    status, _, body = await get(port, path)
    assert (status, body) == (404, b"Not Found\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"POST /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"HEAD /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"OPTIONS /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 405),
        (b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET http://other/checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET  /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /check point HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /check\tpoint HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /caf\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /checkpoint\x00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/2.0\r\nHost: x\r\n\r\n", 400),
        (b"GET /checkpoint\r\n\r\n", 400),
        (b"get /checkpoint HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\n\r\n", 400),  # no Host
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\n folded\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\nHost: x\n\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        (b"GET /checkpoint HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 4096 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 40_000, 431),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),  # TLS
        (b"GET /checkpoint HTTP/1.0\r\n\r\n", 200),
        (b"GET /checkpoint HTTP/1.1\r\nhost: x\r\nContent-Length: 0\r\n\r\n", 200),
    ],
)
async def test_requests_that_are_none(port: int, request_: bytes, status: int) -> None:
    """Each is answered by its status, and the connection ends."""
    answer = await send(port, request_)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nConnection: close\r\n" in answer
    assert (b"\r\nAllow: GET\r\n" in answer) == (status == 405)
    if request_.startswith(b"HEAD"):
        assert answer.endswith(b"\r\n\r\n")


async def test_a_second_request_is_not_answered(port: int) -> None:
    """One connection, one answer: nothing hides behind a request."""
    answer = await send(port, GET % b"/tile/0/000" + GET % b"/checkpoint")
    assert answer.count(b"HTTP/1.1 200 OK") == 1
    assert ORIGIN.encode() not in answer


async def test_slow_requests_are_cut_off(port: int) -> None:
    """Whoever sends byte by byte has as long as everybody, and hears nothing."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        for byte in GET % b"/checkpoint" * 100:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)
    assert time.monotonic() - began < 3
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.transport.abort()


async def test_silent_connections_do_not_keep_others_out(port: int) -> None:
    """With as many as allowed one more is refused; once they are cut off, it is answered."""
    silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(LIMITS.connections)]
    await asyncio.sleep(0.05)
    assert (await get(port, "/checkpoint"))[0] == 503
    await asyncio.sleep(LIMITS.seconds)
    assert (await get(port, "/checkpoint"))[0] == 200
    for _, writer in silent:
        writer.transport.abort()


async def test_a_flood_of_connections_is_not_held(port: int) -> None:
    """Beyond twice as many as allowed, connections end at once, so that no files run out."""
    flood = [
        await asyncio.open_connection("127.0.0.1", port) for _ in range(5 * LIMITS.connections)
    ]
    await asyncio.sleep(0.05)
    ended = 0
    for reader, _ in flood:
        with contextlib.suppress(TimeoutError, ConnectionError):
            async with asyncio.timeout(0.01):
                await reader.read()
        ended += reader.at_eof() or reader.exception() is not None
    assert ended >= 3 * LIMITS.connections
    for _, writer in flood:
        writer.transport.abort()


async def test_a_large_answer_to_a_slow_reader(port: int) -> None:
    """Whoever does not read is cut off; the server goes on."""
    _, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
    writer.write(GET % b"/tile/entries/000")
    await asyncio.sleep(LIMITS.seconds + 0.2)
    assert (await get(port, "/checkpoint"))[0] == 200
    writer.transport.abort()


async def test_a_store_out_of_reach(files: LogFiles, port: int, tmp_path: Path) -> None:
    """Is told as such."""
    (tmp_path / "gateway.db").rename(tmp_path / "away.db")
    assert (await get(port, "/checkpoint"))[0] == 503
    assert (await get(port, "/tile/0/000"))[0] == 503


async def test_a_defect_is_answered() -> None:
    """Without a word about it to the peer."""

    async def broken(_path: str) -> Response:
        raise ZeroDivisionError

    async with serving(broken) as port:
        assert (await get(port, "/checkpoint"))[0::2] == (500, b"Internal Server Error\n")


async def test_closing_hangs_up() -> None:
    """A connection that is open does not keep the gateway from stopping."""

    async def never(_path: str) -> Response:
        await asyncio.sleep(60)
        return Response(HTTPStatus.OK, b"")

    async with serving(never) as port:
        waiting = asyncio.create_task(send(port, GET % b"/checkpoint"))
        await asyncio.sleep(0.05)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(waiting, 1) == b""


@pytest.mark.parametrize("port", [-1, 65536, 99999])
async def test_no_such_port(files: LogFiles, port: int) -> None:
    """Named like a port that is taken."""
    server = HttpServer(files.answer, HttpLimits())
    with pytest.raises(PortTaken, match=str(port)):
        await server.start("127.0.0.1", port)
