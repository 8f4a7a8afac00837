"""A gateway of one file for the tests of the client: real channel, real signatures, tiny register.

It knows two people and signs with keys that it makes itself, by the design's page on evidence.
What it does wrong, it does because a test asked for it (``fail_with``, ``spoil``).
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import secrets
import time
import typing
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2 as details
from google.rpc import status_pb2

from clients.sdk import CallContext
from dancu.control.v1 import simulator_service_pb2 as simulator
from dancu.v1 import citizen_pb2 as c
from dancu.v1 import evidence_service_pb2 as evidence
from dancu.v1 import identity_service_pb2 as identity
from dancu.v1 import statement_pb2 as s
from tests.unit.client_people import KNOWN, OLD_NUMBERS, judge
from tests.unit.client_signing import DAY, ORIGIN, Key, pack, pae, signed_by, tree_path, tree_root

ISSUER = "dancu-simulator"
AUDIENCE = "demo"

CONTEXT = CallContext("DEMO.VERIFY", "000.00.00.G01", "DEMO-OFFICER", "HS-1")
AN: dict[str, typing.Any] = {
    "personal_id": "001090000013",
    "full_name": "Lê Văn An",
    "birth_date": "1990-05-12",
}
HOA: dict[str, typing.Any] = {
    "personal_id": "001148000017",
    "full_name": "Nguyễn Thị Hoà",
    "birth_date": "1948",
}


@dataclass
class FakeGateway:
    """Answers, signs and remembers.

    Attributes:
        fail_with: Statuses to refuse the next calls with, first one first; None lets one pass.
        spoil: Applied to every signed statement before it goes out.
        spoil_batch: Applied to every batch's answer before it goes out.
        trailer: Sent instead of the refusals' details, to be a nuisance.
        trailers: Sent with every answer and refusal.
        calls: What was called, in order, with the request's bytes.
        metadata: What came with the last call of each method.
        key_set_age: Days since the key set was signed; it lasts for 30.
    """

    root: Key = field(default_factory=lambda: Key(s.KEY_ROLE_ROOT))
    signer: Key = field(default_factory=lambda: Key(s.KEY_ROLE_STATEMENT))
    checkpointer: Key = field(default_factory=lambda: Key(s.KEY_ROLE_CHECKPOINT))
    fail_with: list[tuple[grpc.StatusCode, tuple[Message, ...]] | None] = field(
        default_factory=list
    )
    trailer: bytes | None = None
    spoil: Callable[[s.SignedStatement], object] = lambda _: None
    spoil_batch: Callable[[identity.BatchVerifyIdentitiesResponse], object] = lambda _: None
    trailers: tuple[tuple[str, str], ...] = ()
    calls: list[tuple[str, bytes]] = field(default_factory=list)
    metadata: dict[str, dict[str, str | bytes]] = field(default_factory=dict)
    key_set_version: int = 1
    key_set_age: int = 0
    target: str = ""
    _leaves: list[bytes] = field(default_factory=list)

    def count(self, method: str) -> int:
        """How often a method was called."""
        return sum(name.endswith("/" + method) for name, _ in self.calls)

    def new_signer(self) -> None:
        """Change the statement key, and publish it in a new key set."""
        self.signer = Key(s.KEY_ROLE_STATEMENT)
        self.key_set_version += 1

    # --- what it signs

    def key_set(self) -> s.SignedStatement:
        """The key set, signed by the root."""
        keys = s.KeySet(version=self.key_set_version, issuer=ISSUER)
        issued = int(time.time()) - self.key_set_age * DAY
        keys.issued_at.FromSeconds(issued)
        keys.expires_at.FromSeconds(issued + 30 * DAY)
        keys.keys.extend(key.message() for key in (self.root, self.signer, self.checkpointer))
        return signed_by(keys, self.root)

    def state(self, rpc: str, request: bytes, message: Message) -> s.SignedStatement:
        """Complete the header, sign, enter in the log."""
        header = message.header  # type: ignore[attr-defined]  # each statement has one
        header.issuer, header.audience, header.rpc = ISSUER, AUDIENCE, rpc.lstrip("/")
        header.request_digest = hashlib.sha256(request).digest()
        header.issued_at.GetCurrentTime()
        header.key_ids.append(self.signer.key_id)
        header.log_origin, header.schema_version = ORIGIN, 1
        header.salt, header.simulated = secrets.token_bytes(32), True
        signed = signed_by(message, self.signer)
        signed.log_proof.access_root = bytes(32)
        leaf = b"dancu.leaf.v1\n" + hashlib.sha256(pae(signed.statement)).digest() + bytes(32)
        self._leaves.append(hashlib.sha256(b"\0" + leaf).digest())
        signed.log_proof.tlog_proof = self.proof(len(self._leaves) - 1)
        self.spoil(signed)
        return signed

    def checkpoint(self) -> str:
        """The signed head of the log."""
        head = base64.b64encode(tree_root(self._leaves)).decode()
        note = f"{ORIGIN}\n{len(self._leaves)}\n{head}\n"
        key = self.checkpointer
        blob = base64.b64encode(key.note_key_id + key.private.sign(note.encode())).decode()
        return f"{note}\n— {ORIGIN} {blob}\n"

    def proof(self, index: int) -> str:
        """The inclusion of one leaf."""
        path = (base64.b64encode(node).decode() for node in tree_path(self._leaves, index))
        lines = "".join(line + "\n" for line in path)
        return f"c2sp.org/tlog-proof@v1\nindex {index}\n{lines}\n{self.checkpoint()}"

    # --- what it answers

    def verify_identity(self, rpc: str, raw: bytes) -> Message:
        """One claim."""
        request = identity.VerifyIdentityRequest.FromString(raw)
        answer = s.IdentityVerification(claim=request.claim)
        answer.header.context.CopyFrom(request.context)
        judge(request.claim, answer)
        return identity.VerifyIdentityResponse(signed=self.state(rpc, raw, answer))

    def batch_verify_identities(self, rpc: str, raw: bytes) -> Message:
        """Many claims."""
        request = identity.BatchVerifyIdentitiesRequest.FromString(raw)
        answer = s.BatchIdentityVerification()
        answer.header.context.CopyFrom(request.context)
        response = identity.BatchVerifyIdentitiesResponse(item_seed=secrets.token_bytes(32))
        for index, claim in enumerate(request.claims):
            item = s.ItemVerification(index=index, claim=claim)
            judge(claim, item)
            packed = pack(item)
            salt = hmac.digest(response.item_seed, index.to_bytes(4, "big"), "sha256")
            digest = hashlib.sha256(b"dancu.item.v1\n" + salt + packed.value).digest()
            answer.item_digests.append(digest)
            response.items.append(packed)
        response.signed.CopyFrom(self.state(rpc, raw, answer))
        self.spoil_batch(response)
        return response

    def lookup_citizen(self, rpc: str, raw: bytes) -> Message:
        """Name and birth date, if asked for."""
        request = identity.LookupCitizenRequest.FromString(raw)
        answer = s.CitizenDisclosure(claim=request.claim, read_mask=request.read_mask)
        answer.header.context.CopyFrom(request.context)
        judge(request.claim, answer)
        if answer.outcome == c.OUTCOME_VERIFIED:
            answer.citizen.name.full = KNOWN[request.claim.personal_id][0]
            answer.fields.add(path="name", status=c.FIELD_STATUS_PRESENT)
            answer.fields.add(path="religion_code", status=c.FIELD_STATUS_WITHHELD)
        return identity.LookupCitizenResponse(signed=self.state(rpc, raw, answer))

    def resolve_identifier(self, rpc: str, raw: bytes) -> Message:
        """From the old number to the new one."""
        request = identity.ResolveIdentifierRequest.FromString(raw)
        answer = s.IdentifierResolution(claim=request.claim)
        answer.header.context.CopyFrom(request.context)
        judge(request.claim, answer)
        if answer.outcome == c.OUTCOME_VERIFIED:
            answer.current_personal_id = OLD_NUMBERS[request.claim.old_id_number]
            answer.steps.add(
                former=request.claim.old_id_number,
                successor=answer.current_personal_id,
                reason="CARD_REPLACED",
            )
        return identity.ResolveIdentifierResponse(signed=self.state(rpc, raw, answer))

    def get_key_set(self, _rpc: str, _raw: bytes) -> Message:
        """The current keys."""
        return evidence.GetKeySetResponse(key_set=self.key_set())

    def get_checkpoint(self, _rpc: str, _raw: bytes) -> Message:
        """The head."""
        return evidence.GetCheckpointResponse(checkpoint=self.checkpoint())

    def get_inclusion_proof(self, _rpc: str, raw: bytes) -> Message:
        """One leaf's proof."""
        request = evidence.GetInclusionProofRequest.FromString(raw)
        return evidence.GetInclusionProofResponse(tlog_proof=self.proof(request.leaf_index))

    def list_personas(self, _rpc: str, _raw: bytes) -> Message:
        """The two people."""
        response = simulator.ListPersonasResponse()
        for number, (name, (year, month, day), _) in KNOWN.items():
            persona = response.personas.add(
                slug=f"born-{year}",
                personal_id=number,
                full_name=name,
                expect=c.OUTCOME_VERIFIED,
                about="to test with",
            )
            persona.birth_date.year, persona.birth_date.month = year, month
            persona.birth_date.day = day
        return response

    # --- the wire

    def handler(self, method: str) -> Callable[[str, bytes], Message]:
        """What answers a method."""
        return partial(_ALL[method], self)

    async def serve(
        self, rpc: str, raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]
    ) -> bytes:
        """Answer one call, or refuse it if a test asked for that."""
        self.calls.append((rpc, raw))
        method = rpc.rpartition("/")[2]
        came_with = context.invocation_metadata() or ()
        self.metadata[method] = {str(key): value for key, value in came_with}
        refusable = method not in _NEVER_REFUSED
        if refusable and self.fail_with and (failure := self.fail_with.pop(0)):
            code, parts = failure
            await _abort(context, code, parts, self.trailer, self.trailers)
        context.set_trailing_metadata(self.trailers)
        return self.handler(method)(rpc, raw).SerializeToString()


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, fake: FakeGateway) -> None:
        self._fake = fake

    def service(
        self, handler_call_details: grpc.HandlerCallDetails
    ) -> grpc.RpcMethodHandler[bytes, bytes]:
        serve = partial(self._fake.serve, handler_call_details.method)
        return grpc.unary_unary_rpc_method_handler(serve)


