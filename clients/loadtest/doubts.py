"""What a reader should doubt in a result, in words.

Most often it is that the client was the bottleneck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.loadtest.recorder import LATE_US
from clients.loadtest.words import counted

_BUSY = 0.8  # of a core
_FEW_CALLS = 1000
_FEW_PEOPLE = 1000
_MICROS_A_MILLI = 1000


def doubts(result: Mapping[str, Any]) -> list[str]:
    """One sentence each, the gravest first."""
    return [*_answers(result), *_length(result), *_client(result), *_conditions(result)]


def _answers(result: Mapping[str, Any]) -> Iterator[str]:
    checked, counts = result["checked"], result["counts"]
    if checked["failed"]:
        do = "does" if checked["failed"] == 1 else "do"
        yield (
            f"{checked['failed']} of the sampled answers {do} not verify"
            f" ({checked['failures'][0]}): the gateway is not to be used"
        )
    known = checked["outcomes"].get("known", {})
    right = sum(known.get(name, 0) for name in ("VERIFIED", "MATCHED", "CORRECTED"))
    if known and right < sum(known.values()) / 2:
        yield (
            "most claims that should agree with the register do not: the people are not of this"
            " gateway's register; name another --people FILE or --data-dir"
        )
    if counts["due"] and counts["failed"] == counts["due"] - counts["dropped"]:
        yield "no call was answered OK; look at the statuses"


def _length(result: Mapping[str, Any]) -> Iterator[str]:
    if not result["stopped_early"]:
        return
    scenario = result["scenario"]
    if scenario["load"]["kind"] == "sweep":
        yield "ended early: not every rate was tried"
    else:
        yield f"ended early: {scenario['seconds']:,.0f} s of {scenario['planned_seconds']:,.0f} s"


def _client(result: Mapping[str, Any]) -> Iterator[str]:
    client, counts = result["client"], result["counts"]
    if counts["dropped"]:
        yield (
            f"{counted(counts['dropped'], 'call was', 'calls were')} due but not sent, for too many"
            " were waiting already (max_in_flight): latencies are better than what their callers"
            " would have seen"
        )
    lag = client["lag_p99_ms"]
    if lag is not None and lag > LATE_US / _MICROS_A_MILLI:
        yield (
            f"the client was late itself: 1 % of the calls left {lag:.1f} ms or more after they"
            " were due; that stands in the latencies; use more --workers, or another machine"
        )
    busiest = max(client["cpu_share"], default=0.0)
    if busiest > _BUSY:
        yield (
            f"a worker used {busiest:.0%} of a core: the client may be the bottleneck; use more"
            " --workers, or another machine"
        )


def _conditions(result: Mapping[str, Any]) -> Iterator[str]:
    if result["scenario"]["model"] == "closed":
        yield (
            "closed loop: callers wait for answers before they ask again, so the latencies leave"
            " out whoever would have asked meanwhile; read the rate, not the percentiles"
        )
    if result["target"]["on_this_machine"]:
        yield (
            "client and gateway share this machine's cores: each takes time from the other; for"
            " figures to rely on, send from another machine"
        )
    answered = result["counts"]["answered"]
    if answered < _FEW_CALLS:
        yield (
            f"only {counted(answered, 'answer')}: the 99th percentile rests on"
            f" {counted(answered // 100, 'call')}; run longer"
        )
    people = result["people"]["count"]
    if people < _FEW_PEOPLE:
        yield (
            f"all calls are about {people} people: a gateway does less for people that it asked"
            " about a moment ago; name more with --people"
        )
