"""What a gateway says beside its answers: useful to know, and no evidence of anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Aside:
    """What the gateway said beside an answer. Nothing of it is signed.

    Attributes:
        quota_remaining: Records that are left of the day's quota; None where there is none.
        quota_reset: When a new day of it begins, RFC 3339; may be empty.
        trace: What the operator finds the whole decision by (``dancu explain``), with an answer
            that is not VERIFIED; may be empty.
    """

    quota_remaining: int | None = None
    quota_reset: str = ""
    trace: str = ""

    @classmethod
    def of(cls, trailers: Mapping[str, str]) -> Aside:
        """Read an answer's trailing metadata; what has another shape is passed over."""
        remaining = trailers.get("dancu-quota-remaining", "")
        return cls(
            int(remaining) if remaining.isascii() and remaining.isdecimal() else None,
            trailers.get("dancu-quota-reset", ""),
            trailers.get("dancu-trace", ""),
        )


NOTHING_ASIDE = Aside()
