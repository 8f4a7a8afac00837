"""A strict gateway in the test's own process: mutual TLS, tokens, two enrolled callers."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import grpc

from clients.sdk import CallContext, Credentials, Gateway, IdentityAnswer, Trust
from clients.sdk.credentials import token_source
from dancu.v1 import identity_service_pb2
from gateway import app
from gateway.config import ServeConfig
from gateway.core.caller import Caller, Unit
from gateway.datadir import prepare_existing
from gateway.rpc.tls import TlsFiles
from gateway.store.authority import TestAuthority, private_pem
from gateway.store.callers import add_callers
from gateway.store.credentials import issue_credentials
from tests.rpc.gateways import audited
from tests.rpc.raw import VERIFY, claim

CALLERS = ("H26", "H29")
OFFICER = "CB-1"
POLICY = """
[[grant]]
callers = ["H26", "H29"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]
"""


def unit_of(caller: str) -> str:
    """The one unit of a caller."""
    return f"000.00.00.{caller}"


def request(caller: str = "H26", *, unit: str = "", officer: str = OFFICER) -> bytes:
    """A question about one person."""
    context = CallContext("TEST.VERIFY", unit or unit_of(caller), officer)
    return identity_service_pb2.VerifyIdentityRequest(
        context=context.to_message("REQ-1"), claim=claim()
    ).SerializeToString()


@dataclass(frozen=True, slots=True)
class Strict:
    """A gateway as ``dancu serve`` runs it, and what its callers hold."""

    data_dir: Path
    authority: TestAuthority
    address: str
    control: str

    def credentials_file(self, caller: str) -> Path:
        """What ``--credentials`` takes."""
        return self.authority.folder / "callers" / f"{caller}.toml"

    def connect(self, caller: str) -> Gateway:
        """The SDK of one caller."""
        trust = Trust.from_files(self.data_dir / "root.pub", self.data_dir / "keyset.binpb")
        context = CallContext("TEST.VERIFY", unit_of(caller), OFFICER)
        credentials = Credentials.from_file(self.credentials_file(caller))
        return Gateway.connect(self.address, trust=trust, context=context, credentials=credentials)

    def token(self, caller: str) -> str:
        """A token bound to the caller's certificate."""
        return token_source(self.credentials_file(caller)).token()

    def channel(
        self, caller: str | None, authority: TestAuthority | None = None
    ) -> grpc.aio.Channel:
        """A connection with a caller's certificate, or with one of another authority, or none."""
        ca = (self.authority.folder / "ca.pem").read_bytes()
        if authority is not None:
            key, certificate = authority.issue_client(caller or "", datetime.now(UTC))
            pair = (private_pem(key), certificate)
        elif caller is not None:
            folder = self.credentials_file(caller).parent
            pair = (
                (folder / f"{caller}.key.pem").read_bytes(),
                (folder / f"{caller}.pem").read_bytes(),
            )
        else:
            return grpc.aio.secure_channel(self.address, grpc.ssl_channel_credentials(ca))
        return grpc.aio.secure_channel(self.address, grpc.ssl_channel_credentials(ca, *pair))


async def ask(channel: grpc.aio.Channel, sent: bytes, *metadata: tuple[str, str]) -> bytes:
    """VerifyIdentity with this metadata and no other."""
    send: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(VERIFY)
    return await send(sent, timeout=10, metadata=metadata)


async def verify(gateway: Gateway) -> IdentityAnswer:
    """A question whose answer is yes."""
    return await gateway.verify_identity(
        personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14"
    )


def bearer(token: str) -> tuple[str, str]:
    """The metadata that carries a token."""
    return ("authorization", f"Bearer {token}")


def served_certificate(strict: Strict) -> bytes:
    """The certificate that a new connection is shown, as DER."""
    context = ssl.create_default_context(cafile=strict.authority.folder / "ca.pem")
    host, _, port = strict.address.rpartition(":")
    context.load_cert_chain(
        strict.credentials_file("H26").with_name("H26.pem"),
        strict.credentials_file("H26").with_name("H26.key.pem"),
    )
    with (
        socket.create_connection((host, int(port)), timeout=10) as raw,
        context.wrap_socket(raw, server_hostname=host) as connection,
    ):
        shown = connection.getpeercert(binary_form=True)
    assert shown is not None
    return shown


@contextlib.asynccontextmanager
async def strictly_serving(data_dir: Path) -> AsyncIterator[Strict]:
    """Serve strictly on free ports; afterwards the log must hold."""
    now = datetime.now(UTC)
    authority = TestAuthority.create(data_dir.parent / "pki", now)
    authority.issue_server(["localhost", "127.0.0.1"], now)
    issued = {
        caller: issue_credentials(
            authority.folder / "callers", caller, "dancu-simulator", authority, now
        )
        for caller in CALLERS
    }
    enrolled = [
        Caller(
            caller,
            caller,
            {unit_of(caller): Unit("counter", frozenset({OFFICER}))},
            (one.jwk,),
            frozenset({one.thumbprint or ""}),
        )
        for caller, one in issued.items()
    ]
    add_callers(data_dir / "callers.db", enrolled, now)
    policy = data_dir / "policy.toml"
    policy.write_text(POLICY, "utf-8")
    config = ServeConfig(
        data_dir=data_dir, port=0, control_port=0, log_port=0, drain_seconds=2.0, policy=policy
    )
    files = TlsFiles(
        authority.folder / "server.pem",
        authority.folder / "server.key.pem",
        authority.folder / "ca.pem",
    )
    async with app.running(config, prepare_existing(config, files)) as ready:
        yield Strict(data_dir, authority, ready.grpc, ready.control)
    assert audited(data_dir).findings == []
