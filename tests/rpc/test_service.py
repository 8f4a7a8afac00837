"""What a gateway says of itself: health, reflection, and the graceful end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from gateway import app, datadir
from gateway.config import DevConfig
from tests.rpc.gateways import Running, audited, hold_commits
from tests.rpc.raw import VERIFY, RawClient, failure_of, verify_request

SERVICES = ("dancu.v1.IdentityService", "dancu.v1.ResidenceService", "dancu.v1.EvidenceService")
SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
SHOWN = (
    "dancu.v1.IdentityVerification",
    "dancu.v1.BatchIdentityVerification",
    "dancu.v1.ItemVerification",
    "dancu.v1.CitizenDisclosure",
    "dancu.v1.IdentifierResolution",
    "dancu.v1.ResidenceConfirmation",
    "dancu.v1.HouseholdExtract",
    "dancu.v1.AttributeVerification",
    "dancu.v1.Refusal",
    "dancu.v1.KeySet",
    "google.rpc.ErrorInfo",
    "google.rpc.BadRequest",
    "google.rpc.RetryInfo",
    "google.rpc.LocalizedMessage",
)


async def health(channel: grpc.aio.Channel, service: str) -> int:
    """Status of one service."""
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    answer = await check(health_pb2.HealthCheckRequest(service=service))
    return int(answer.status)


@pytest.mark.parametrize("service", ["", *SERVICES])
async def test_each_service_is_serving(raw: RawClient, service: str) -> None:
    """Health is answered for the whole and for each service."""
    assert await health(raw.channel, service) == SERVING


async def test_an_unknown_service_has_no_health(raw: RawClient) -> None:
    """A service that is not here is NOT_FOUND."""
    failure = await failure_of(health(raw.channel, "dancu.v1.NoSuchService"))
    assert failure.code is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_resolves_all_that_travels(raw: RawClient, version: str) -> None:
    """Every service, statement and error detail resolves, with all that it imports."""
    pool = descriptor_pool.DescriptorPool()
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    for symbol in (*SERVICES, *SHOWN):
        files |= await _files(raw, version, symbol)
    _add(pool, files)
    for symbol in SHOWN:
        assert pool.FindMessageTypeByName(symbol).full_name == symbol
    methods = pool.FindServiceByName("dancu.v1.IdentityService").methods
    assert "VerifyIdentity" in [method.name for method in methods]


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_lists_the_services(raw: RawClient, version: str) -> None:
    """The services are listed, and unknown symbols are answered as such."""
    ask = reflection_pb2.ServerReflectionRequest
    listed, unknown = await _reflect(
        raw, version, ask(list_services=""), ask(file_containing_symbol="dancu.v1.Nothing")
    )
    names = {service.name for service in listed.list_services_response.service}
    assert names >= {*SERVICES, "grpc.health.v1.Health"}
    assert unknown.error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


async def test_the_control_service_is_not_on_the_public_port(raw: RawClient) -> None:
    """The simulator's switches answer on the control port only."""
    failure = await failure_of(raw.send("/dancu.control.v1.SimulatorService/ListPersonas", b""))
    assert failure.code is grpc.StatusCode.UNIMPLEMENTED


async def test_draining_lets_running_calls_end(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While calls run to their end, health says NOT_SERVING; then the server is gone."""
    release = hold_commits(monkeypatch)
    config = DevConfig(data_dir=data_dir, port=0, control_port=0)
    prepared = datadir.prepare(config, lambda _done: None)
    opened = app.running(config, prepared)
    ready = await opened.__aenter__()
    running = Running.at(data_dir, ready)
    async with RawClient(running) as raw:
        watch = _watch(raw, SERVICES[0])
        assert (await watch.read()).status == SERVING
        calls = [asyncio.ensure_future(raw.verify()) for _ in range(20)]
        await asyncio.sleep(0.1)
        closing = asyncio.create_task(opened.__aexit__(None, None, None))
        assert (await watch.read()).status == NOT_SERVING
        watch.cancel()
        assert not any(call.done() for call in calls)
        release.set()
        stated = await asyncio.gather(*calls)
        await closing
        assert len(stated) == 20
        failure = await failure_of(raw.send(VERIFY, verify_request().SerializeToString()))
        assert failure.code is grpc.StatusCode.UNAVAILABLE
    assert audited(data_dir).leaves == 20


def _watch(raw: RawClient, service: str) -> Any:
    ask = raw.channel.unary_stream(
        "/grpc.health.v1.Health/Watch",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    return ask(health_pb2.HealthCheckRequest(service=service))


async def _reflect(
    raw: RawClient, version: str, *asked: reflection_pb2.ServerReflectionRequest
) -> list[reflection_pb2.ServerReflectionResponse]:
    async def questions() -> AsyncIterator[reflection_pb2.ServerReflectionRequest]:
        for each in asked:
            yield each

    ask = raw.channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    return [answer async for answer in ask(questions())]


async def _files(
    raw: RawClient, version: str, symbol: str
) -> dict[str, descriptor_pb2.FileDescriptorProto]:
    """The file that defines a symbol, and all that it imports, asked for one by one."""
    found: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    ask = reflection_pb2.ServerReflectionRequest
    wanted = [ask(file_containing_symbol=symbol)]
    while wanted:
        (answer,) = await _reflect(raw, version, wanted.pop())
        for content in answer.file_descriptor_response.file_descriptor_proto:
            file = descriptor_pb2.FileDescriptorProto.FromString(content)
            wanted += [ask(file_by_filename=name) for name in file.dependency if name not in found]
            found[file.name] = file
    assert found, symbol
    return found


def _add(
    pool: descriptor_pool.DescriptorPool, files: dict[str, descriptor_pb2.FileDescriptorProto]
) -> None:
    """Add files to a pool, each after those that it imports."""
    waiting = dict(files)
    while waiting:
        ready = [
            file
            for file in waiting.values()
            if not any(name in waiting for name in file.dependency)
        ]
        for file in ready:
            pool.Add(file)
            del waiting[file.name]
