"""The composition root: the only file that knows everyone.

``dancu dev``: open the stores of a prepared data directory, start the servers, say READY,
wait for the end, drain.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from types import ModuleType

import structlog
from google.protobuf.descriptor import ServiceDescriptor

from dancu.control.v1 import simulator_service_pb2
from dancu.v1 import evidence_service_pb2, identity_service_pb2
from gateway.config import DevConfig
from gateway.core.policy import DEMO_POLICY
from gateway.core.statement import Issuer
from gateway.datadir import ISSUER, Prepared, certifier
from gateway.flows.lookup import Lookup
from gateway.flows.verification import Verification
from gateway.flows.window import Window, open_window
from gateway.rpc.edge import Edge, Limits
from gateway.rpc.server import GrpcServer
from gateway.rpc.servicers import EvidenceServicer, IdentityServicer, SimulatorServicer
from gateway.store.sqlite import open_records
from mock_population_db.store.sqlite import SqlitePopulation

CONTROL_HOST = "127.0.0.1"  # the switches of the simulator are for this machine only

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the gateway answers."""

    grpc: str
    control: str


async def serve(config: DevConfig, prepared: Prepared, ready: Callable[[Ready], None]) -> None:
    """Answer calls until SIGTERM or SIGINT, then drain."""
    stop = _told_to_stop()  # before anybody is told READY and may send a signal
    async with running(config, prepared) as addresses:
        ready(addresses)
        await stop.wait()
        _log.info("draining", seconds=config.drain_seconds)


@contextlib.asynccontextmanager
async def running(config: DevConfig, prepared: Prepared) -> AsyncIterator[Ready]:
    """Answer calls for the length of the block, then drain.

    Raises:
        PortBusy: an address cannot be listened on.
        PopulationError, Unavailable: a store cannot be read.
    """
    keys = prepared.keys
    issuer = Issuer(ISSUER, prepared.origin, DEMO_POLICY.version, (keys.statement,))
    certify = certifier(keys.checkpoint, prepared.origin)
    limits = Limits()
    edge = Edge(lambda _context: config.caller, limits)
    async with contextlib.AsyncExitStack() as stack:
        register = await stack.enter_async_context(SqlitePopulation.open(config.population_path))
        records = await stack.enter_async_context(open_records(config.records_path))
        window = await stack.enter_async_context(
            open_window(Window(register, records, issuer, certify, _now))
        )
        identity = IdentityServicer(Verification(DEMO_POLICY, window), Lookup(DEMO_POLICY, window))
        services = {
            _service(identity_service_pb2, "IdentityService"): identity,
            _service(evidence_service_pb2, "EvidenceService"): EvidenceServicer(
                keys.key_set, records
            ),
        }
        control_services = {
            _service(simulator_service_pb2, "SimulatorService"): SimulatorServicer(
                prepared.personas
            )
        }
        server = GrpcServer(services, edge, limits)
        control = GrpcServer(control_services, edge, limits)
        await records.checkpoint()  # answering means: the records can be read
        port = await server.start(config.host, config.port)
        stack.push_async_callback(server.drain, config.drain_seconds)
        control_port = await control.start(CONTROL_HOST, config.wanted_control_port)
        stack.push_async_callback(control.drain, 0.5)
        yield Ready(f"{config.host}:{port}", f"{CONTROL_HOST}:{control_port}")


def _service(module: ModuleType, name: str) -> ServiceDescriptor:
    descriptor: ServiceDescriptor = module.DESCRIPTOR.services_by_name[name]
    return descriptor


def _now() -> datetime:
    return datetime.now(UTC)


def _told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
