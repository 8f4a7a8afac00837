"""The composition root: the only file that knows everyone.

``dancu dev``: open the stores of a prepared data directory, start the servers, say READY,
wait for the end, drain.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import TYPE_CHECKING

import structlog
from google.protobuf.descriptor import ServiceDescriptor

from dancu.control.v1 import simulator_service_pb2
from dancu.v1 import (
    access_history_service_pb2,
    evidence_service_pb2,
    identity_service_pb2,
    population_event_service_pb2,
    residence_service_pb2,
    sync_service_pb2,
    usage_service_pb2,
)
from gateway.config import Auth, DevConfig, ServeConfig
from gateway.core.caller import Caller
from gateway.core.statement import Issuer
from gateway.datadir import ISSUER, Prepared, certifier, read_policy
from gateway.flows.admission import Gate, open_gate
from gateway.flows.attributes import Attributes
from gateway.flows.changes import Changes
from gateway.flows.event_keeping import open_events
from gateway.flows.history import AccessHistory
from gateway.flows.lookup import Lookup
from gateway.flows.ports import Authority, Authorize
from gateway.flows.reconciliation import Reconciliation, keeping_sessions
from gateway.flows.residence import Residence
from gateway.flows.usage import load_usage
from gateway.flows.verification import Verification
from gateway.flows.watched import WatchedCitizens
from gateway.flows.watching import Watching
from gateway.flows.window import Window, open_window
from gateway.policies.file import PolicyFileError
from gateway.rpc.authentication import TokenAuthentication
from gateway.rpc.edge import Authenticate, Edge, Limits
from gateway.rpc.explained import Explainer
from gateway.rpc.http import HttpLimits, HttpServer
from gateway.rpc.population_events import PopulationEventServicer
from gateway.rpc.server import GrpcServer
from gateway.rpc.servicers import (
    AccessHistoryServicer,
    EvidenceServicer,
    IdentityServicer,
    ResidenceServicer,
    SimulatorServicer,
    UsageServicer,
)
from gateway.rpc.sync import SyncServicer
from gateway.rpc.tiles import LogFiles
from gateway.rpc.tls import server_credentials
from gateway.store.access_index import AccessIndex, keeping_index
from gateway.store.callers import open_callers
from gateway.store.decisions import keeping_decisions
from gateway.store.keys import LiveKeys
from gateway.store.mark import keeping_mark
from gateway.store.sessions import SqliteSessions
from gateway.store.sqlite import SqliteRecords, open_records
from gateway.store.watched import SqliteWatchLists
from gateway.telemetry import Level
from mock_population_db.store.sqlite import SqlitePopulation

if TYPE_CHECKING:
    from mock_population_db.life.living import Tally

CONTROL_HOST = "127.0.0.1"  # the switches of the simulator are for this machine only
LOG_HOST = "127.0.0.1"  # whoever shows the log to others puts a server of theirs before it

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the gateway answers."""

    grpc: str
    control: str
    log: str


async def serve(
    config: DevConfig | ServeConfig, prepared: Prepared, ready: Callable[[Ready], None]
) -> None:
    """Answer calls until SIGTERM or SIGINT, then drain."""
    stop = _told_to_stop()  # before anybody is told READY and may send a signal
    async with running(config, prepared) as addresses:
        ready(addresses)
        await stop.wait()
        _log.info("draining", seconds=config.drain_seconds)


@contextlib.asynccontextmanager
async def running(config: DevConfig | ServeConfig, prepared: Prepared) -> AsyncIterator[Ready]:
    """Answer calls for the length of the block, then drain.

    Raises:
        PortBusy: an address cannot be listened on.
        StoreError, PopulationError, Unavailable: a store cannot be read.
    """
    keys = LiveKeys(config.data_dir, prepared.keys)
    limits = Limits()
    async with contextlib.AsyncExitStack() as stack:
        authenticate = stack.enter_context(_authentication(config))
        register = await stack.enter_async_context(SqlitePopulation.open(config.population_path))
        records = await stack.enter_async_context(open_records(config.records_path))
        accesses = AccessIndex(config.records_path, config.access_index_path)
        await stack.enter_async_context(keeping_index(accesses))
        await stack.enter_async_context(keeping_mark(records, config.log_mark_path))
        window = await stack.enter_async_context(
            open_window(Window(register, records, _authorize(keys, prepared.origin), _now))
        )
        explain_all = config.log_level == Level.DEBUG
        gate = Gate(prepared.policy, window, _seconds, explain_all=explain_all)
        await stack.enter_async_context(open_gate(gate))
        delay = timedelta(seconds=config.number_delay)
        events = await stack.enter_async_context(open_events(gate, register, records, _now, delay))
        await load_usage(gate, records)  # after the receipts that were made up for
        await stack.enter_async_context(_reloading(config, gate))
        await stack.enter_async_context(_life(config, register))
        reconciliation = Reconciliation(gate, records, SqliteSessions(records))
        await stack.enter_async_context(keeping_sessions(reconciliation))
        decisions = await stack.enter_async_context(keeping_decisions(config.decisions_path))
        explainer = Explainer(decisions.keep, _now, strict=isinstance(config, ServeConfig))
        edge = Edge(authenticate, limits, explainer, gate.remaining)
        stack.callback(_tell_of_strangers, edge)
        identity = IdentityServicer(Verification(gate), Lookup(gate), Attributes(gate))
        residence = ResidenceServicer(Residence(gate))
        services = {
            _service(identity_service_pb2, "IdentityService"): identity,
            _service(residence_service_pb2, "ResidenceService"): residence,
            _service(evidence_service_pb2, "EvidenceService"): EvidenceServicer(
                lambda: keys.ring().key_set, records
            ),
            _service(access_history_service_pb2, "AccessHistoryService"): AccessHistoryServicer(
                AccessHistory(gate, register, accesses)
            ),
            _service(
                population_event_service_pb2, "PopulationEventService"
            ): PopulationEventServicer(events),
            _service(sync_service_pb2, "SyncService"): _sync(
                gate, register, records, reconciliation
            ),
            _service(usage_service_pb2, "UsageService"): UsageServicer(records, gate.now),
        }
        switches = {
            _service(simulator_service_pb2, "SimulatorService"): SimulatorServicer(
                prepared.personas
            )
        }
        server = GrpcServer(services, edge, limits)
        offered = isinstance(config, DevConfig) or config.simulator
        control = GrpcServer(
            switches if offered else {}, Edge(_anybody("control"), limits, explainer), limits
        )
        await records.checkpoint()  # answering means: the records can be read
        credentials = server_credentials(prepared.tls) if prepared.tls else None
        port = await server.start(config.host, config.port, credentials)
        stack.push_async_callback(server.drain, config.drain_seconds)
        control_port = await control.start(CONTROL_HOST, config.wanted_control_port)
        stack.push_async_callback(control.drain, 0.5)
        log_files = HttpServer(LogFiles(records).answer, HttpLimits())
        log_port = await log_files.start(LOG_HOST, config.wanted_log_port)
        stack.push_async_callback(log_files.close)
        _settle_memory()
        yield Ready(
            f"{config.host}:{port}", f"{CONTROL_HOST}:{control_port}", f"{LOG_HOST}:{log_port}"
        )


