"""Profiles of the simulator: draws that repeat, distributions, and what makes no sense."""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import dancu.v1
from gateway.core.latency import (
    REAL_LINK,
    Constant,
    Latency,
    LogNormal,
    Percentiles,
    Uniform,
)
from gateway.core.model import Effect
from gateway.core.profile import (
    LOST,
    TIMEOUT,
    Outage,
    Profile,
    Throttle,
    decisive,
    draw,
    drip,
    fate,
)
from gateway.core.profile_rules import KNOWN_RPCS, profile_faults
from gateway.policies.file import PolicyFileError
from gateway.policies.profiles import load_profiles

VERIFY = "dancu.v1.IdentityService/VerifyIdentity"
BUSY = Profile(
    "busy",
    seed=7,
    latency=Uniform(0.1, 0.3),
    faults=(("UNAVAILABLE", 0.2), ("INTERNAL", 0.1)),
    timeouts=0.1,
    lost_answers=0.1,
    wrong_signatures=0.2,
    expired_keys=0.3,
)
FILE = """
[[profile]]
name = "slow"
caller = "moj-*"
rpc = "VerifyIdentity"
seed = 7
latency = "real-link"
faults = { UNAVAILABLE = 0.01, INTERNAL = 0.002 }
timeouts = 0.001
lost_answers = 0.003
outages = [
  { after = 60, duration = 30, every = 600 },
  { at = 2026-01-01T12:00:00+07:00, duration = 5 },
]
throttle = { per_second = 100, burst = 20 }
drip = { low = 0.1, high = 0.2 }
wrong_signatures = 0.01
expired_keys = 0.02

[[profile]]
name = "others"
latency = { median = 0.2, sigma = 0.8 }
drip = { percentiles = [[50, 0.1], [99.9, 2]] }
"""


def test_a_profile_repeats_itself() -> None:
    """The same seed and number, the same fate; another seed, another one."""
    first = [fate(BUSY, number) for number in range(200)]
    assert [fate(BUSY, number) for number in range(200)] == first
    assert [fate(replace(BUSY, seed=8), number) for number in range(200)] != first


def test_draws_are_the_same_everywhere() -> None:
    """BLAKE2b of seed, number and name, 53 bits of it, worked out apart from the code."""
    assert draw(7, 0, "latency") == 0.7274754962988593
    assert draw(2**64 - 1, 10**9, "ending") == 0.1538470954358231


def test_shares_are_kept() -> None:
    """Of many calls each ending gets its share, and so do the signatures."""
    fates = [fate(BUSY, number) for number in range(20_000)]
    endings = Counter(one.ending for one in fates)
    for ending, share in (("UNAVAILABLE", 0.2), ("INTERNAL", 0.1), (TIMEOUT, 0.1), (LOST, 0.1)):
        assert endings[ending] / len(fates) == pytest.approx(share, abs=0.012)
    effects = Counter(effect for one in fates for effect in one.effects)
    assert effects[Effect.WRONG_SIGNATURE] / len(fates) == pytest.approx(0.2, abs=0.012)
    assert effects[Effect.EXPIRED_KEY] / len(fates) == pytest.approx(0.3, abs=0.012)
    assert not any({Effect.WRONG_SIGNATURE, Effect.EXPIRED_KEY} <= {*one.effects} for one in fates)
    assert all(0.1 <= one.delay <= 0.3 for one in fates)


def test_effects_stand_in_the_order_of_their_numbers() -> None:
    """A stream that drips says so; an ordinary call does not."""
    profile = Profile("all", latency=Constant(1), lost_answers=1, drip=Constant(2), expired_keys=1)
    assert fate(profile, 0, streams=True).effects == (1, 2, 3, 5)
    assert fate(profile, 0).effects == (1, 3, 5)
    assert drip(profile, 0, 0) == 2
    assert fate(Profile("none"), 0) == (0.0, "", ())


@pytest.mark.parametrize(
    ("latency", "share", "seconds"),
    [
        (Constant(0.5), 0.9, 0.5),
        (Uniform(1, 3), 0.25, 1.5),
        (LogNormal(0.2, 0.8), 0.5, 0.2),
        (LogNormal(0.2, 5, at_most=1), 0.999, 1),
        (Percentiles(((50, 1), (90, 5))), 0.7, 3),
        (Percentiles(((50, 1), (90, 5))), 0.1, 1),
        (Percentiles(((50, 1), (90, 5))), 0.95, 5),
        (REAL_LINK, 0.5, 0.18),
        (REAL_LINK, 0.99, 1.8),
    ],
)
def test_a_distribution_is_what_it_says(latency: Latency, share: float, seconds: float) -> None:
    """At a place among all calls, the time that the distribution has there."""
    assert latency.at(share) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("outage", "now", "left"),
    [
        (Outage(60, 30), 1059, 0),
        (Outage(60, 30), 1060, 30),
        (Outage(60, 30), 1089, 1),
        (Outage(60, 30), 1090, 0),
        (Outage(60, 30, every=600), 1000 + 60 + 1200 + 10, 20),
        (Outage(60, 30, every=600), 1000, 0),
        (Outage(2000, 5, by_clock=True), 2001, 4),
        (Outage(2000, 5, by_clock=True), 1999, 0),
    ],
)
def test_outages_begin_and_end(outage: Outage, now: float, left: float) -> None:
    """From the moment that the profile was set, here 1000, or by the clock."""
    assert Profile("out", outages=(outage,)).outage_left(now, 1000) == left


