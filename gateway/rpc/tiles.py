"""The log as files that anybody may read: checkpoint, tiles and entries (C2SP tlog-tiles).

    /checkpoint                      the latest signed checkpoint
    /tile/<level>/<N>[.p/<W>]        hashes of complete subtrees, 32 bytes each
    /tile/entries/<N>[.p/<W>]        data of leaves, each behind its length in two bytes

N is written in groups of three digits, all but the last with an x: x001/x234/067. A full
tile has 256 entries, a partial one says after ``.p/`` how many.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from gateway.core.errors import OutOfRange, Unavailable
from gateway.core.ledger import TILE_WIDTH
from gateway.flows.ports import Records
from gateway.rpc.http import Response, refusal

_TILE = re.compile(
    r"/tile/(?P<level>entries|0|[1-9][0-9]?)"
    # up to 18 digits, the first group not all zeros unless it is the only one
    r"/(?P<number>(?!x000)(?:x[0-9]{3}/){0,5}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)
_BYTES = "application/octet-stream"
_FOREVER = "public, max-age=31536000, immutable"  # a full tile never changes


class LogFiles:
    """Answers the paths of a log."""

    def __init__(self, records: Records) -> None:
        self._records = records

    async def answer(self, path: str) -> Response:
        """The file at a path, NOT_FOUND, or SERVICE_UNAVAILABLE."""
        try:
            if path == "/checkpoint":
                return Response(HTTPStatus.OK, (await self._records.checkpoint()).encode())
            found = _TILE.fullmatch(path)
            return await self._tile(found) if found else refusal(HTTPStatus.NOT_FOUND)
        except OutOfRange:
            return refusal(HTTPStatus.NOT_FOUND)
        except Unavailable:
            return refusal(HTTPStatus.SERVICE_UNAVAILABLE)

    async def _tile(self, asked: re.Match[str]) -> Response:
        number = int(asked["number"].replace("x", "").replace("/", ""))
        width = int(asked["width"] or TILE_WIDTH)
        if asked["width"] and width >= TILE_WIDTH:
            return refusal(HTTPStatus.NOT_FOUND)
        if asked["level"] == "entries":
            body = await self._entries(number, width)
        else:
            body = await self._records.tile(int(asked["level"]), number, width)
        return Response(HTTPStatus.OK, body, _BYTES, "no-cache" if asked["width"] else _FOREVER)

    async def _entries(self, number: int, width: int) -> bytes:
        start = number * TILE_WIDTH
        leaves = await self._records.leaves(start, start + width)
        return b"".join([len(data).to_bytes(2, "big") + data for data in leaves])
