"""A witness's rounds: what it signs, what it refuses, and what it keeps."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from clients.receipts import Refusal, RefusedError, StateError, Trust, TrustedKeySet, Witness
from clients.receipts.checkpoint import attested_time
from clients.receipts.tlog import parse_checkpoint
from clients.witness import (
    Cosigned,
    Cosigner,
    LogMisbehaved,
    NotCosigned,
    TilesInvalid,
    WitnessState,
    cosign,
)
from tests.support.memory_log import NOW, MemoryLog

ROOT = Path(__file__).parents[2]


@pytest.fixture
def log() -> MemoryLog:
    """A log with five leaves."""
    made = MemoryLog()
    made.grow(5)
    return made


@pytest.fixture
def state(tmp_path: Path) -> WitnessState:
    """A witness that has seen nothing yet."""
    return WitnessState(tmp_path / "state")


def watch(
    state: WitnessState,
    log: MemoryLog,
    *,
    at: datetime = NOW,
    given: bytes | None = None,
    key_set: Callable[[datetime], TrustedKeySet] | None = None,
) -> Cosigned:
    """One round."""
    trusted = key_set or log.key_set
    return cosign(state, state.cosigner(), log.fetch, trusted, lambda: at, given=given)


def trusted_witness(cosigner: Cosigner) -> Witness:
    """What a verifier is told of a witness."""
    name, _, key = cosigner.verifier.partition("=")
    return Witness(name, base64.b64decode(key))


def remembered_size(state: WitnessState, log: MemoryLog) -> int:
    """How many leaves the witness remembers."""
    found = state.remembered(log.origin)
    assert found
    return found[1].size


@pytest.mark.parametrize("growth", [0, 1, 3, 250, 251, 600])
def test_a_log_that_grew_is_cosigned(state: WitnessState, log: MemoryLog, growth: int) -> None:
    """The verifier for receipts takes the line as this witness's, with its time."""
    watch(state, log)
    log.grow(growth)
    later = NOW + timedelta(minutes=1)
    cosigned = watch(state, log, at=later)
    trust = Trust(frozenset(), witnesses=(trusted_witness(state.cosigner()),), quorum=1)
    assert cosigned.checkpoint.size == 5 + growth
    assert cosigned.note.encode().startswith(log.checkpoint())
    seen = attested_time(parse_checkpoint(cosigned.note), trust)
    assert seen == int(later.timestamp()) * 10**9
    assert remembered_size(state, log) == 5 + growth


def test_a_log_from_its_beginning(state: WitnessState) -> None:
    """An empty log, and every size after it."""
    log = MemoryLog()
    for size in range(20):
        assert watch(state, log).checkpoint.size == size
        log.grow(1)


def test_a_shorter_log_is_rolled_back(state: WitnessState, log: MemoryLog) -> None:
    """Both checkpoints are kept as the log signed them, and nothing is forgotten."""
    first = watch(state, log).checkpoint
    long = log.checkpoint()
    del log.leaves[3:]
    for _ in range(2):  # it does not get used to it
        with pytest.raises(LogMisbehaved, match="5 leaves, and now shows 3") as caught:
            watch(state, log)
        assert caught.value.name == "ROLLED_BACK"
        kept = caught.value.evidence
        assert (kept / "remembered.checkpoint").read_bytes() == long
        assert (kept / "shown.checkpoint").read_bytes() == log.checkpoint()
    assert remembered_size(state, log) == first.size


@pytest.mark.parametrize("seen", [1, 2, 3, 4, 5, 8, 255, 256, 300])
@pytest.mark.parametrize("growth", [0, 1, 2, 300])
def test_another_past_is_a_fork(state: WitnessState, seen: int, growth: int) -> None:
    """A log restored from a backup one leaf short, and grown again, is called forked."""
    log = MemoryLog()
    log.grow(seen)
    watch(state, log)
    log.leaves.pop()
    log.grow(1 + growth, "another")
    with pytest.raises(LogMisbehaved) as caught:
        watch(state, log)
    assert caught.value.name == "FORKED"
    assert (caught.value.evidence / "shown.checkpoint").read_bytes() == log.checkpoint()
    assert remembered_size(state, log) == seen


