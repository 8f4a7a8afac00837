"""One of several workers. Started by ``gateway/workers.py``, never by hand."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import BinaryIO

import structlog
import uvloop

from gateway import telemetry
from gateway.app import serve
from gateway.commands.crew import Crew
from gateway.commands.errors import one_line_errors
from gateway.commands.serve import tls_files
from gateway.config import DevConfig, ServeConfig
from gateway.datadir import Prepared, SetupError, prepare, prepare_existing
from gateway.worker import Order


def main() -> None:
    """Read the order from standard input, and answer calls until SIGTERM or its end."""
    # another object than sys.stdin, which Python closes in the end, whoever is reading from it
    down, up = os.fdopen(os.dup(sys.stdin.fileno()), "rb"), _taken_output()
    order = Order.from_line(down.readline())
    crew = Crew(order.state, up)
    threading.Thread(target=crew.read, args=(down, _end), daemon=True).start()
    telemetry.configure(order.config.log_level, order.config.log_format)
    structlog.contextvars.bind_contextvars(worker=order.place.number)
    with one_line_errors():
        opened = _opened(order.config)
        uvloop.run(serve(order.config, opened, lambda _at: crew.ready(), order.place, crew))


def _opened(config: DevConfig | ServeConfig) -> Prepared:
    """What the command that started us has prepared."""
    if isinstance(config, DevConfig):
        return prepare(config, lambda _done: None)
    tls = tls_files(config)
    if tls is None:
        raise SetupError("a worker was started without TLS")
    return prepare_existing(config, tls)


def _taken_output() -> BinaryIO:
    """Standard output, for frames alone: whatever is printed goes to standard error."""
    taken = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return taken


def _end() -> None:
    """Standard input ended, so the process did that keeps us."""
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
