"""Load from h2load: written in C, so that it leaves the cores to the servers.

h2load sees HTTP, not gRPC's status: that calls were answered is checked by other means.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.bench.errors import BenchError

CONNECTIONS = 4
STREAMS = 10  # calls in flight on each connection
MOST_SECONDS = 120
_FRAME_HEAD = 5  # bytes: not compressed, length

_RATE = re.compile(r"finished in \S+, ([\d.]+) req/s")
_SUCCEEDED = re.compile(r"(\d+) succeeded")
_DATA = re.compile(r"\((\d+)\) data")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What h2load saw."""

    succeeded: int  # answered with HTTP 200
    rate: float  # calls a second
    answer_bytes: float  # the mean message, without gRPC's frame


def require() -> None:
    """Raise BenchError when h2load is not installed."""
    if shutil.which("h2load") is None:
        raise BenchError("h2load is missing; install it with: apt install nghttp2-client")


def frame(message: bytes) -> bytes:
    """A message as it stands in a gRPC body."""
    return b"\0" + len(message).to_bytes(4, "big") + message


def load(
    address: str,
    method: str,
    body: Path,
    calls: int,
    connections: int = CONNECTIONS,
    streams: int = STREAMS,
) -> Outcome:
    """Send the same framed message ``calls`` times, so many at once on each connection.

    Raises:
        BenchError: not every call was answered, or it took too long.
    """
    command = ["h2load", "-n", str(calls), "-c", str(connections), "-m", str(streams)]
    command += ["-d", str(body), "-H", "content-type: application/grpc", "-H", "te: trailers"]
    command.append(f"http://{address}/{method}")
    try:
        done = subprocess.run(  # noqa: S603 - our own command
            command, capture_output=True, text=True, timeout=MOST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise BenchError(f"{calls} calls of {method} took over {MOST_SECONDS} s") from None
    outcome = parse(done.stdout)
    if outcome.succeeded != calls:
        raise BenchError(f"{method}: {outcome.succeeded} of {calls} calls were answered")
    return outcome


def parse(output: str) -> Outcome:
    """Read h2load's report.

    Raises:
        BenchError: it is none.
    """
    rate, succeeded, data = (found.search(output) for found in (_RATE, _SUCCEEDED, _DATA))
    if rate is None or succeeded is None or data is None:
        raise BenchError(f"h2load gave no report: {output.strip()[-200:]!r}")
    answered = int(succeeded[1])
    size = int(data[1]) / answered - _FRAME_HEAD if answered else 0.0
    return Outcome(answered, float(rate[1]), size)
