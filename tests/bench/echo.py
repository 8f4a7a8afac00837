"""The yardstick: a bare grpc.aio server that answers every call with the same bytes.

``python -m tests.bench.echo BYTES`` prints a READY line as the gateway does.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Any

import grpc

METHOD = "bench.Echo/Answer"

_Context = grpc.aio.ServicerContext[bytes, bytes]


class _Echo(grpc.GenericRpcHandler):
    """Answers whatever is called."""

    def __init__(self, answer: bytes) -> None:
        async def handle(_request: bytes, _context: _Context) -> bytes:
            return answer

        self._handler: grpc.RpcMethodHandler[Any, Any] = grpc.unary_unary_rpc_method_handler(handle)

    def service(self, _call: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any]:
        return self._handler


async def serve(answer_bytes: int) -> None:
    """Answer on a free loopback port until SIGTERM."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Echo(bytes(answer_bytes)),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"READY grpc=127.0.0.1:{port}\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await server.stop(1)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
