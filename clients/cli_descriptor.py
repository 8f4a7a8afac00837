"""``dancu descriptor``: the contract for tools that bring no generated code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clients.cli_errors import note, plain_errors
from clients.descriptors import descriptor_set


def descriptor(
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where to write it.")],
) -> None:
    """Write the contract as a FileDescriptorSet, for ghz, k6, grpcurl and the like.

    It holds every file of package dancu.v1 and all that they import.
    """
    found = descriptor_set()
    with plain_errors():
        out.write_bytes(found.SerializeToString(deterministic=True))
    services = sum(len(file.service) for file in found.file)
    note(f"written: {out}, {len(found.file)} files, {services} services")
