"""Scenario files: what is in them, and errors that name the field and the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.loadtest.errors import LoadError
from clients.loadtest.overrides import Overrides
from clients.loadtest.scenario import (
    Caller,
    Kind,
    NationalDay,
    Rpc,
    Saturation,
    Spelling,
    Steady,
    Sweep,
)
from clients.loadtest.scenario_file import built_in, find, parse
from clients.loadtest.toml_lines import lines_of

WHOLE = """\
about = "All there is"
fail_if = ["p99_ms > 50"]

[load]
kind = "rate"
rate = 20
duration = 5
warm_up = 1
arrivals = "poisson"
seed = 9

[client]
workers = 2
connections = 3
timeout = 2.5
max_in_flight = 100

[[mix]]
rpc = "LookupCitizen"
share = 2
fields = ["name", "status"]

[[mix]]
rpc = "ReconcileCitizens"
records = 7

[outcomes]
known = 3
wrong_name = 1
old_number = 0

[spellings]
joined = 1

[[callers]]
share = 2
credentials = "H26.toml"
procedure = "1.001"
unit = "000.H26"
officer = "CB-1"
units = 78

[[callers]]
"""


def line_of(text: str, start: str) -> int:
    """The line that begins so."""
    return next(at for at, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def test_every_field(tmp_path: Path) -> None:
    """Each field arrives where it belongs; files are named from where the scenario lies."""
    found = parse("mine.toml", WHOLE, tmp_path)
    assert (found.name, found.about, found.fail_if) == ("mine", "All there is", ("p99_ms > 50",))
    assert found.shape == Steady(20.0)
    assert (found.duration, found.warm_up, found.spacing, found.seed) == (5.0, 1.0, "poisson", 9)
    assert (found.workers, found.connections, found.timeout, found.max_in_flight) == (
        2,
        3,
        2.5,
        100,
    )
    assert [(part.rpc, part.share, part.records) for part in found.mix] == [
        (Rpc.LOOKUP, 2.0, 1),
        (Rpc.RECONCILE, 1.0, 7),
    ]
    assert found.mix[0].fields == ("name", "status")
    assert found.outcomes == {Kind.KNOWN: 3.0, Kind.WRONG_NAME: 1.0}
    assert found.spellings == {Spelling.JOINED: 1.0}
    assert found.callers == (
        Caller(2.0, tmp_path / "H26.toml", "1.001", "000.H26", "CB-1", 78),
        Caller(),
    )


def test_built_in() -> None:
    """What comes with dancu can be read, says what it does, and has each of the four kinds."""
    found = built_in()
    assert all(each.about for each in found.values())
    assert {type(each.shape) for each in found.values()} == {Steady, Sweep, Saturation, NationalDay}
    assert found["saturation"].closed_loop
    assert "CLOSED LOOP" in found["saturation"].about


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("warm_up = 1", "warm_up = -1", "warm_up", "load.warm_up: must be at least 0"),
        ("rate = 20", "rate = 0", "rate = 0", "load.rate: must be more than 0"),
        ("rate = 20", 'rate = "fast"', "rate = ", "load.rate: must be a number, not 'fast'"),
        ("rate = 20", "", "[load]", "load.rate: is missing"),
        ("rate = 20", "rate = 20\nspeed = 3", "speed", "load.speed: is not known here"),
        ('kind = "rate"', 'kind = "burst"', "kind", "load.kind: must be one of rate, sweep"),
        ("seed = 9", "seed = 1.5", "seed", "load.seed: must be a whole number"),
        ("connections = 3", "connections = 0", "connections", "client.connections: must be 1 to"),
        ('rpc = "LookupCitizen"', 'rpc = "Look"', "rpc", "mix[0].rpc: must be one of VerifyI"),
        ("records = 7", "records = 1001", "records", "mix[1].records: must be 1 to 1000"),
        ("records = 7", 'fields = ["name"]', 'fields = ["name"]', "mix[1].fields: only Lookup"),
        ("records = 7", "[x]", "[x]", "x: is not known here"),
        ("share = 2\nfields", "records = 2\nfields", "records = 2", "mix[0].records: LookupCit"),
        ("wrong_name = 1", "wrong_nam = 1", "wrong_nam", "outcomes.wrong_nam: is not known here"),
        ("joined = 1", "joined = 0", "[spellings]", "spellings: the shares must not all be 0"),
        ("units = 78", 'units = "many"', "units", "callers[0].units: must be a whole number"),
        ("p99_ms > 50", "p99_ms !! 50", "fail_if", "fail_if: 'p99_ms !! 50' is no condition"),
    ],
)
def test_errors_name_field_and_line(old: str, new: str, line: str, said: str) -> None:
    """What is wrong is told with the line where it stands, and the field's whole name."""
    text = WHOLE.replace(old, new, 1)
    with pytest.raises(LoadError) as found:
        parse("mine.toml", text, Path())
    assert str(found.value).startswith(f"mine.toml:{line_of(text, line)}: {said}")


