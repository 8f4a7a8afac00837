"""Grants over the wire: every call that is not granted is refused and recorded, and only those."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from dancu.v1 import (
    access_history_service_pb2,
    attribute_pb2,
    identity_service_pb2,
    population_event_service_pb2,
    residence_service_pb2,
    statement_pb2,
    sync_service_pb2,
)
from dancu.v1.population_event_pb2 import CardLossEvent
from gateway.core.policy import FIELDS, RPCS
from tests.rpc.gateways import audited, serving
from tests.rpc.raw import LOOKUP, RawClient, claim, failure_of, read_failure, request_context
from tests.support.events import event, paper

POLICY = """
[[grant]]
callers = ["clerk"]
procedures = ["1.001"]
rpcs = ["VerifyIdentity", "LookupCitizen"]
fields = ["name", "sex", "blood_type"]

[[grant]]
callers = ["clerk", "house"]
procedures = ["1.002"]
rpcs = ["GetHousehold", "ConfirmResidence", "VerifyAttributes"]
fields = ["permanent_residence", "marital_status"]

[[grant]]
callers = ["house"]
procedures = ["*"]
rpcs = ["BatchVerifyIdentities", "ResolveIdentifier"]

[[grant]]
callers = ["house"]
procedures = ["1.003"]
rpcs = ["VerifyIdentity"]
valid_until = 2020-01-01

[[grant]]
callers = ["house"]
procedures = ["1.004"]
rpcs = ["VerifyIdentity"]
valid_from = 2999-01-01
"""
PROCEDURES = ("1.001", "1.002", "1.003", "1.004")
CALLERS = ("clerk", "house")


def expected(caller: str, procedure: str, rpc: str) -> str:
    """What POLICY says, written down once more: a reason, or nothing."""
    here = {
        ("clerk", "1.001"): "VerifyIdentity LookupCitizen",
        ("clerk", "1.002"): "GetHousehold ConfirmResidence VerifyAttributes",
        ("house", "1.002"): "GetHousehold ConfirmResidence VerifyAttributes",
    }.get((caller, procedure), "")
    everywhere = "BatchVerifyIdentities ResolveIdentifier" if caller == "house" else ""
    if rpc in f"{here} {everywhere}".split():
        return ""
    if (caller, rpc) == ("house", "VerifyIdentity") and procedure in ("1.003", "1.004"):
        return "GRANT_EXPIRED" if procedure == "1.003" else "GRANT_NOT_YET_VALID"
    return "RPC_NOT_GRANTED" if here or everywhere else "PROCEDURE_NOT_GRANTED"


SERVICES: dict[str, Any] = {
    "IdentityService": identity_service_pb2,
    "ResidenceService": residence_service_pb2,
    "AccessHistoryService": access_history_service_pb2,
    "PopulationEventService": population_event_service_pb2,
    "SyncService": sync_service_pb2,
}


def request(rpc: str, procedure: str, fields: tuple[str, ...] = ()) -> Message:
    """A question without faults."""
    context = request_context()
    context.procedure_code = procedure
    module = SERVICES[RPCS[rpc].split("/")[0].rpartition(".")[2]]
    parts = PARTS.get(rpc, {"claim": claim()} if "Sync" not in RPCS[rpc] else {})
    parts = {"context": context} | parts | ({"read_mask": {"paths": fields}} if fields else {})
    if rpc == "ReconcileCitizens":
        parts = {"open": {"context": context, "session_id": "S-1"}}
    found: Message = getattr(module, f"{rpc}Request")(**parts)
    return found


PARTS: dict[str, dict[str, Any]] = {
    "BatchVerifyIdentities": {"claims": [claim()]},
    "VerifyAttributes": {
        "claim": claim(),
        "assertions": [attribute_pb2.Assertion(marital_status="MARITAL_STATUS_MARRIED")],
    },
    "SubmitPopulationEvent": {"event": event(card_loss=CardLossEvent(person=claim()))},
    "GetPopulationEvent": {"event_id": "BD-1"},
    "AnnulPopulationEvent": {"event_id": "BD-1", "document": paper(), "reason": "nhầm"},
}
"""What a request says besides its context, where that is not one claim."""


async def ask(raw: RawClient, rpc: str, message: Message) -> None:
    """Ask once, and end a stream with its first answer."""
    path, sent = f"/{RPCS[rpc]}", message.SerializeToString()
    if rpc == "ReconcileCitizens":
        both: grpc.aio.StreamStreamMultiCallable[bytes, bytes] = raw.channel.stream_stream(path)
        await both(iter([sent]), timeout=10).read()
    elif rpc == "WatchChanges":
        one: grpc.aio.UnaryStreamMultiCallable[bytes, bytes] = raw.channel.unary_stream(path)
        await one(sent, timeout=10).read()
    else:
        await raw.send(path, sent)


def write(path: Path, text: str) -> Path:
    """Put a policy into its file."""
    path.write_text(text)
    return path


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """POLICY, as a file."""
    return write(tmp_path / "policy.toml", POLICY)


@pytest.mark.parametrize("caller", CALLERS)
async def test_every_call_that_is_not_granted_is_refused_and_recorded(
    data_dir: Path, policy: Path, caller: str
) -> None:
    """Procedure × RPC, all of them: the reason, and a leaf for each refusal as for each answer."""
    reasons = {}
    async with serving(data_dir, caller, policy) as running, RawClient(running) as raw:
        for procedure in PROCEDURES:
            for rpc in RPCS:
                try:
                    await ask(raw, rpc, request(rpc, procedure))
                except grpc.aio.AioRpcError as error:
                    failure = read_failure(error)
                    assert failure.code is grpc.StatusCode.PERMISSION_DENIED
                    reasons[procedure, rpc] = failure.reason
                else:
                    reasons[procedure, rpc] = ""
    assert reasons == {
        (procedure, rpc): expected(caller, procedure, rpc)
        for procedure in PROCEDURES
        for rpc in RPCS
    }
    assert audited(data_dir).leaves == len(reasons)


def masks() -> Iterator[tuple[str, ...]]:
    """Every field alone, and every field that is not granted beside one that is."""
    yield from ((field,) for field in FIELDS)
    yield from (("name", field) for field in FIELDS if field not in ("name", "sex", "blood_type"))


async def test_every_field_that_is_not_granted_is_refused_by_name(
    data_dir: Path, policy: Path
) -> None:
    """Alone and in company; the surplus is named, and each refusal has its leaf."""
    granted = {"name", "sex", "blood_type"}
    asked = list(masks())
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        for mask in asked:
            sent = raw.send(LOOKUP, request("LookupCitizen", "1.001", mask).SerializeToString())
            surplus = [field for field in mask if field not in granted]
            if surplus:
                failure = await failure_of(sent)
                assert failure.reason == "FIELD_NOT_GRANTED", mask
                assert f"caller: {', '.join(surplus)};" in failure.texts["en"]
            else:
                await sent
    assert audited(data_dir).leaves == len(asked)


async def test_the_statement_names_the_policy_that_decided(
    data_dir: Path, policy: Path, tmp_path: Path
) -> None:
    """Also after another one was adopted."""
    versions = []
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        for _ in range(2):
            versions.append(await version_of(raw))
            write(policy, POLICY + "# another\n")
            await hang_up()
    assert versions[0].startswith("sha256:")
    assert versions[0] != versions[1]


async def test_a_broken_policy_leaves_the_old_one_in_force(
    data_dir: Path, policy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line in the log says which file and what is wrong with it first."""
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:
        before = await version_of(raw)
        write(policy, POLICY + "[[grant]]\ncallers = 3\n")
        await hang_up()
        assert await version_of(raw) == before
    (line,) = [one for one in capsys.readouterr().out.splitlines() if "policy_not_reloaded" in one]
    assert "policy.toml" in line


