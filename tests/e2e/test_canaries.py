"""Every RPC is driven with marked values; none of them, and no key, is in anything written.

What is searched: the log, standard output, errors as they travel, the file of decisions, and, for
whatever tells of people, the records themselves.
"""

from __future__ import annotations

import base64
import importlib
import pkgutil
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from cryptography.hazmat.primitives import serialization
from google.protobuf.message import Message

import dancu.control.v1
import dancu.v1
from clients.sdk.credentials import TokenSource, token_source
from clients.sdk.request_signature import METADATA_KEY, sign_request
from dancu.control.v1 import profile_pb2, simulator_service_pb2
from dancu.v1 import access_history_service_pb2 as history
from dancu.v1 import attribute_pb2, change_pb2, citizen_pb2, context_pb2
from dancu.v1 import evidence_service_pb2 as evidence
from dancu.v1 import identity_service_pb2 as identity
from dancu.v1 import population_event_service_pb2 as events
from dancu.v1 import residence_service_pb2 as residence
from dancu.v1 import sync_service_pb2 as sync
from dancu.v1 import usage_service_pb2 as usage
from dancu.v1.population_event_pb2 import CardLossEvent, PopulationEvent
from dancu.v1.reconciliation_pb2 import CitizenRecord
from tests.e2e.server import dev
from tests.rpc.raw import claim
from tests.support.events import event, paper

RECONCILE = "dancu.v1.SyncService/ReconcileCitizens"
WRONG_NUMBER, WRONG_NAME = "98765432109", "Bí Mật Kép"
PEOPLE = (
    "079088000001", "79088000001", "088000001", WRONG_NUMBER, "Minh Khôi", "Minh Khoi",
    "MINH KHOI", WRONG_NAME, "1988-03-14", "19880314", "14/03/1988", "14-03-1988",
)  # fmt: skip
EVENT_ID = "BD-0000000001"  # what the first report is called
CONTEXT = context_pb2.RequestContext(
    request_id="REQ-1",
    procedure_code="P-1",
    unit_code="000.00.00.G01",
    officer_id="OFFICER-CANARY",
    dossier_id="DOSSIER-CANARY",
)
POLICY = """
[[grant]]
callers = ["full"]
procedures = ["*"]
rpcs = ["VerifyIdentity", "BatchVerifyIdentities", "LookupCitizen", "ResolveIdentifier",
        "VerifyAttributes", "ConfirmResidence", "GetHousehold", "ListAccesses",
        "SubmitPopulationEvent", "GetPopulationEvent", "AnnulPopulationEvent",
        "ReconcileCitizens", "WatchChanges", "ListChanges", "UpdateWatchedCitizens",
        "ListWatchedCitizens"]
fields = ["ordinary"]
reports_as = ["police"]
explain = true
members = true

[[grant]]
callers = ["plain"]
procedures = ["ANOTHER"]
rpcs = ["ResolveIdentifier"]
"""


def _assertion(name: str) -> attribute_pb2.Assertion:
    return attribute_pb2.Assertion(father=attribute_pb2.PersonAssertion(full_name=name))


def _card_loss(one: citizen_pb2.CitizenClaim) -> PopulationEvent:
    return event(card_loss=CardLossEvent(person=one))


def _filter(one: citizen_pb2.CitizenClaim) -> change_pb2.ChangeFilter:
    """Of the caller's list; with a marked value where a code belongs unless the claim is good."""
    wrong = _or_marked("", one)
    return change_pb2.ChangeFilter(watched_only=True, commune_codes=[wrong] if wrong else [])


def _or_marked(good: str, one: citizen_pb2.CitizenClaim) -> str:
    """A value as it should be; of a marked claim a marked one, where it does not belong."""
    return good if one == claim() else one.full_name


def _claimed(kind: type[Message]) -> Callable[[citizen_pb2.CitizenClaim], Message]:
    return lambda one: kind(context=CONTEXT, claim=one)


