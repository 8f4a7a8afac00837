"""The set of numbers that a session has seen."""

from __future__ import annotations

import random

from gateway.core.seen import Seen


def numbers(count: int, seed: int = 1) -> list[str]:
    """Distinct numbers of twelve digits in an order of no meaning."""
    return [f"{one:012d}" for one in random.Random(seed).sample(range(10**11), count)]  # noqa: S311 - no secret


def test_a_number_comes_first_once() -> None:
    """Among thousands of others."""
    seen, told = Seen(b"salt"), numbers(20_000)
    assert not any(seen.note(one) for one in told)
    assert all(seen.note(one) for one in told)


def test_what_was_seen_is_loaded_again() -> None:
    """From the fresh hashes of each chunk, duplicates left out."""
    before, told = Seen(b"salt"), numbers(5_000)
    pages = []
    for at in range(0, len(told), 1000):
        for one in told[max(0, at - 10) : at + 1000]:
            before.note(one)
        pages.append(before.take_fresh())
    assert [len(page) for page in pages] == [8_000] * 5
    after = Seen(b"salt")
    for page in reversed(pages):
        after.load(page)
    assert sum(1 for _ in after.settle()) > 1  # so that others can work in between
    assert all(after.note(one) for one in told)
    assert not any(after.note(one) for one in numbers(100, seed=2))


def test_hashes_of_two_sessions_have_nothing_in_common() -> None:
    """They are keyed by the session's salt."""
    one, other = Seen(b"one"), Seen(b"other")
    for number in numbers(100):
        one.note(number)
        other.note(number)
    hashes = [
        {page[at : at + 8] for at in range(0, len(page), 8)}
        for page in (one.take_fresh(), other.take_fresh())
    ]
    assert not hashes[0] & hashes[1]
