"""How fast time goes: ``1day/s``, ``6h/min``, ``1h/h``."""

from __future__ import annotations

import re

_SPEED = re.compile(r"(\d{1,6})(h|day|days|week|weeks)/(s|min|h)", re.ASCII)
_SIMULATED = {"h": 3_600, "day": 86_400, "days": 86_400, "week": 604_800, "weeks": 604_800}
_REAL = {"s": 1, "min": 60, "h": 3_600}
_DAY = 86_400


def parse_pace(text: str) -> float:
    """Read simulated time per real time; return the real seconds that one day takes.

    Raises ValueError when the text has another shape, or stands for no time at all.
    """
    found = _SPEED.fullmatch(text)
    if found is None or int(found[1]) == 0:
        raise ValueError("write a whole number and units, as 1day/s, 6h/min, 2weeks/s or 1h/h")
    simulated = int(found[1]) * _SIMULATED[found[2]]
    return _DAY * _REAL[found[3]] / simulated