def test_tiles_of_another_log_prove_nothing(state: WitnessState, log: MemoryLog) -> None:
    """Garbage is not called a fork, and is not signed."""
    watch(state, log)
    log.grow(4)
    other = MemoryLog()
    other.grow(9, "another")

    def mixed(path: str) -> bytes | None:
        return (log if path == "checkpoint" else other).fetch(path)

    with pytest.raises(TilesInvalid):
        cosign(state, state.cosigner(), mixed, log.key_set, lambda: NOW)
    assert remembered_size(state, log) == 5


def test_each_log_has_its_own_past(state: WitnessState, log: MemoryLog) -> None:
    """A new epoch begins anew under another origin, and the old one is not forgotten."""
    watch(state, log)
    epoch = MemoryLog(origin="log-2")
    epoch.grow(1)
    assert watch(state, epoch).checkpoint.size == 1
    assert remembered_size(state, log) == 5


@pytest.mark.parametrize(
    ("spoil", "name"),
    [
        (lambda note: note[:-2], "CHECKPOINT_MALFORMED"),
        (lambda note: b"\xff" + note, "CHECKPOINT_MALFORMED"),
        (lambda note: note.replace(b"\n5\n", b"\n6\n"), "CHECKPOINT_SIGNATURE_INVALID"),
        (lambda note: note.replace(b"log", b"dog"), "LOG_ORIGIN_UNKNOWN"),
        (lambda note: note + note.splitlines(keepends=True)[-1] * 15, "TOO_MANY_SIGNATURES"),
    ],
)
def test_what_the_log_did_not_sign_is_not_cosigned(
    state: WitnessState, log: MemoryLog, spoil: Callable[[bytes], bytes], name: str
) -> None:
    """And is not remembered."""
    with pytest.raises(NotCosigned) as caught:
        watch(state, log, given=spoil(log.checkpoint()))
    assert caught.value.name == name
    assert state.remembered(log.origin) is None


def test_no_checkpoint_at_all(state: WitnessState, log: MemoryLog) -> None:
    """A server that has none is no log."""
    with pytest.raises(NotCosigned, match="no checkpoint"):
        cosign(state, state.cosigner(), lambda _path: None, log.key_set, lambda: NOW)


def test_a_revoked_log_key_is_not_cosigned(state: WitnessState, log: MemoryLog) -> None:
    """From the moment of its revocation on."""
    revoked = NOW + timedelta(hours=1)

    def key_set(at: datetime) -> TrustedKeySet:
        return log.key_set(at, revoked)

    watch(state, log, key_set=key_set, at=revoked - timedelta(seconds=1))
    with pytest.raises(NotCosigned) as caught:
        watch(state, log, key_set=key_set, at=revoked)
    assert caught.value.name == "KEY_REVOKED"


def test_a_key_set_out_of_date_is_not_enough(state: WitnessState, log: MemoryLog) -> None:
    """Nor is one that no pinned root vouches for."""
    with pytest.raises(NotCosigned) as caught:
        watch(state, log, at=NOW + timedelta(days=2))
    assert caught.value.name == "KEYSET_EXPIRED"

    def untrusted(_at: datetime) -> TrustedKeySet:
        raise RefusedError(Refusal.KEYSET_UNTRUSTED, "by nobody")

    with pytest.raises(NotCosigned) as caught:
        watch(state, log, key_set=untrusted)
    assert caught.value.name == "KEYSET_UNTRUSTED"


def test_two_witnesses_under_one_checkpoint(tmp_path: Path, log: MemoryLog) -> None:
    """The second signs what the first signed, though the log has grown meanwhile."""
    one, two = WitnessState(tmp_path / "one"), WitnessState(tmp_path / "two")
    watch(two, log)
    log.grow(7)
    first = watch(one, log)
    log.grow(300)
    both = watch(two, log, given=first.note.encode())
    witnesses = tuple(trusted_witness(each.cosigner()) for each in (one, two))
    assert both.checkpoint.size == 12
    assert attested_time(parse_checkpoint(both.note), Trust(frozenset(), 0, witnesses, 2))


