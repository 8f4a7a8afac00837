"""``dancu doctor``: versions, the disk, the clock, limits and ports."""

from __future__ import annotations

import asyncio
import resource
import shutil
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

from dancu.v1 import identity_service_pb2_grpc
from gateway.config import DevConfig, ServeConfig
from gateway.doctor import machine
from gateway.doctor.database import _judged, _Server, database
from gateway.doctor.finding import Finding, Level, at_least, fail, guarded, ok, warn, worst
from gateway.doctor.ports import ports
from gateway.rpc.http import HttpLimits, HttpServer, Response
from gateway.store.authority import TestAuthority
from gateway.store.sqlite import create_records, open_records
from tests.support.records import certify, entries
from tests.support.scene import NOW, ORIGIN


def only(findings: Iterator[Finding]) -> Finding:
    """The one finding; a remedy stands with whatever is not well, and only there."""
    (found,) = findings
    assert bool(found.remedy) is (found.level is not Level.OK)
    return found


def test_versions() -> None:
    """Where the tests run, they are well."""
    assert only(machine.python()).level is Level.OK
    assert only(machine.grpcio()).level is Level.OK


@pytest.mark.parametrize(
    ("there", "level"), [("1.75.9", Level.FAIL), ("1.76.0rc1", Level.FAIL), ("2.0", Level.OK)]
)
def test_grpcio_is_older_than_the_generated_code(
    there: str, level: Level, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared as numbers, not as texts."""
    monkeypatch.setattr(machine, "version", lambda _name: there)
    monkeypatch.setattr(identity_service_pb2_grpc, "GRPC_GENERATED_VERSION", "1.76.0")
    assert only(machine.grpcio()).level is level


@pytest.mark.parametrize(
    ("mode", "level"), [(0o700, Level.OK), (0o750, Level.WARN), (0o701, Level.WARN)]
)
def test_rights_of_the_data_directory(tmp_path: Path, mode: int, level: Level) -> None:
    """It is for its owner only."""
    tmp_path.chmod(mode)
    assert only(machine.data_dir(tmp_path, made_by_start=True)).level is level


@pytest.mark.parametrize(("made_by_start", "level"), [(True, Level.WARN), (False, Level.FAIL)])
def test_no_data_directory(tmp_path: Path, level: Level, *, made_by_start: bool) -> None:
    """``dancu dev`` makes it; ``dancu serve`` does not."""
    found = only(machine.data_dir(tmp_path / "none", made_by_start=made_by_start))
    assert found.level is level


class _Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("total", "free", "level"),
    [
        (100e9, 50e9, Level.OK),
        (1000e9, 50e9, Level.WARN),  # 5 %
        (10e9, 4.9e9, Level.WARN),
        (10e9, 0.4e9, Level.FAIL),
    ],
)
def test_room_on_the_disk(
    total: float, free: float, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is free, and by its share."""
    usage = _Usage(int(total), int(total - free), int(free))
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    assert only(machine.disk(tmp_path)).level is level


@pytest.mark.parametrize(
    ("seconds", "level"), [(0.002, Level.OK), (0.02, Level.WARN), (0.2, Level.FAIL)]
)
def test_what_an_fsync_costs(
    seconds: float, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the median: one that was slow is told and no more."""
    monkeypatch.setattr(machine, "_durable_appends", lambda _folder: [seconds] * 9 + [3.0])
    found = only(machine.fsync(tmp_path))
    assert found.level is level
    assert "3,000" not in found.found
    assert "3000.0 ms at worst" in found.found


def test_an_fsync_is_measured(tmp_path: Path) -> None:
    """Really, and nothing is left behind."""
    took = machine._durable_appends(tmp_path)
    assert len(took) == machine.FSYNC_COUNT
    assert all(seconds > 0 for seconds in took)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("kept", "level"), [(True, Level.OK), (False, Level.WARN), (None, Level.WARN)]
)
def test_who_keeps_the_clock(
    level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, kept: bool | None
) -> None:
    """Not known to be kept is a warning: in a container the host keeps it."""
    monkeypatch.setattr(machine, "_is_synchronised", lambda: kept)
    assert only(machine.clock(tmp_path / "none.db", NOW)).level is level


def test_the_kernel_is_asked_for_the_clock() -> None:
    """It gives one of the three answers, and sets nothing."""
    before = datetime.now(UTC)
    assert machine._is_synchronised() in (True, False, None)
    assert datetime.now(UTC) - before < timedelta(seconds=5)


@pytest.mark.parametrize(("behind", "level"), [(30, Level.OK), (90, Level.FAIL)])
async def test_a_clock_behind_the_log(
    behind: int, level: Level, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's latest access is of the future: somebody put the clock back."""
    monkeypatch.setattr(machine, "_is_synchronised", lambda: True)
    path = tmp_path / "gateway.db"
    create_records(path, ORIGIN, certify)
    assert only(machine.clock(path, NOW)).level is Level.OK  # it is empty
    async with open_records(path) as records:
        await records.commit(entries(0, 3), certify)
    assert only(machine.clock(path, NOW - timedelta(seconds=behind))).level is level


@pytest.mark.parametrize(
    ("limit", "level"),
    [(1000, Level.FAIL), (1024, Level.WARN), (4096, Level.OK), (resource.RLIM_INFINITY, Level.OK)],
)
def test_open_files(limit: int, level: Level, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the limit that is in force, not the one that it could be raised to."""
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (limit, resource.RLIM_INFINITY))
    assert only(machine.open_files()).level is level


def test_the_worst_of_all() -> None:
    """FAIL before WARN before OK; nothing at all is well."""
    good, so_so, bad = ok("a", ""), warn("b", "", "c"), fail("d", "", "e")
    assert worst([good, bad, so_so]) is Level.FAIL
    assert worst([so_so, good]) is Level.WARN
    assert worst([good]) is Level.OK
    assert worst([]) is Level.OK


@pytest.mark.parametrize(
    ("value", "level"), [(10, Level.OK), (9, Level.WARN), (5, Level.WARN), (4, Level.FAIL)]
)
def test_levels(value: int, level: Level) -> None:
    """Each holds from its own value on."""
    assert at_least("a", value, (10, 5), "found", "remedy").level is level


def test_what_the_system_refuses() -> None:
    """Is a finding of the check, beside those that came before."""

    def refused() -> Iterator[Finding]:
        yield ok("a", "well")
        raise PermissionError(13, "Permission denied", "/x")

    first, second = guarded("a", refused())
    assert first.level is Level.OK
    assert (second.check, second.level) == ("a", Level.FAIL)
    assert "/x" in second.found


@contextmanager
def held(*, answers: bytes = b"") -> Iterator[int]:
    """A port that something else holds, which answers everybody with the same bytes."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            server.settimeout(0.05)
            while not ended.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.sendall(answers)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        ended.set()
        thread.join()


def on(port: int, **others: Any) -> DevConfig:
    """Settings with this gRPC port, and any free ones else."""
    return DevConfig(port=port, **{"control_port": 0, "log_port": 0, "metrics_port": 0, **others})


def by_name(config: DevConfig | ServeConfig) -> dict[str, Finding]:
    """What is found of each port."""
    found = list(ports(config))
    assert all(bool(one.remedy) is (one.level is not Level.OK) for one in found)
    return {one.check: one for one in found}


def test_ports_that_are_free() -> None:
    """A number that nobody has, and 0."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    found = by_name(on(port))
    assert found["port_grpc"] == ok("port_grpc", f"127.0.0.1:{port} is free")
    assert {one.level for one in found.values()} == {Level.OK}


@pytest.mark.parametrize(
    "answers",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi\n", b"SSH-2.0-x\r\n", b"\xff" * 99],
)
@pytest.mark.parametrize("name", ["port", "control_port", "log_port", "metrics_port"])
def test_a_port_that_something_else_holds(name: str, answers: bytes) -> None:
    """Whatever that says, it is no gateway; the remedy names the setting."""
    with held(answers=answers) as port:
        found = by_name(on(**{"port": 0, name: port}))
    check = "port_grpc" if name == "port" else f"port_{name.removesuffix('_port')}"
    assert found[check].level is Level.FAIL
    assert name in found[check].remedy


def test_an_address_of_another_machine() -> None:
    """Cannot be listened on at all."""
    found = by_name(on(50051, host="192.0.2.1"))
    assert found["port_grpc"].level is Level.FAIL
    assert "host" in found["port_grpc"].remedy


@pytest.mark.parametrize("serving", [True, False])
async def test_a_gateway_that_answers_calls(*, serving: bool) -> None:
    """Serving or draining, it holds its port by right."""
    server = grpc.aio.server()
    servicer = health.aio.HealthServicer()
    status = health_pb2.HealthCheckResponse
    await servicer.set("", status.SERVING if serving else status.NOT_SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    found = await asyncio.to_thread(by_name, on(port, control_port=port))
    await server.stop(0)
    for check in ("port_grpc", "port_control"):
        assert found[check].level is Level.OK
        assert ("draining" in found[check].found) is not serving


@pytest.mark.parametrize(
    ("name", "path", "body"),
    [
        ("log_port", "/checkpoint", f"{ORIGIN}\n1234\nabc=\n\n- signature\n"),
        ("metrics_port", "/metrics", 'dancu_build_info{version="1"} 1.0\n'),
    ],
)
async def test_a_gateway_that_answers_requests(name: str, path: str, body: str) -> None:
    """By what only a gateway shows there."""

    async def answer(asked: str) -> Response:
        assert asked == path
        return Response(HTTPStatus.OK, body.encode())

    server = HttpServer(answer, HttpLimits())
    port = await server.start("127.0.0.1", 0)
    found = await asyncio.to_thread(by_name, on(**{"port": 0, name: port}))
    await server.close()
    check = f"port_{name.removesuffix('_port')}"
    assert found[check].level is Level.OK
    assert name != "log_port" or "1,234 leaves" in found[check].found


@pytest.mark.parametrize(("protocol", "level"), [("h2", Level.OK), ("http/1.1", Level.FAIL)])
async def test_a_strict_gateway_is_known_by_its_tls(
    protocol: str, level: Level, tmp_path: Path
) -> None:
    """It tells the doctor, who has no certificate, no more than that it speaks HTTP/2."""
    now = datetime.now(UTC)
    authority = TestAuthority.create(tmp_path, now)
    authority.issue_server(["localhost"], now)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key.pem")
    context.set_alpn_protocols([protocol])
    server = await asyncio.start_server(
        lambda _r, writer: writer.close(), "127.0.0.1", 0, ssl=context
    )
    port = server.sockets[0].getsockname()[1]
    config = ServeConfig(port=port, control_port=0, log_port=0, metrics_port=0)
    found = await asyncio.to_thread(by_name, config)
    server.close()
    assert found["port_grpc"].level is level


def test_a_database_that_is_not_durable(postgres_url: str) -> None:
    """The server of the tests has ``fsync`` off, which loses answers with the power."""
    found = only(database(postgres_url))
    assert (found.check, found.level) == ("database", Level.FAIL)
    assert "fsync" in found.found


@pytest.mark.parametrize(
    ("changed", "level"),
    [
        ({}, Level.OK),
        ({"major": 13}, Level.FAIL),
        ({"durable": False}, Level.FAIL),
        ({"clock": NOW + timedelta(seconds=6)}, Level.WARN),
        ({"clock": NOW - timedelta(seconds=6)}, Level.WARN),
        ({"seconds": 0.02}, Level.WARN),
    ],
)
def test_a_database(changed: dict[str, Any], level: Level) -> None:
    """By its version, whether it is durable, its clock, and how far away it is."""
    server = _Server("15.3", 15, durable=True, clock=NOW, seconds=0.0003, asked=NOW)
    assert only(iter([_judged(server._replace(**changed), "db")])).level is level


def test_a_database_that_cannot_be_reached(tmp_path: Path) -> None:
    """Its password is not shown."""
    url = f"postgresql://me:SECRET@/x?host={tmp_path}"
    found = only(database(url))
    assert found.level is Level.FAIL
    assert "SECRET" not in found.found


def test_each_worker_has_a_port_for_its_metrics() -> None:
    """One after the other, from the first on."""
    found = ports(DevConfig(port=0, workers=3, metrics_port=45001))
    told = [one.found.split()[0] for one in found if one.check == "port_metrics"]
    assert told == ["127.0.0.1:45001", "127.0.0.1:45002", "127.0.0.1:45003"]
