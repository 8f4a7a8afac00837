"""The services of the contract over one gate, and the switches of the simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType

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
from gateway.engines.engine import Stores
from gateway.flows.admission import Gate
from gateway.flows.attributes import Attributes
from gateway.flows.changes import Changes
from gateway.flows.events import PopulationEvents
from gateway.flows.history import AccessHistory
from gateway.flows.lookup import Lookup
from gateway.flows.reconciliation import Reconciliation
from gateway.flows.residence import Residence
from gateway.flows.verification import Verification
from gateway.flows.watched import WatchedCitizens
from gateway.flows.watching import Watching
from gateway.rpc.population_events import PopulationEventServicer
from gateway.rpc.servicers import (
    AccessHistoryServicer,
    EvidenceServicer,
    IdentityServicer,
    ResidenceServicer,
    UsageServicer,
)
from gateway.rpc.sharing import Everywhere
from gateway.rpc.simulator import Reset, SimulatorServicer
from gateway.rpc.sync import SyncServicer

Services = Mapping[ServiceDescriptor, object]


def public_services(
    gate: Gate,
    stores: Stores,
    events: PopulationEvents,
    reconciliation: Reconciliation,
    key_set: Callable[[], bytes],
) -> Services:
    """What callers are offered; ``key_set`` gives the signed key set as it is now."""
    register, records = stores.register, stores.records
    watching = Watching(stores.watch_lists, register, register)
    changes = Changes(gate, register, watching)
    return {
        _service(identity_service_pb2): IdentityServicer(
            Verification(gate), Lookup(gate), Attributes(gate)
        ),
        _service(residence_service_pb2): ResidenceServicer(Residence(gate)),
        _service(evidence_service_pb2): EvidenceServicer(key_set, records),
        _service(access_history_service_pb2): AccessHistoryServicer(
            AccessHistory(gate, register, stores.accesses)
        ),
        _service(population_event_service_pb2): PopulationEventServicer(events),
        _service(sync_service_pb2): SyncServicer(
            changes, WatchedCitizens(gate, watching), reconciliation
        ),
        _service(usage_service_pb2): UsageServicer(records, gate.now),
    }


def control_services(
    personas: Sequence[dict[str, str]], everywhere: Everywhere, reset: Reset
) -> Services:
    """What only this machine is offered."""
    servicer = SimulatorServicer(personas, everywhere, reset)
    return {_service(simulator_service_pb2): servicer}


def _service(module: ModuleType) -> ServiceDescriptor:
    """The one service of a file of the contract."""
    (descriptor,) = module.DESCRIPTOR.services_by_name.values()
    assert isinstance(descriptor, ServiceDescriptor)  # noqa: S101 - for the reader and mypy
    return descriptor
