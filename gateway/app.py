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
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from gateway.config import Auth, DevConfig, Place, ServeConfig
from gateway.core.caller import Caller
from gateway.core.statement import Issuer
from gateway.datadir import ISSUER, Prepared, certifier
from gateway.engines.choice import engine_of
from gateway.flows.admission import Gate, open_gate
from gateway.flows.event_keeping import open_events
from gateway.flows.ports import Authority, Authorize
from gateway.flows.reconciliation import Reconciliation, keeping_sessions
from gateway.flows.usage import load_usage
from gateway.flows.window import Window, open_window
from gateway.observe.expiries import expiries
from gateway.observe.observation import open_observation
from gateway.observe.page import MetricsPage
from gateway.observe.sources import Sources
from gateway.reserving import reserve
from gateway.resetting import Resetting
from gateway.rpc.edge import Authenticate, Edge, Limits
from gateway.rpc.explained import Explainer
from gateway.rpc.http import HttpLimits, HttpServer
from gateway.rpc.peer_certificate import PeerCertificates, read_certificates
from gateway.rpc.server import ACCEPTORS, GrpcServer
from gateway.rpc.sharing import Everywhere, Nobody, Others
from gateway.rpc.simulating import Simulating
from gateway.rpc.tiles import LogFiles
from gateway.rpc.tls import ServerTls
from gateway.services import Services, control_services, public_services
from gateway.store.callers import open_callers
from gateway.store.decisions import keeping_decisions
from gateway.store.keys import LiveKeys
from gateway.store.mark import keeping_mark
from gateway.telemetry import Level
from gateway.upkeep import life, reloading

CONTROL_SECONDS = 3600.0  # bringing a large register back takes its time
CONTROL_HOST = "127.0.0.1"  # the switches of the simulator are for this machine only
LOG_HOST = "127.0.0.1"  # whoever shows the log to others puts a server of theirs before it
METRICS_HOST = "127.0.0.1"  # likewise
ALONE = Place()
NOBODY = Nobody()

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ready:
    """Where the gateway answers."""

    grpc: str
    control: str
    log: str
    metrics: str

    def __str__(self) -> str:
        return f"grpc={self.grpc} control={self.control} log={self.log} metrics={self.metrics}"


async def serve(
    config: DevConfig | ServeConfig,
    prepared: Prepared,
    ready: Callable[[Ready], None],
    place: Place = ALONE,
    others: Others = NOBODY,
) -> None:
    """Answer calls until SIGTERM or SIGINT, then drain."""
    stop = _told_to_stop()  # before anybody is told READY and may send a signal
    async with running(config, prepared, place, others) as addresses:
        ready(addresses)
        await stop.wait()
        _log.info("draining", seconds=config.drain_seconds)


@contextlib.asynccontextmanager
async def running(
    config: DevConfig | ServeConfig,
    prepared: Prepared,
    place: Place = ALONE,
    others: Others = NOBODY,
) -> AsyncIterator[Ready]:
    """Answer calls for the length of the block, then drain.

    Of several processes only the first does what goes on beside the calls.

    Raises:
        PortTaken: an address cannot be listened on.
        StoreError, PopulationError, Unavailable: a store cannot be read.
    """
    keys = LiveKeys(config.data_dir, prepared.keys)
    limits = Limits()
    if config.profiles is not None:  # calls that are held back must not keep others out
        limits = replace(limits, calls_per_connection=limits.concurrent_calls)
    async with contextlib.AsyncExitStack() as stack:
        observed = await stack.enter_async_context(open_observation())
        authenticate = stack.enter_context(_authentication(config))
        stores = await stack.enter_async_context(
            engine_of(config).open(place, config.keep_revisions)
        )
        await stack.enter_async_context(keeping_mark(stores.records, config.log_mark_path))
        authorize = _authorize(keys, prepared.origin)
        window = Window(stores.register, stores.records, authorize, _now, observed.windows)
        await stack.enter_async_context(open_window(window))
        gate = Gate(prepared.policy, window, _seconds, explain_all=config.log_level == Level.DEBUG)
        await stack.enter_async_context(open_gate(gate))
        delay = timedelta(seconds=config.number_delay)
        events = await stack.enter_async_context(
            open_events(gate, stores.register, stores.records, _now, delay, keep=place.first)
        )
        await load_usage(gate, stores.records)  # after the receipts that were made up for
        await stack.enter_async_context(reloading(config, gate))
        reconciliation = Reconciliation(gate, stores.records, stores.sessions)
        if place.first:
            await stack.enter_async_context(keeping_sessions(reconciliation))
        decisions = await stack.enter_async_context(keeping_decisions(config.decisions_path))
        explainer = Explainer(decisions.keep, _now, strict=isinstance(config, ServeConfig))
        calls, watch = observed.calls, observed.tracing
        simulating = _simulating(config, prepared, keys, place)
        edge = Edge(authenticate, limits, explainer, gate.remaining, calls, watch, simulating)
        stack.callback(_tell_of_strangers, edge)
        everywhere = Everywhere(simulating, others) if simulating else None
        services = public_services(
            gate, stores, events, reconciliation, lambda: keys.ring().key_set
        )
        await stores.records.checkpoint()  # answering means: the records can be read
        server = GrpcServer(services, edge, limits, acceptors=ACCEPTORS, shared=True)
        control: GrpcServer | None = None
        if place.first:
            patient = replace(limits, seconds=CONTROL_SECONDS)
            inside = Edge(_anybody("control"), patient, explainer, figures=calls, watch=watch)
            switches: Services = {}
            if everywhere is not None:
                await everywhere.begin()
                reset = Resetting(config, stores.register)
                switches = control_services(prepared.personas, everywhere, reset)
            control = GrpcServer(switches, inside, limits, shared=place.shared)
        sources = Sources(
            calls,
            observed.windows,
            window,
            events,
            stores.register,
            stores.records,
            lambda: expiries(keys, prepared.tls),
        )
        # made before anybody calls, because it imports NumPy where days are to pass
        days = life(config, stores.register, _now) if place.first else contextlib.nullcontext()
        addresses = await _listening(stack, config, prepared, place, server, control, sources)
        # only now: a start that fails for a port must not move the register's day
        await stack.enter_async_context(days)
        yield addresses


async def _listening(
    stack: contextlib.AsyncExitStack,
    config: DevConfig | ServeConfig,
    prepared: Prepared,
    place: Place,
    server: GrpcServer,
    control: GrpcServer | None,
    sources: Sources,
) -> Ready:
    """Take calls from now on, until the stack unwinds. The first process shows the log, too."""
    tls = ServerTls(prepared.tls) if prepared.tls else None
    port = config.port
    if not place.shared:  # else it is reserved by the process that started this one
        kept = reserve(config.host, config.port)
        stack.callback(kept.release)
        port = kept.port
    await server.start(config.host, port, tls)
    stack.push_async_callback(server.drain, config.lame_seconds, config.drain_seconds)
    control_port, log_port = config.wanted_control_port, config.wanted_log_port
    if control is not None:
        control_port = await control.start(CONTROL_HOST, control_port)
        stack.push_async_callback(control.drain, 0.0, 0.5)
        log_files = HttpServer(LogFiles(sources.records).answer, HttpLimits())
        log_port = await log_files.start(LOG_HOST, log_port, shared=place.shared)
        stack.push_async_callback(log_files.close)
    metrics = HttpServer(MetricsPage(sources).answer, HttpLimits())
    metrics_port = await metrics.start(
        METRICS_HOST, config.wanted_metrics_port, shared=place.shared
    )
    stack.push_async_callback(metrics.close)
    _settle_memory()
    return Ready(
        f"{config.host}:{port}",
        f"{CONTROL_HOST}:{control_port}",
        f"{LOG_HOST}:{log_port}",
        f"{METRICS_HOST}:{metrics_port}",
    )


def _simulating(
    config: DevConfig | ServeConfig, prepared: Prepared, keys: LiveKeys, place: Place
) -> Simulating | None:
    """The simulator's profiles, where its switches are offered."""
    if isinstance(config, ServeConfig) and not config.simulator:
        return None
    simulating = Simulating(
        _seconds, lambda: keys.ring().retired(_now()) is not None, place.number, place.count
    )
    for profile in prepared.profiles:
        simulating.set(profile)
    return simulating


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
        issuer = Issuer(ISSUER, origin, (ring.statement(at),), ring.retired(at))
        return Authority(issuer, certifier(ring.checkpoint(at), origin))

    return authorize


@contextlib.contextmanager
def _authentication(config: DevConfig | ServeConfig) -> Iterator[Authenticate]:
    """How a call's caller is known."""
    if isinstance(config, DevConfig) and config.auth is Auth.NONE:
        yield _anybody(config.caller)
        return
    # only here: it needs JOSE, which is slow to import
    from gateway.rpc.authentication import TokenAuthentication  # noqa: PLC0415

    with open_callers(config.callers_path) as callers:
        yield TokenAuthentication(callers, config.audience, _seconds, _certificates(config))


def _certificates(config: DevConfig | ServeConfig) -> PeerCertificates | None:
    """What tokens must be bound to; without TLS to nothing."""
    if isinstance(config, DevConfig):
        return None
    return PeerCertificates(read_certificates(config.tls_balancers) if config.tls_balancers else ())


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
