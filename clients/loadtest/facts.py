"""What a reader needs to know beside the figures, to trust them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from clients.loadtest.words import bytes_text, counted, milliseconds, share


def facts(result: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """As (name, value) pairs, for the terminal and the page."""
    counts = result["counts"]
    yield "calls", _calls(counts, result["metrics"]["late_share"])
    yield "statuses", ", ".join(f"{k} {v:,}" for k, v in result["statuses"].items()) or "none"
    for status, text in result["errors"].items():
        yield "said", f"{status}: {text}"
    yield "payload", _payload(counts)
    yield "client", _client(result)
    yield "target", _target(result)
    yield "people", f"{result['people']['count']:,} from {result['people']['from']}"
    yield "verified", _verified(result["checked"])
    machine = result["machine"]
    yield "machine", f"{machine['processor']}, {counted(machine['cores'], 'core')}"
    yield "versions", ", ".join(f"{name} {it}" for name, it in result["versions"].items())


def _calls(counts: Mapping[str, int], late: float) -> str:
    return (
        f"{counts['due']:,} due, {counts['answered']:,} answered OK, {counts['failed']:,} failed,"
        f" {counts['dropped']:,} dropped, {counts['late']:,} sent late ({share(late)}),"
        f" {counts['drained']:,} answered after the end"
    )


def _payload(counts: Mapping[str, int]) -> str:
    sent, back = counts["due"] - counts["dropped"], counts["answered"]
    out = bytes_text(counts["bytes_out"] / sent) if sent else "-"
    into = bytes_text(counts["bytes_in"] / back) if back else "-"
    return f"{out} out and {into} back a call, messages without frames"


def _client(result: Mapping[str, Any]) -> str:
    client = result["client"]
    busy = ", ".join(share(each) for each in client["cpu_share"])
    return (
        f"{counted(client['workers'], 'worker')} ({busy} of a core),"
        f" {counted(client['connections'], 'connection')},"
        f" schedule lag p50 {milliseconds(client['lag_p50_ms'])} ms,"
        f" p99 {milliseconds(client['lag_p99_ms'])} ms, seed {result['scenario']['seed']}"
    )


def _target(result: Mapping[str, Any]) -> str:
    target = result["target"]
    how = "TLS" if target["tls"] else "plain text"
    who = "session tokens" if target["tokens"] else "no tokens"
    return f"{target['server']}, {how}, {who}"


def _verified(checked: Mapping[str, Any]) -> str:
    outcomes = "; ".join(
        f"{kind}: {', '.join(f'{name} {count}' for name, count in found.items())}"
        for kind, found in checked["outcomes"].items()
    )
    held = counted(checked["verified"], "answer holds", "answers hold")
    return f"{held}, {counted(checked['failed'], 'does', 'do')} not ({outcomes})"


def threshold_text(each: Mapping[str, Any]) -> str:
    """A condition, and what was measured."""
    measured = "nothing measured" if each["value"] is None else f"measured {each['value']:,.4g}"
    return f"fails if {each['condition']} ({measured})"