def _settle_memory() -> None:
    """Spare the collector what lives as long as the process.

    Every call makes and drops hundreds of containers; by default each few calls' worth would
    make the collector walk all modules again. Measured: a tenth of a call's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _authorize(keys: LiveKeys, origin: str) -> Authorize:
    """Says with which keys a moment's answers are signed, whatever was rotated meanwhile."""

    def authorize(at: datetime) -> Authority:
        ring = keys.ring()
        issuer = Issuer(ISSUER, origin, (ring.statement(at),))
        return Authority(issuer, certifier(ring.checkpoint(at), origin))

    return authorize


@contextlib.asynccontextmanager
async def _reloading(config: DevConfig | ServeConfig, gate: Gate) -> AsyncIterator[None]:
    """Read the policy again on SIGHUP. One that is wrong changes nothing."""
    told = asyncio.Event()
    task = asyncio.create_task(_reload(config, gate, told), name="policy")
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, told.set)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _reload(config: DevConfig | ServeConfig, gate: Gate, told: asyncio.Event) -> None:
    while True:
        await told.wait()
        told.clear()
        try:
            # in a thread: a large policy takes longer than calls should wait
            policy = await asyncio.to_thread(read_policy, config)
        except PolicyFileError as error:
            first, count = error.problems[0], len(error.problems)
            _log.error("policy_not_reloaded", file=error.name, first=str(first), problems=count)
        else:
            gate.adopt(policy)
            _log.info("policy_reloaded", version=policy.version)


def _sync(
    gate: Gate, register: SqlitePopulation, records: SqliteRecords, reconciliation: Reconciliation
) -> SyncServicer:
    watching = Watching(SqliteWatchLists(records), register, register)
    return SyncServicer(
        Changes(gate, register, watching), WatchedCitizens(gate, watching), reconciliation
    )


def _life(
    config: DevConfig | ServeConfig, register: SqlitePopulation
) -> contextlib.AbstractAsyncContextManager[None]:
    """The days that pass beside the calls, where somebody asked for them."""
    if not isinstance(config, DevConfig) or config.life is None:
        return contextlib.nullcontext()
    # only here: choosing people needs NumPy, serving does not, and it is the half of a start
    from mock_population_db.life.running import living  # noqa: PLC0415

    return living(register, config.population_path, config.life, _now, _tell_of_day)


def _tell_of_day(day: date, tally: Tally) -> None:
    _log.debug("day_lived", day=str(day), events=tally.events, refused=tally.refused.total())
    if tally.rearranged:
        _log.info("rearranged", day=str(day), people=tally.rearranged.people)


@contextlib.contextmanager
def _authentication(config: DevConfig | ServeConfig) -> Iterator[Authenticate]:
    """How a call's caller is known."""
    if isinstance(config, DevConfig) and config.auth is Auth.NONE:
        yield _anybody(config.caller)
        return
    strict = isinstance(config, ServeConfig)
    with open_callers(config.callers_path) as callers:
        yield TokenAuthentication(
            callers, config.audience, lambda: _now().timestamp(), mutual_tls=strict
        )


def _anybody(caller: str) -> Authenticate:
    """Takes every call for this caller's, of any unit."""
    found = Caller(caller, units=None)
    return lambda _context: found


def _tell_of_strangers(edge: Edge) -> None:
    if edge.strangers:
        _log.info("unauthenticated_calls", **edge.strangers)


def _service(module: ModuleType, name: str) -> ServiceDescriptor:
    descriptor: ServiceDescriptor = module.DESCRIPTOR.services_by_name[name]
    return descriptor


def _seconds() -> float:
    return _now().timestamp()


def _now() -> datetime:
    return datetime.now(UTC)


def _told_to_stop() -> asyncio.Event:
    """Set by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop
