"""``VerifyIdentity`` of ``dancu serve`` beside that of ``dancu dev``: what the rules cost.

TLS with client certificates, a token, grant and quota on one side, none of them on the other;
connections are reused, and both sides have the same clients in Python.
"""

from __future__ import annotations

import shutil
import sys
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from gateway.config import DEFAULT_AUDIENCE
from gateway.core.caller import Caller, Unit
from gateway.store.authority import TestAuthority
from gateway.store.callers import add_callers
from gateway.store.credentials import issue_credentials
from tests.bench.crowd import Crowd
from tests.bench.figures import Figure, Target, ratios
from tests.bench.process import Server, running
from tests.bench.questions import VERIFY, persona_question, verify_request
from tests.bench.rounds import Work, interleave

WARM_UP = 500  # calls
RATE = Target(must=0.75, goal=0.90, at_most=False)
CALLER = "bench"  # and its unit and officer, as in all questions
_POLICY = f"""
[[grant]]
callers = ["{CALLER}"]
procedures = ["*"]
rpcs = ["VerifyIdentity"]

[[quota]]
callers = ["{CALLER}"]
procedures = ["*"]
per_day = 1_000_000_000
"""
_SETTINGS = """
data_dir = "data"
port = 0
policy = "policy.toml"
tls_certificate = "pki/server.pem"
tls_key = "pki/server.key.pem"
tls_client_ca = "pki/ca.pem"
"""


def measure(server: Server, data_dir: Path, rounds: int, calls: int) -> list[Figure]:
    """Interleaved rounds of ``calls`` calls each."""
    site = data_dir.parent / "strict"
    credentials = _prepare(site, data_dir)
    body = site / "request.bin"
    body.write_bytes(verify_request(persona_question()))
    with _serve(site) as strict:
        crowds = {
            "dev": (server, Crowd(server.address, VERIFY, body)),
            "strict": (strict, Crowd(strict.address, VERIFY, body, credentials)),
        }
        for _, crowd in crowds.values():
            crowd.rate(WARM_UP)
        found = interleave(
            {
                name: Work(side, lambda crowd=crowd: crowd.rate(calls), calls)  # type: ignore[misc]  # mypy cannot infer it
                for name, (side, crowd) in crowds.items()
            },
            rounds,
        )
    ours, dev = found["strict"], found["dev"]
    return [
        Figure("strict VerifyIdentity: rate / dev's", "×", ratios(ours.rates, dev.rates), RATE),
        Figure("  CPU a call / dev's", "×", ratios(ours.cpu, dev.cpu)),
        Figure("  strict, rate", "calls/s", ours.rates),
        Figure("  dev with the same clients, rate", "calls/s", dev.rates),
    ]


def _prepare(site: Path, data_dir: Path) -> Path:
    """All that ``dancu serve`` needs; returns the one caller's credentials."""
    now = datetime.now(UTC)
    site.mkdir()
    log = ("gateway.db*", "log.json")  # a log of its own
    shutil.copytree(data_dir, site / "data", ignore=shutil.ignore_patterns(*log))
    (site / "policy.toml").write_text(_POLICY, "utf-8")
    (site / "serve.toml").write_text(_SETTINGS, "utf-8")
    authority = TestAuthority.create(site / "pki", now)
    authority.issue_server(["localhost", "127.0.0.1"], now)
    issued = issue_credentials(site / "pki", CALLER, DEFAULT_AUDIENCE, authority, now)
    units = {CALLER: Unit(CALLER, frozenset({CALLER}))}
    certificates = frozenset({issued.thumbprint} - {None})
    caller = Caller(CALLER, CALLER, units, (issued.jwk,), certificates)  # type: ignore[arg-type]  # None was taken out
    add_callers(site / "data" / "callers.db", [caller], now)
    return site / "pki" / f"{CALLER}.toml"


def _serve(site: Path) -> AbstractContextManager[Server]:
    command = [str(Path(sys.executable).with_name("dancu")), "serve"]
    return running([*command, "--config", str(site / "serve.toml")], site / "serve.log")