def test_syntax_error() -> None:
    """What is no TOML is told with its line, too."""
    with pytest.raises(LoadError, match=r"mine.toml: .*line 2"):
        parse("mine.toml", "[load]\nkind = rate\n", Path())


def test_no_mix() -> None:
    """A scenario that calls nothing is none."""
    with pytest.raises(LoadError, match=r"mix: is missing"):
        parse("mine.toml", '[load]\nkind = "rate"\nrate = 1\n', Path())


def test_a_nation_needs_all_its_flows() -> None:
    """A national day without a part for its syncs is refused."""
    text = """
[load]
kind = "national-day"
look_ups = 1
syncs = 1
working_days = 1
counter_share = 0.5
counter_hours = [[8, 1], [9, 2]]
bulk_hours = [[0, 1]]
[[mix]]
rpc = "VerifyIdentity"
flow = "counters"
"""
    with pytest.raises(LoadError, match="needs a part with flow = 'bulk'"):
        parse("mine.toml", text, Path())


def test_hours_must_ascend() -> None:
    """The hours of a shape are checked."""
    text = '[load]\nkind = "national-day"\nlook_ups = 1\nsyncs = 1\nworking_days = 1\n'
    text += "counter_share = 0.5\ncounter_hours = [[9, 1], [8, 2]]\n"
    with pytest.raises(LoadError, match=r"mine.toml:7: load.counter_hours: the hours must ascend"):
        parse("mine.toml", text, Path())


def test_find(tmp_path: Path) -> None:
    """A scenario is found by its name or its path; else the names there are are told."""
    path = tmp_path / "mine.toml"
    path.write_text(WHOLE, "utf-8")
    assert find("steady").name == "steady"
    assert find(str(path)).name == "mine"
    with pytest.raises(LoadError, match="no scenario 'stedy'; there is bulk, national-day"):
        find("stedy")
    with pytest.raises(LoadError, match="cannot read"):
        find(str(tmp_path / "other.toml"))


def test_lines() -> None:
    """Tables, arrays of tables, dotted fields and comments are told apart."""
    text = 'a = 1\n[b]  # b\n"x" = 1\nc . d = 2\n[[e]]\nf = 1\n[[e]]\nf = 2\n'
    assert lines_of(text) == {
        "a": 1, "b": 2, "b.c.d": 4, "e[0]": 5, "e[0].f": 6, "e[1]": 7, "e[1].f": 8,
    }  # fmt: skip


def test_overrides() -> None:
    """Options change what they name, and nothing else."""
    scenarios = built_in()
    steady = Overrides(rate=7.0, duration=2.0, seed=5).applied(scenarios["steady"])
    assert (steady.shape, steady.duration, steady.seed) == (Steady(7.0), 2.0, 5)
    assert steady.warm_up == scenarios["steady"].warm_up
    nation = Overrides(scale=0.5, compress=60.0, start=8.0).applied(scenarios["national-day"]).shape
    assert isinstance(nation, NationalDay)
    assert (nation.scale, nation.compress, nation.start) == (0.5, 60.0, 8.0)
    sweep = Overrides(duration=3.0).applied(scenarios["sweep"]).shape
    assert isinstance(sweep, Sweep)
    assert sweep.step == 3.0


@pytest.mark.parametrize(
    ("scenario", "given", "said"),
    [
        ("sweep", Overrides(rate=1.0), "--rate does not fit sweep"),
        ("saturation", Overrides(rate=1.0), "closed loop has none"),
        ("national-day", Overrides(rate=1.0), "use --scale and --compress"),
        ("steady", Overrides(scale=0.1), "--scale is for a national day"),
    ],
)
def test_overrides_that_do_not_fit(scenario: str, given: Overrides, said: str) -> None:
    """An option that means nothing to a scenario is refused, with what to use instead."""
    with pytest.raises(LoadError, match=said):
        given.applied(built_in()[scenario])