async def test_a_reload_under_load_drops_nothing(data_dir: Path, policy: Path) -> None:
    """Every call is answered, or refused by the policy that was in force when it came."""
    narrow = POLICY.replace('"VerifyIdentity", "LookupCitizen"', '"LookupCitizen"')
    ask = request("VerifyIdentity", "1.001").SerializeToString()
    async with serving(data_dir, "clerk", policy) as running, RawClient(running) as raw:

        async def one() -> str:
            try:
                await raw.send(f"/{RPCS['VerifyIdentity']}", ask)
            except grpc.aio.AioRpcError as error:
                return read_failure(error).reason
            return "answered"

        outcomes = []
        for number in range(12):
            calls = [asyncio.create_task(one()) for _ in range(40)]
            write(policy, narrow if number % 2 == 0 else POLICY)
            await hang_up()
            outcomes += await asyncio.gather(*calls)
    assert set(outcomes) == {"answered", "RPC_NOT_GRANTED"}
    assert audited(data_dir).leaves == len(outcomes)


async def test_a_caller_that_the_policy_does_not_know_cannot_be_chosen(
    data_dir: Path, policy: Path
) -> None:
    """`--as` is checked against the policy, before anything starts."""
    with pytest.raises(Exception, match="choose from clerk, house"):
        async with serving(data_dir, "plain", policy):
            pass


async def version_of(raw: RawClient) -> str:
    """The policy that a statement names."""
    answer = identity_service_pb2.VerifyIdentityResponse.FromString(
        await raw.send(
            f"/{RPCS['VerifyIdentity']}", request("VerifyIdentity", "1.001").SerializeToString()
        )
    )
    stated = raw.checked(answer.signed)
    assert isinstance(stated, statement_pb2.IdentityVerification)
    return stated.header.policy_version


async def hang_up() -> None:
    """Tell the gateway, which is this process, to read its policy again."""
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.sleep(0.1)