CASES: dict[str, Callable[[citizen_pb2.CitizenClaim], Message]] = {
    "dancu.v1.IdentityService/VerifyIdentity": _claimed(identity.VerifyIdentityRequest),
    "dancu.v1.IdentityService/LookupCitizen": _claimed(identity.LookupCitizenRequest),
    "dancu.v1.IdentityService/ResolveIdentifier": _claimed(identity.ResolveIdentifierRequest),
    "dancu.v1.IdentityService/BatchVerifyIdentities": lambda one: (
        identity.BatchVerifyIdentitiesRequest(context=CONTEXT, claims=[one, one])
    ),
    "dancu.v1.IdentityService/VerifyAttributes": lambda one: identity.VerifyAttributesRequest(
        context=CONTEXT, claim=one, assertions=[_assertion(one.full_name)]
    ),
    "dancu.v1.ResidenceService/ConfirmResidence": _claimed(residence.ConfirmResidenceRequest),
    "dancu.v1.ResidenceService/GetHousehold": _claimed(residence.GetHouseholdRequest),
    "dancu.v1.AccessHistoryService/ListAccesses": _claimed(history.ListAccessesRequest),
    RECONCILE: lambda one: sync.ReconcileCitizensRequest(
        chunk=sync.RecordChunk(records=[CitizenRecord(row_key=one.full_name[:64], claim=one)] * 2)
    ),
    "dancu.v1.SyncService/WatchChanges": lambda one: sync.WatchChangesRequest(
        context=CONTEXT, filter=_filter(one)
    ),
    "dancu.v1.SyncService/ListChanges": lambda one: sync.ListChangesRequest(
        context=CONTEXT, filter=_filter(one)
    ),
    "dancu.v1.SyncService/UpdateWatchedCitizens": lambda one: sync.UpdateWatchedCitizensRequest(
        context=CONTEXT, add=[one], remove=[one.personal_id]
    ),
    "dancu.v1.SyncService/ListWatchedCitizens": lambda _one: sync.ListWatchedCitizensRequest(
        context=CONTEXT
    ),
    "dancu.v1.PopulationEventService/SubmitPopulationEvent": lambda one: (
        events.SubmitPopulationEventRequest(context=CONTEXT, event=_card_loss(one))
    ),
    "dancu.v1.PopulationEventService/GetPopulationEvent": lambda _one: (
        events.GetPopulationEventRequest(context=CONTEXT, event_id=EVENT_ID)
    ),
    "dancu.v1.PopulationEventService/AnnulPopulationEvent": lambda one: (
        events.AnnulPopulationEventRequest(
            context=CONTEXT, event_id=EVENT_ID, document=paper(), reason=one.full_name
        )
    ),
    "dancu.v1.EvidenceService/GetKeySet": lambda _one: evidence.GetKeySetRequest(),
    "dancu.v1.EvidenceService/GetCheckpoint": lambda _one: evidence.GetCheckpointRequest(),
    "dancu.v1.EvidenceService/GetInclusionProof": lambda _one: evidence.GetInclusionProofRequest(
        leaf_index=0
    ),
    "dancu.v1.UsageService/GetUsage": lambda _one: usage.GetUsageRequest(),
    "dancu.control.v1.SimulatorService/ListPersonas": lambda _one: (
        simulator_service_pb2.ListPersonasRequest()
    ),
    # of a caller that there is not, so that the calls after it are answered as ever
    "dancu.control.v1.SimulatorService/SetProfile": lambda one: (
        simulator_service_pb2.SetProfileRequest(
            profile=profile_pb2.Profile(name="marked", caller="nobody", rpc=_or_marked("*", one))
        )
    ),
    "dancu.control.v1.SimulatorService/ListProfiles": lambda _one: (
        simulator_service_pb2.ListProfilesRequest()
    ),
    "dancu.control.v1.SimulatorService/ClearProfile": lambda one: (
        simulator_service_pb2.ClearProfileRequest(name=_or_marked("marked", one))
    ),
    "dancu.control.v1.SimulatorService/Reset": lambda _one: simulator_service_pb2.ResetRequest(),
}


def methods() -> set[str]:
    """Every RPC of the contract, by its full name."""
    return {
        f"{service.full_name}/{method.name}"
        for package in (dancu.v1, dancu.control.v1)
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")
        if module.name.endswith("_pb2")
        for service in importlib.import_module(module.name).DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }


def test_every_rpc_is_driven() -> None:
    """An RPC of the contract without a case here is noticed."""
    assert set(CASES) == methods()


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_nothing_written_tells_what_was_asked(
    data_dir: Path, tmp_path: Path, log_format: str
) -> None:
    """Good, refused, forged and malformed calls leave no marked value anywhere."""
    policy = tmp_path / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    arguments = ("--auth", "token", "--policy", str(policy), "--log-format", log_format)
    with dev(data_dir, *arguments, "--log-level", "debug") as server:
        sources = {
            caller: token_source(data_dir / "callers" / f"{caller}.toml")
            for caller in ("full", "plain")
        }
        tokens = {caller: source.token() for caller, source in sources.items()}
        by = {source.token(): source for source in sources.values()}
        told: list[str] = []
        for method, case in CASES.items():
            control = method.startswith("dancu.control.")
            address = server.running.control if control else server.running.grpc
            told += await _drive(address, method, case, tokens, by)
        assert server.terminate() == 0
        assert server.process.stdout is not None
        said = server.process.stdout.read()
    log = server.log.read_text("utf-8")
    assert log.count("call_ended") > len(CASES)
    canaries = [*PEOPLE, "OFFICER-CANARY", "DOSSIER-CANARY", *tokens.values(), *_secrets(data_dir)]
    kept = list(_readable(data_dir))
    assert any("PROCEDURE_NOT_GRANTED" in text for text in kept)  # the decisions are among them
    written = [log, said, *told, *kept]
    assert [(one, text) for one in canaries for text in written if one in text] == []
    stored = _stored(data_dir)
    assert [one for one in PEOPLE if one.encode() in stored] == []


