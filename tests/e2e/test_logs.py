"""Nothing of what is asked reaches a log line, whatever happens to the call."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sqlite3
from pathlib import Path

import grpc
import pytest

from dancu.v1 import attribute_pb2, citizen_pb2, context_pb2, identity_service_pb2
from tests.e2e.server import dev
from tests.rpc.gateways import Running
from tests.rpc.raw import (
    ATTRIBUTES,
    BATCH,
    HOUSEHOLD,
    LOOKUP,
    RESIDENCE,
    RESOLVE,
    VERIFY,
    RawClient,
    claim,
    failure_of,
)

_TRACE = re.compile(r"\b[0-9a-f]{32}\b")
NUMBER, OLD = "079088000001", "000000001"
SECRETS = (
    NUMBER, OLD, "98765432109", "Khôi", "Khoi", "KHOI", "Bí Mật", "1988", "1931",
    "OFFICER-77", "UNIT-SECRET", "DOSSIER-SECRET", "line two",
)  # fmt: skip
CONTEXT = context_pb2.RequestContext(
    request_id="REQ-9",
    procedure_code="P-1",
    unit_code="UNIT-SECRET",
    officer_id="OFFICER-77",
    dossier_id="DOSSIER-SECRET",
)


@pytest.mark.parametrize("log_format", ["console", "json"])
async def test_no_log_line_tells_who_was_asked_about(data_dir: Path, log_format: str) -> None:
    """Answers, refusals, malformed input and failing stores leave no person in the log."""
    arguments = ("--log-format", log_format, "--log-level", "debug")
    with dev(data_dir, *arguments) as server:
        await _provoke(server.running)
        assert server.terminate() == 0
    log = _TRACE.sub("TRACE", server.log.read_text("utf-8"))  # any four digits may stand in one
    events = [line for line in log.splitlines() if "call_ended" in line]
    assert len(events) >= 6
    assert "record_store_failed" in log
    assert [secret for secret in SECRETS if secret in log] == []
    journal = _TRACE.sub("TRACE", (data_dir / "decisions.jsonl").read_text("utf-8"))
    assert journal.count("\n") >= len(events)
    persons = [secret for secret in SECRETS if not secret.startswith("UNIT")]
    assert [secret for secret in persons if secret in journal] == []
    assert "\\u001b" not in journal
    assert "\x1b" not in log
    assert "\u202e" not in log
    if log_format == "json":
        for event in events:
            assert json.loads(event)["rpc"].startswith("dancu.v1.")


async def _provoke(running: Running) -> None:
    """Everything that might make a gateway write a line."""
    ordinary = claim(old_id_number=OLD)
    evil = claim(full_name="Bí Mật\nline two\x1b[31m\u202e", birth=(1931, 2, 3))
    async with RawClient(running) as raw:
        for claimed in (ordinary, evil):
            for method in (VERIFY, LOOKUP, RESOLVE, RESIDENCE, HOUSEHOLD):
                await raw.send(method, _request(claimed))
            await raw.send(ATTRIBUTES, _attributes(claimed, "Bí Mật"))
        malformed = [
            _request(claim("98765432109", "Bí Mật")),
            _request(claim(full_name="Bí Mật\0")),
            _request(claim(birth=(1988, 2, 31))),
            _request(ordinary) + b"\x7a\x0a" + b"OFFICER-77",
            _request(ordinary)[:-3],
        ]
        for request in malformed:
            for method in (VERIFY, LOOKUP, HOUSEHOLD):
                await failure_of(raw.send(method, request))
        await failure_of(raw.send(ATTRIBUTES, _attributes(ordinary, "Bí Mật\0")))
        surplus = identity_service_pb2.LookupCitizenRequest(
            context=CONTEXT, claim=ordinary, read_mask={"paths": ["religion_code", "Bí Mật"]}
        )
        await failure_of(raw.send(LOOKUP, surplus.SerializeToString()))
        batch = identity_service_pb2.BatchVerifyIdentitiesRequest(
            context=CONTEXT, claims=[ordinary, claim("98765432109")]
        )
        await failure_of(raw.send(BATCH, batch.SerializeToString()))
        await _while_records_fail(running, raw)


async def _while_records_fail(running: Running, raw: RawClient) -> None:
    path = running.data_dir / "gateway.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("ALTER TABLE usage RENAME TO away")
        failure = await failure_of(raw.send(VERIFY, _request(claim())))
        other.execute("ALTER TABLE away RENAME TO usage")
    assert failure.code is grpc.StatusCode.UNAVAILABLE
    call = raw.send(VERIFY, _request(claim()))
    call.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await call


def _request(claimed: citizen_pb2.CitizenClaim) -> bytes:
    message = identity_service_pb2.VerifyIdentityRequest(context=CONTEXT, claim=claimed)
    return message.SerializeToString()


def _attributes(claimed: citizen_pb2.CitizenClaim, father: str) -> bytes:
    message = identity_service_pb2.VerifyAttributesRequest(context=CONTEXT, claim=claimed)
    message.assertions.add().father.CopyFrom(attribute_pb2.PersonAssertion(full_name=father))
    return message.SerializeToString()
