"""Scenarios as TOML: those that come with dancu, and your own.

docs/load-testing.md has all fields.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from clients.loadtest.arrivals import Spacing
from clients.loadtest.errors import LoadError
from clients.loadtest.fields import Document, Table
from clients.loadtest.national import Nation
from clients.loadtest.scenario import (
    IN_BULK,
    MOST_RECORDS,
    Caller,
    Flow,
    Kind,
    NationalDay,
    Part,
    Rpc,
    Saturation,
    Scenario,
    Shape,
    Spelling,
    Steady,
    Sweep,
)
from clients.loadtest.thresholds import Threshold

_TOP = ("about", "fail_if", "load", "client", "mix", "outcomes", "spellings", "callers")
_CLIENT = ("workers", "connections", "timeout", "max_in_flight")
_LOAD = ("kind", "duration", "warm_up", "arrivals", "seed", "and those of its kind")
_PART = ("rpc", "share", "records", "fields", "flow")
_CALLER = ("share", "credentials", "procedure", "unit", "officer", "units")


def built_in() -> dict[str, Scenario]:
    """The scenarios that come with dancu, by name."""
    folder = resources.files("clients.loadtest") / "scenarios"
    files = sorted((each for each in folder.iterdir() if each.name.endswith(".toml")), key=str)
    return {
        name: parse(name, file.read_text("utf-8"), Path())
        for file in files
        for name in (file.name.removesuffix(".toml"),)
    }


def find(name_or_path: str) -> Scenario:
    """A scenario by its name, or by the path of a TOML file.

    Raises:
        LoadError: There is none, or something is wrong with it.
    """
    known = built_in()
    if name_or_path in known:
        return known[name_or_path]
    path = Path(name_or_path)
    try:
        return parse(str(path), path.read_text("utf-8"), path.parent)
    except OSError as error:
        if path.suffix == ".toml":
            raise LoadError(f"cannot read {path}: {error.strerror}") from None
        names = ", ".join(known)
        raise LoadError(f"no scenario {name_or_path!r}; there is {names}, or a FILE.toml") from None
    except UnicodeDecodeError:
        raise LoadError(f"{path} is not UTF-8") from None


def parse(where: str, text: str, folder: Path) -> Scenario:
    """Read a scenario.

    Args:
        where: What its errors call it.
        text: The TOML.
        folder: From where it names files.

    Raises:
        LoadError: It names the line and the field that is wrong.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LoadError(f"{where}: {error}") from None
    top = Table(Document(where, text), "", values)
    about = top.text("about", "")
    fail_if = top.texts("fail_if")
    for each in fail_if:
        top.checked("fail_if", each, Threshold.parse)
    load, client = top.table("load"), top.table("client")
    shape = _shape(load)
    scenario = Scenario(
        name=Path(where).stem,
        about=about,
        shape=shape,
        mix=_mix(top, nation=isinstance(shape, NationalDay)),
        outcomes=top.shares("outcomes", Kind, {Kind.KNOWN: 1.0}),
        spellings=top.shares("spellings", Spelling, {Spelling.REGISTERED: 1.0}),
        callers=tuple(_caller(each, folder) for each in top.tables("callers")) or (Caller(),),
        duration=load.number("duration", _usual(shape), above=True),
        warm_up=load.number("warm_up", 3.0),
        spacing=load.choice("arrivals", Spacing, Spacing.EVEN),
        seed=load.whole("seed", 1, low=0),
        connections=client.whole("connections", 4, low=1, high=1000),
        workers=client.whole("workers", None, low=1, high=256),
        timeout=client.number("timeout", 10.0, above=True),
        max_in_flight=client.whole("max_in_flight", 2000, low=1),
        fail_if=fail_if,
    )
    for table, known in ((load, _LOAD), (client, _CLIENT), (top, _TOP)):
        table.finish(known)
    return scenario


def _usual(shape: Shape) -> float | None:
    """How long a scenario lasts that does not say so; None: as long as it takes."""
    return 30.0 if isinstance(shape, Steady | Saturation) else None


def _shape(load: Table) -> Shape:
    kind = load.text("kind")
    reader = _SHAPES.get(kind)
    if reader is None:
        load.fail("kind", f"must be one of {', '.join(_SHAPES)}, not {kind!r}")
    return reader(load)


def _steady(load: Table) -> Shape:
    return Steady(load.number("rate", above=True))


def _saturation(load: Table) -> Shape:
    return Saturation(load.whole("in_flight", low=1))


def _sweep(load: Table) -> Shape:
    found = Sweep(
        first=load.number("first", above=True),
        last=load.number("last", above=True),
        factor=load.number("factor", 1.5, low=1.0, above=True),
        refine=load.whole("refine", 2, low=0, high=10),
        step=load.number("step", 10.0, above=True),
        p99_ms=load.number("p99_ms", 100.0, above=True),
        answered=load.number("answered", 0.98, above=True),
    )
    if found.last < found.first:
        load.fail("last", "must not be below first")
    return found


def _national_day(load: Table) -> Shape:
    return NationalDay(
        _nation(load),
        scale=load.number("scale", 1.0, above=True),
        compress=load.number("compress", 1.0, above=True),
        start=load.number("start", 0.0),
    )


def _nation(load: Table) -> Nation:
    nation = Nation(
        look_ups=load.number("look_ups", above=True),
        syncs=load.number("syncs", above=True),
        working_days=load.number("working_days", above=True),
        counter_share=load.number("counter_share"),
        counter_hours=load.points("counter_hours"),
        bulk_hours=load.points("bulk_hours"),
    )
    if nation.counter_share > 1:
        load.fail("counter_share", "must be 0 to 1")
    return nation


_SHAPES: dict[str, Callable[[Table], Shape]] = {
    "rate": _steady,
    "sweep": _sweep,
    "saturation": _saturation,
    "national-day": _national_day,
}


def _mix(top: Table, *, nation: bool) -> tuple[Part, ...]:
    parts = tuple(_part(each, nation=nation) for each in top.tables("mix"))
    if not parts:
        top.fail("mix", "is missing; write [[mix]] and an rpc")
    if not sum(part.share for part in parts):
        top.fail("mix", "the shares must not all be 0")
    missing = sorted(set(Flow) - {part.flow for part in parts if part.share})
    if nation and missing:
        top.fail("mix", f"a national day needs a part with flow = {str(missing[0])!r}")
    return parts


def _part(table: Table, *, nation: bool) -> Part:
    rpc = table.choice("rpc", Rpc)
    records = table.whole("records", 500 if rpc in IN_BULK else 1, low=1, high=MOST_RECORDS)
    if records > 1 and rpc not in IN_BULK:
        table.fail("records", f"{rpc} is about one person; use {', '.join(sorted(IN_BULK))}")
    fields = table.texts("fields")
    if fields and rpc is not Rpc.LOOKUP:
        table.fail("fields", f"only {Rpc.LOOKUP} asks for fields")
    share = table.number("share", 1.0)
    flow = table.choice("flow", Flow) if nation else Flow.COUNTERS
    table.finish(_PART)
    return Part(rpc, share, records, fields, flow)


def _caller(table: Table, folder: Path) -> Caller:
    credentials = table.text("credentials", None)
    found = Caller(
        share=table.number("share", 1.0, above=True),
        credentials=folder / credentials if credentials else None,
        procedure=table.text("procedure", ""),
        unit=table.text("unit", ""),
        officer=table.text("officer", ""),
        units=table.whole("units", 0, low=0, high=100_000),
    )
    table.finish(_CALLER)
    return found