Handler = Callable[[FakeGateway, str, bytes], Message]
_NEVER_REFUSED = frozenset({"GetKeySet", "GetCheckpoint", "GetInclusionProof", "ListPersonas"})
_ALL: dict[str, Handler] = {
    "VerifyIdentity": FakeGateway.verify_identity,
    "BatchVerifyIdentities": FakeGateway.batch_verify_identities,
    "LookupCitizen": FakeGateway.lookup_citizen,
    "ResolveIdentifier": FakeGateway.resolve_identifier,
    "GetKeySet": FakeGateway.get_key_set,
    "GetCheckpoint": FakeGateway.get_checkpoint,
    "GetInclusionProof": FakeGateway.get_inclusion_proof,
    "ListPersonas": FakeGateway.list_personas,
}


@contextlib.asynccontextmanager
async def serving(fake: FakeGateway) -> AsyncIterator[FakeGateway]:
    """Serve on a free port; ``fake.target`` is where."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([_Handlers(fake)])
    port = server.add_insecure_port("127.0.0.1:0")
    fake.target = f"127.0.0.1:{port}"
    await server.start()
    try:
        yield fake
    finally:
        await server.stop(None)


def refusal(
    code: grpc.StatusCode, reason: str, *more: Message
) -> tuple[grpc.StatusCode, tuple[Message, ...]]:
    """A refusal as dancu makes them, for ``fail_with``."""
    return code, (details.ErrorInfo(reason=reason, domain="dancu"), *more)


async def _abort(
    context: grpc.aio.ServicerContext[bytes, bytes],
    code: grpc.StatusCode,
    parts: tuple[Message, ...],
    trailer: bytes | None,
    trailers: tuple[tuple[str, str], ...],
) -> None:
    number: int = code.value[0]
    status = status_pb2.Status(code=number, message="refused", details=[pack(p) for p in parts])
    packed = status.SerializeToString() if trailer is None else trailer
    sent = (("grpc-status-details-bin", packed),) if parts else ()
    await context.abort(code, "refused", (*trailers, *sent))
