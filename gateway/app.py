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
from datetime import UTC, datetime, timedelta

import structlog

from gateway.config import Auth, DevConfig, ServeConfig
from gateway.core.caller import Caller
from gateway.core.statement import Issuer
from gateway.datadir import ISSUER, Prepared, certifier
from gateway.flows.admission import Gate, open_gate
from gateway.flows.event_keeping import open_events
from gateway.flows.ports import Authority, Authorize
from gateway.flows.reconciliation import Reconciliation, keeping_sessions
from gateway.flows.usage import load_usage
from gateway.flows.window import Window, open_window
from gateway.rpc.authentication import TokenAuthentication
from gateway.rpc.edge import Authenticate, Edge, Limits
from gateway.rpc.explained import Explainer
from gateway.rpc.http import HttpLimits, HttpServer
from gateway.rpc.server import GrpcServer
from gateway.rpc.tiles import LogFiles
from gateway.rpc.tls import server_credentials
from gateway.services import Services, control_services, public_services
from gateway.store.callers import open_callers
from gateway.store.decisions import keeping_decisions
from gateway.store.keys import LiveKeys
from gateway.store.mark import keeping_mark
from gateway.stores import RecordStore, open_stores
from gateway.telemetry import Level
from gateway.upkeep import life, reloading

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
        stores = await stack.enter_async_context(open_stores(config))
        await stack.enter_async_context(keeping_mark(stores.records, config.log_mark_path))
        window = Window(stores.register, stores.records, _authorize(keys, prepared.origin), _now)
        await stack.enter_async_context(open_window(window))
        gate = Gate(prepared.policy, window, _seconds, explain_all=config.log_level == Level.DEBUG)
        await stack.enter_async_context(open_gate(gate))
        delay = timedelta(seconds=config.number_delay)
        events = await stack.enter_async_context(
            open_events(gate, stores.register, stores.records, _now, delay)
        )
        await load_usage(gate, stores.records)  # after the receipts that were made up for
        await stack.enter_async_context(reloading(config, gate))
        await stack.enter_async_context(life(config, stores.register, _now))
        reconciliation = Reconciliation(gate, stores.records, stores.sessions)
        await stack.enter_async_context(keeping_sessions(reconciliation))
        decisions = await stack.enter_async_context(keeping_decisions(config.decisions_path))
        explainer = Explainer(decisions.keep, _now, strict=isinstance(config, ServeConfig))
        edge = Edge(authenticate, limits, explainer, gate.remaining)
        stack.callback(_tell_of_strangers, edge)
        services = public_services(
            gate, stores, events, reconciliation, lambda: keys.ring().key_set
        )
        await stores.records.checkpoint()  # answering means: the records can be read
        server = GrpcServer(services, edge, limits)
        control = GrpcServer(
            _switches(config, prepared), Edge(_anybody("control"), limits, explainer), limits
        )
        yield await _listening(stack, config, prepared, server, control, stores.records)


async def _listening(
    stack: contextlib.AsyncExitStack,
    config: DevConfig | ServeConfig,
    prepared: Prepared,
    server: GrpcServer,
    control: GrpcServer,
    records: RecordStore,
) -> Ready:
    """Take calls from now on, until the stack unwinds."""
    credentials = server_credentials(prepared.tls) if prepared.tls else None
    port = await server.start(config.host, config.port, credentials)
    stack.push_async_callback(server.drain, config.drain_seconds)
    control_port = await control.start(CONTROL_HOST, config.wanted_control_port)
    stack.push_async_callback(control.drain, 0.5)
    log_files = HttpServer(LogFiles(records).answer, HttpLimits())
    log_port = await log_files.start(LOG_HOST, config.wanted_log_port)
    stack.push_async_callback(log_files.close)
    _settle_memory()
    return Ready(
        f"{config.host}:{port}", f"{CONTROL_HOST}:{control_port}", f"{LOG_HOST}:{log_port}"
    )


def _switches(config: DevConfig | ServeConfig, prepared: Prepared) -> Services:
    """The simulator's, where they are offered."""
    offered = isinstance(config, DevConfig) or config.simulator
    return control_services(prepared.personas) if offered else {}


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
