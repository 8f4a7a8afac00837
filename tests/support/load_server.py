"""A server for load tests that answers at once, but for one stall."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import grpc

from clients.loadtest.orders import Job
from clients.loadtest.people import Person
from clients.loadtest.scenario import Scenario
from clients.sdk import CallContext

STALL = 0.8  # seconds
PEOPLE = [
    Person("001090000013", "", "Lê Văn An", "1990"),
    Person("001148000017", "", "Hoà", "1948"),
]
CONTEXT = CallContext("P", "U", "O")


@dataclass
class Stalling:
    """A server that answers at once, but for one stall."""

    address: str
    begins: float = field(default=float("inf"))
    status: grpc.StatusCode | None = None

    def answer(self, _request: bytes, context: grpc.ServicerContext) -> bytes:
        """Wait until the stall is over, if there is one."""
        now = time.monotonic()
        if self.begins <= now < self.begins + STALL:
            time.sleep(self.begins + STALL - now)
        if self.status is not None:
            context.abort(self.status, "as the test wants it")
        return b"answer"


@contextmanager
def stalling() -> Iterator[Stalling]:
    """One of them, in threads of this process."""
    with ThreadPoolExecutor(256) as threads:
        running = grpc.server(threads)
        server = Stalling(f"127.0.0.1:{running.add_insecure_port('127.0.0.1:0')}")
        handler = grpc.method_handlers_generic_handler(
            "dancu.v1.IdentityService",
            {"VerifyIdentity": grpc.unary_unary_rpc_method_handler(server.answer)},
        )
        running.add_generic_rpc_handlers((handler,))
        running.start()
        yield server
        running.stop(None).wait()


def job(scenario: Scenario, address: str, worker: int = 0, workers: int = 1) -> Job:
    """A worker's job."""
    return Job(worker, workers, address, scenario, PEOPLE, (CONTEXT,), (None,), 5)
