"""The verifier against the committed vectors, and those against the script that makes them."""

from __future__ import annotations

import base64
import filecmp
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from clients.receipts import (
    Expectations,
    Refusal,
    Result,
    Trust,
    Verdict,
    Witness,
    load_key_set,
    verify,
    verify_item,
    verify_item_offline,
    verify_offline,
)
from tests.vectors import bad_contents, bad_envelopes, bad_keys, build, good

VECTORS = Path(__file__).parent.parent / "vectors"
CASES = sorted(VECTORS.glob("*/*.json"))


def _loads(path: Path) -> bool:
    """Whether the vector's key set can be loaded at all."""
    return not path.stem.startswith(("KEYSET_UNTRUSTED", "KEYSET_MALFORMED", "TIME_IN_FUTURE-key"))


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _trust(data: dict[str, Any]) -> Trust:
    return Trust(
        roots=frozenset(data["roots"]),
        lowest_version=data["lowest_version"],
        witnesses=tuple(
            Witness(witness["name"], base64.b64decode(witness["public_key"]))
            for witness in data["witnesses"]
        ),
        quorum=data["quorum"],
    )


def _expectations(data: dict[str, Any]) -> Expectations:
    decoded = dict(data)
    if "request_digest" in data:
        decoded["request_digest"] = base64.b64decode(data["request_digest"])
    if "birth_date" in data:
        decoded["birth_date"] = tuple(data["birth_date"])
    return Expectations(**decoded)


def _run(path: Path) -> tuple[dict[str, Any], Verdict]:
    case = json.loads(path.read_text(encoding="utf-8"))
    check = verify_item_offline if case["kind"] == "item" else verify_offline
    verdict = check(
        path.with_suffix(".binpb").read_bytes(),
        (VECTORS / case["key_set"]).read_bytes(),
        at=_moment(case["at"]),
        trust=_trust(case["trust"]),
        expected=_expectations(case["expected"]),
    )
    return case, verdict


@pytest.mark.parametrize("path", CASES, ids=_name)
def test_every_vector_ends_as_it_says(path: Path) -> None:
    """Result, refusal name and attested time are those beside the vector."""
    case, verdict = _run(path)
    assert (verdict.result, verdict.refusal) == (case["result"], case["refusal"]), verdict.detail
    attested = case["time_attested"]
    assert verdict.time_attested == (_moment(attested) if attested else None)


@pytest.mark.parametrize("path", [path for path in CASES if _loads(path)], ids=_name)
def test_a_kept_key_set_gives_the_same_verdict(path: Path) -> None:
    """Verifying with a key set loaded before does not change the answer."""
    case, expected = _run(path)
    trust, at = _trust(case["trust"]), _moment(case["at"])
    whole_trust = Trust(roots=trust.roots)
    key_set = load_key_set((VECTORS / case["key_set"]).read_bytes(), whole_trust, at)
    check = verify_item if case["kind"] == "item" else verify
    data = path.with_suffix(".binpb").read_bytes()
    verdict = check(data, key_set, at=at, trust=trust, expected=_expectations(case["expected"]))
    assert verdict == expected


def test_every_refusal_has_a_vector() -> None:
    """Each refusal name has at least one vector that ends with it, named after it."""
    refused = {json.loads(path.read_text(encoding="utf-8"))["refusal"] for path in CASES}
    assert refused == {None, *Refusal}
    for path in VECTORS.glob("bad/*.json"):
        assert path.stem.split("-")[0] == json.loads(path.read_text())["refusal"]


def test_good_vectors_are_valid_and_bad_ones_are_not() -> None:
    """The folder says how a vector ends."""
    for path in CASES:
        result = json.loads(path.read_text(encoding="utf-8"))["result"]
        assert (path.parent.name == "good") == (result == Result.VALID)


def test_vector_names_are_unique() -> None:
    """No vector is overwritten by another of the same name."""
    names = Counter(
        vector.name
        for part in (good, bad_envelopes, bad_keys, bad_contents)
        for vector in part.vectors()
    )
    assert set(names.values()) == {1}
    assert len(names) == len(CASES)


def test_the_script_makes_the_committed_bytes(tmp_path: Path) -> None:
    """Building again gives the same files: none changed, none missing, none left over."""
    build.build(tmp_path)
    made = set(_files(tmp_path))
    assert made == set(_files(VECTORS))
    _, different, unreadable = filecmp.cmpfiles(tmp_path, VECTORS, list(made), shallow=False)
    assert not different
    assert not unreadable


def _files(directory: Path) -> Iterator[str]:
    for pattern in ("*/*.json", "*/*.binpb"):
        yield from (str(path.relative_to(directory)) for path in directory.glob(pattern))