def test_a_given_checkpoint_may_be_too_old(state: WitnessState, log: MemoryLog) -> None:
    """That is nobody's fault, and is not signed."""
    old = log.checkpoint()
    log.grow(1)
    watch(state, log)
    with pytest.raises(NotCosigned) as caught:
        watch(state, log, given=old)
    assert caught.value.name == "OLDER_THAN_SEEN"


def test_the_key_stays(tmp_path: Path) -> None:
    """Made once, for its owner only, under the name given then."""
    made = WitnessState(tmp_path / "state").cosigner("hà-nội")
    again = WitnessState(tmp_path / "state").cosigner()
    assert again.verifier == made.verifier
    assert again.verifier.startswith("hà-nội=")
    assert (tmp_path / "state" / "witness.key").stat().st_mode & 0o077 == 0
    with pytest.raises(StateError, match="not of another"):
        WitnessState(tmp_path / "state").cosigner("another")


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\nb"])
def test_a_name_that_no_note_may_have(state: WitnessState, name: str) -> None:
    """It would make signature lines that nobody can read."""
    with pytest.raises(StateError, match="without blanks"):
        state.cosigner(name)


@pytest.mark.parametrize("at", [0, 12, 20, -3, -2])
def test_a_damaged_key_is_not_used(tmp_path: Path, at: int) -> None:
    """One character changed, anywhere; no other key takes its place."""
    WitnessState(tmp_path / "state").cosigner("witness")
    path = tmp_path / "state" / "witness.key"
    text = path.read_text()
    changed = list(text)
    changed[at] = "A" if changed[at] != "A" else "B"
    path.write_text("".join(changed))
    with pytest.raises(StateError, match="damaged"):
        WitnessState(tmp_path / "state").cosigner()


@pytest.mark.parametrize("content", [b"", b"log\n5\n", b"\xff"])
def test_a_damaged_memory_is_not_forgotten(tmp_path: Path, log: MemoryLog, content: bytes) -> None:
    """A witness that began anew by itself could be made to."""
    state = WitnessState(tmp_path / "state")
    watch(state, log)
    (path,) = (tmp_path / "state").glob("*.checkpoint")
    path.write_bytes(content)
    with pytest.raises(StateError, match="damaged"):
        watch(state, log)


def test_a_memory_of_another_log(tmp_path: Path, log: MemoryLog) -> None:
    """A file that was copied over another is noticed."""
    state = WitnessState(tmp_path / "state")
    watch(state, log)
    (path,) = (tmp_path / "state").glob("*.checkpoint")
    path.write_bytes(replace(log, origin="other").checkpoint())
    with pytest.raises(StateError, match="another log, other"):
        watch(state, log)


def test_a_memory_that_cannot_be_written(tmp_path: Path, log: MemoryLog) -> None:
    """Nothing is signed that would not be remembered."""
    state = WitnessState(tmp_path / "state")
    watch(state, log)
    (path,) = (tmp_path / "state").glob("*.checkpoint")
    path.with_name(path.name + ".new").mkdir()  # where the new one is drafted
    log.grow(1)
    with pytest.raises(OSError, match=r"directory|permitted"):
        watch(state, log)
    assert remembered_size(state, log) == 5


def test_killed_before_the_signature_leaves(tmp_path: Path) -> None:
    """What it remembers is on the disk before it signs: killed between, it signs the same later."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.support.killed_witness", str(tmp_path / "state")],
        cwd=ROOT,
        check=False,
        capture_output=True,
    )
    assert done.returncode == -9, done.stderr
    log = MemoryLog()
    log.grow(5)
    state = WitnessState(tmp_path / "state")
    assert remembered_size(state, log) == 5
    del log.leaves[4:]
    with pytest.raises(LogMisbehaved):  # a log that was set back meanwhile is caught
        watch(state, log)
    log.grow(1)
    assert watch(state, log).checkpoint.size == 5