@pytest.mark.parametrize(
    ("caller", "rpc", "name"),
    [
        ("moj-1", VERIFY, "one"),
        ("moj-2", VERIFY, "ministry"),
        ("moj-2", "dancu.v1.IdentityService/LookupCitizen", "ministry"),
        ("moh", VERIFY, "verify"),
        ("moh", "dancu.v1.IdentityService/BatchVerifyIdentities", "identity"),
        ("moh", "dancu.v1.SyncService/WatchChanges", None),
    ],
)
def test_the_closest_profile_decides(caller: str, rpc: str, name: str | None) -> None:
    """First the longest caller, then the longest RPC; in full is closest of all."""
    profiles = [
        Profile("identity", rpc="dancu.v1.IdentityService/*"),
        Profile("verify", rpc="VerifyIdentity"),
        Profile("ministry", caller="moj-*"),
        Profile("one", caller="moj-1", rpc="Verify*"),
    ]
    found = decisive(profiles, caller, rpc)
    assert (found.name if found else None) == name


@pytest.mark.parametrize(
    ("profile", "field"),
    [
        (Profile("Slow"), "name"),
        (Profile("s", caller="a*b"), "caller"),
        (Profile("s", rpc=""), "rpc"),
        (Profile("s", rpc="VerifyIdentitty"), "rpc"),
        (Profile("s", rpc="dancu.v1.SyncServices/*"), "rpc"),
        (Profile("s", timeouts=-0.1), "faults"),
        (Profile("s", timeouts=0.6, lost_answers=0.6), "faults"),
        (Profile("s", faults=(("OK", 0.1),)), "faults"),
        (Profile("s", wrong_signatures=0.6, expired_keys=0.6), "wrong_signature_share"),
        (Profile("s", latency=Constant(float("nan"))), "latency"),
        (Profile("s", latency=Uniform(2, 1)), "latency"),
        (Profile("s", latency=LogNormal(1, 6)), "latency"),
        (Profile("s", drip=Percentiles(())), "drip"),
        (Profile("s", drip=Percentiles(((50, 2), (90, 1)))), "drip"),
        (Profile("s", drip=Percentiles(((50, 1), (101, 2)))), "drip"),
        (Profile("s", outages=(Outage(0, 0),)), "outages"),
        (Profile("s", outages=(Outage(-1, 1),)), "outages"),
        (Profile("s", outages=(Outage(float("inf"), 1, by_clock=True),)), "outages"),
        (Profile("s", throttle=Throttle(0)), "throttle"),
        (Profile("s", throttle=Throttle(1, 0)), "throttle"),
    ],
)
def test_what_makes_no_sense_is_named(profile: Profile, field: str) -> None:
    """One violation, of the field at fault."""
    assert [one.field for one in profile_faults(profile)] == [f"profile.{field}"]


def test_the_rpcs_that_a_profile_may_name() -> None:
    """All of the contract, and no other; whoever names another is told them."""
    contract = {
        f"{service.full_name}/{method.name}"
        for module in pkgutil.iter_modules(dancu.v1.__path__, "dancu.v1.")
        if module.name.endswith("_pb2")
        for service in importlib.import_module(module.name).DESCRIPTOR.services_by_name.values()
        for method in service.methods
    }
    assert set(KNOWN_RPCS) == contract
    (fault,) = profile_faults(Profile("s", rpc="Verifi*"))
    assert "VerifyIdentity, BatchVerifyIdentities" in fault.message_en


def test_what_makes_sense_is_taken() -> None:
    """The profiles of this page have no faults."""
    assert profile_faults(BUSY) == profile_faults(Profile("a-1", latency=REAL_LINK)) == []


def test_profiles_from_a_file(tmp_path: Path) -> None:
    """Every key is read."""
    path = tmp_path / "profiles.toml"
    path.write_text(FILE, "utf-8")
    slow, others = load_profiles(path)
    assert slow == Profile(
        "slow",
        "moj-*",
        "VerifyIdentity",
        7,
        REAL_LINK,
        (("UNAVAILABLE", 0.01), ("INTERNAL", 0.002)),
        0.001,
        0.003,
        (Outage(60, 30, 600), Outage(1767243600, 5, by_clock=True)),
        Throttle(100, 20),
        Uniform(0.1, 0.2),
        0.01,
        0.02,
    )
    assert others.latency == LogNormal(0.2, 0.8)
    assert others.drip == Percentiles(((50, 0.1), (99.9, 2)))


def test_mistakes_of_a_file_are_told_together(tmp_path: Path) -> None:
    """Each with its line."""
    path = tmp_path / "profiles.toml"
    path.write_text(
        '[[profile]]\nname = "a"\nlatency = "light"\n\n[[profile]]\nspeed = 1\n\n'
        '[[profile]]\nname = "b"\ntimeouts = 2.0\n\n[[profile]]\nname = "b"\n',
        "utf-8",
    )
    with pytest.raises(PolicyFileError) as caught:
        load_profiles(path)
    told = [(one.line, one.key) for one in caught.value.problems]
    assert told == [(3, "latency"), (5, "name"), (6, "speed"), (10, "timeouts"), (13, "name")]
