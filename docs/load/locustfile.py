"""Locust against a gateway: officers at counters, each of whom waits for an answer and thinks.

    pip install locust -e .               # in the checkout: dancu is in no package index
    dancu population export --limit 20000 --out people.csv
    locust -f locustfile.py --headless --users 100 --spawn-rate 20 --run-time 60s \
        --host 127.0.0.1:50051

Set DANCU_PEOPLE to another CSV, DANCU_CREDENTIALS to a credentials file for TLS and tokens.

Locust is a closed loop: who waits for a slow answer does not ask meanwhile, so its percentiles leave
out what others would have waited. For those use `dancu load run`; use Locust when your scenario is
about users who do several things one after the other.
"""

from __future__ import annotations

import csv
import os
import random
import time
import uuid
from pathlib import Path

import grpc
import grpc.experimental.gevent
from google.protobuf.message import Message
from locust import User, between, events, task

from clients.sdk import CallContext, Claim, Credentials
from dancu.v1.identity_service_pb2 import (
    LookupCitizenRequest,
    LookupCitizenResponse,
    VerifyIdentityRequest,
    VerifyIdentityResponse,
)

grpc.experimental.gevent.init_gevent()  # Locust's threads are gevent's

CONTEXT = CallContext("DEMO.VERIFY", "000.00.00.G01", "DEMO-OFFICER")
PEOPLE: list[dict[str, str]] = []
CREDENTIALS = Credentials()


@events.init.add_listener
def read_files(**_: object) -> None:
    """Once a process: whom to ask about, and who asks."""
    global CREDENTIALS
    with Path(os.environ.get("DANCU_PEOPLE", "people.csv")).open(encoding="utf-8") as stream:
        PEOPLE.extend(row for row in csv.DictReader(stream) if row["birth_date"])
    if path := os.environ.get("DANCU_CREDENTIALS"):
        CREDENTIALS = Credentials.from_file(Path(path))


class Officer(User):
    """Asks, waits for the answer, thinks for a moment, asks again."""

    wait_time = between(0.5, 2.0)

    def on_start(self) -> None:
        """A connection of one's own, as each procedure system has."""
        options = [("grpc.use_local_subchannel_pool", 1)]
        if CREDENTIALS.channel is None:
            self.channel = grpc.insecure_channel(self.host, options)
        else:
            self.channel = grpc.secure_channel(self.host, CREDENTIALS.channel, options)
        service = "/dancu.v1.IdentityService/"
        self.verify_identity = self.channel.unary_unary(
            f"{service}VerifyIdentity",
            VerifyIdentityRequest.SerializeToString,
            VerifyIdentityResponse.FromString,
        )
        self.lookup_citizen = self.channel.unary_unary(
            f"{service}LookupCitizen",
            LookupCitizenRequest.SerializeToString,
            LookupCitizenResponse.FromString,
        )

    def on_stop(self) -> None:
        """Hang up."""
        self.channel.close()

    @task(8)
    def verify(self) -> None:
        """Xác thực."""
        self._timed("VerifyIdentity", self.verify_identity, VerifyIdentityRequest(**self._asked()))

    @task(2)
    def lookup(self) -> None:
        """Tra cứu."""
        self._timed("LookupCitizen", self.lookup_citizen, LookupCitizenRequest(**self._asked()))

    def _asked(self) -> dict[str, Message]:
        person = random.choice(PEOPLE)
        claim = Claim(
            personal_id=person["personal_id"],
            full_name=person["full_name"].upper(),
            birth_date=person["birth_date"],
        )
        return {"context": CONTEXT.to_message(uuid.uuid4().hex), "claim": claim.to_message()}

    def _timed(self, name: str, method: grpc.UnaryUnaryMultiCallable, request: Message) -> None:
        """Call, and tell Locust what came of it."""
        metadata = ()
        if CREDENTIALS.tokens is not None:
            metadata = (("authorization", f"Bearer {CREDENTIALS.tokens.token()}"),)
        began, failure, size = time.perf_counter(), None, 0
        try:
            size = method(request, timeout=10.0, metadata=metadata).ByteSize()
        except grpc.RpcError as error:
            failure = error
        self.environment.events.request.fire(
            request_type="grpc",
            name=name,
            response_time=(time.perf_counter() - began) * 1000,
            response_length=size,
            exception=failure,
            context={},
        )
