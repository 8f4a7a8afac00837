"""One of several workers. Started by ``gateway/workers.py``, never by hand."""

from __future__ import annotations

import os
import signal
import sys
import threading

import structlog
import uvloop

from gateway import telemetry
from gateway.app import Ready, serve
from gateway.commands.errors import one_line_errors
from gateway.commands.serve import tls_files
from gateway.config import DevConfig, ServeConfig
from gateway.datadir import Prepared, SetupError, prepare, prepare_existing
from gateway.workers import Order


def main() -> None:
    """Read the order from standard input, and answer calls until SIGTERM or its end."""
    order = Order.from_line(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    telemetry.configure(order.config.log_level, order.config.log_format)
    structlog.contextvars.bind_contextvars(worker=order.place.number)
    with one_line_errors():
        uvloop.run(serve(order.config, _opened(order.config), _announce, order.place))


def _opened(config: DevConfig | ServeConfig) -> Prepared:
    """What the command that started us has prepared."""
    if isinstance(config, DevConfig):
        return prepare(config, lambda _done: None)
    tls = tls_files(config)
    if tls is None:
        raise SetupError("a worker was started without TLS")
    return prepare_existing(config, tls)


def _end_with_parent() -> None:
    """Standard input ends when the process does that started us."""
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _announce(_ready: Ready) -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
