"""What a reader must know of the machine and the programs to believe a figure."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_PACKAGES = ("dancu", "grpcio", "protobuf", "uvloop", "hdrhistogram")


def machine() -> dict[str, Any]:
    """The machine that sends."""
    return {
        "system": platform.platform(terse=True),
        "processor": _processor(),
        "cores": cores(),
    }


def versions() -> dict[str, str]:
    """Of the programs that send."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


def cores() -> int:
    """How many this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def is_here(server: str) -> bool:
    """Whether a server, HOST:PORT, shares this machine and its cores with us."""
    host = server.rpartition(":")[0].strip("[]")
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
