"""What the kernel says of the machine and of a process."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, all its threads, in steps of 10 ms."""
    stat = Path(f"/proc/{pid}/stat").read_text("utf-8")
    fields = stat.rpartition(")")[2].split()  # the command before it may hold blanks
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND


def peak_memory(pid: int) -> float:
    """The most memory that a process ever had resident since its exec, in MB."""
    return _status(pid, "VmHWM:")


def memory(pid: int) -> float:
    """The memory that a process has resident now, in MB."""
    return _status(pid, "VmRSS:")


def _status(pid: int, what: str) -> float:
    for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines():
        if line.startswith(what):
            return int(line.split()[1]) * 1024 / 1e6
    raise ProcessLookupError(pid)


def description() -> dict[str, str]:
    """What a reader must know to compare two runs."""
    return {
        "cores": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "Python": platform.python_version(),
        "grpcio": version("grpcio"),
        "protobuf": version("protobuf"),
        "system": f"{platform.system()} {platform.machine()}",
    }