async def _drive(
    address: str,
    method: str,
    case: Callable[[citizen_pb2.CitizenClaim], Message],
    tokens: dict[str, str],
    by: dict[str, TokenSource],
) -> list[str]:
    """All kinds of calls of one method; returns what the errors said, as it travelled."""
    good = case(claim()).SerializeToString()
    unmatched = case(claim(full_name=WRONG_NAME)).SerializeToString()
    bad = case(claim(WRONG_NUMBER, WRONG_NAME + "\0")).SerializeToString()
    forged = tokens["full"][:-8] + "AAAAAAAA"
    calls = [
        (good, tokens["full"]),
        (unmatched, tokens["full"]),
        (good, tokens["plain"]),
        (good, forged),
        (bad, tokens["full"]),
        (good[:-3] or b"\x0a", tokens["full"]),
        (good + b"\xfa\x3f\x0c079088000001", tokens["full"]),
        (good + b"\xff" + WRONG_NAME.encode(), tokens["full"]),
    ]
    told, answered = [], 0
    async with grpc.aio.insecure_channel(address) as channel:
        # of a stream the first message is enough
        ask: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = channel.unary_stream(f"/{method}")
        for number, (request, token) in enumerate(calls):
            metadata = [("authorization", f"Bearer {token}")]
            if token in by:
                metadata.append((METADATA_KEY, sign_request(by[token], request)))
            call: grpc.aio.StreamStreamCall[bytes, bytes] | grpc.aio.UnaryStreamCall[bytes, bytes]
            try:
                if method == RECONCILE:
                    session = _session(f"s{number}"), request
                    talk: grpc.aio.StreamStreamMultiCallable[bytes, bytes]
                    talk = channel.stream_stream(f"/{method}")
                    call = talk(iter(session), timeout=10, metadata=metadata)
                    await call.read()  # where the session stands
                else:
                    call = ask(request, timeout=10, metadata=metadata)
                answered += await call.read() is not grpc.aio.EOF
                call.cancel()
            except grpc.aio.AioRpcError as error:
                told.append(_as_text(error))
    assert answered >= 1, told
    assert len(told) >= 2
    return told


def _session(name: str) -> bytes:
    """The message that opens a session; each chunk of a case is the first of its own."""
    opening = sync.OpenReconciliation(context=CONTEXT, session_id=name)
    return sync.ReconcileCitizensRequest(open=opening).SerializeToString()


def _as_text(error: grpc.aio.AioRpcError) -> str:
    """Message and all metadata of a status."""
    metadata = [*(error.initial_metadata() or ()), *(error.trailing_metadata() or ())]
    values = [one if isinstance(one, bytes) else one.encode() for _, one in metadata]
    told = (error.details() or "").encode() + b"\n" + b"\n".join(values)
    return told.decode("utf-8", errors="replace")


def _secrets(data_dir: Path) -> Iterator[str]:
    """Each private key of the directory: its PEM's lines, and the bare key in hex and base64."""
    for path in data_dir.rglob("*.pem"):
        pem = path.read_bytes()
        if b"PRIVATE KEY" not in pem:
            continue
        yield from (line for line in pem.decode().splitlines() if not line.startswith("-----"))
        key = serialization.load_pem_private_key(pem, None)
        der = key.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        bare = der[-32:]  # of Ed25519, which all keys of ``dancu dev`` are
        yield from (bare.hex(), base64.b64encode(bare).decode()[:-1])


def _readable(data_dir: Path) -> Iterator[str]:
    """What a log shipper would find beside the log, as it stands and with its escapes undone."""
    for path in data_dir.iterdir():
        if path.suffix in {".json", ".jsonl", ".log", ".txt"}:
            text = path.read_text("utf-8")
            yield text
            yield re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text)


def _stored(data_dir: Path) -> bytes:
    """Every database but the register, which is there to hold people.

    Without the answers to events that are kept to be given again: they are what was asked for.
    """
    with closing(sqlite3.connect(data_dir / "gateway.db", isolation_level=None)) as db:
        events_only = "DELETE FROM kept WHERE rpc LIKE 'dancu.v1.PopulationEventService/%'"
        assert db.execute(events_only).rowcount > 0
        assert db.execute("SELECT count(*) FROM kept").fetchone() > (0,)  # of chunks: sealed
        db.execute("VACUUM")
    files = (path for path in data_dir.glob("*.db*") if not path.name.startswith("population.db"))
    return b"".join(path.read_bytes() for path in files)
