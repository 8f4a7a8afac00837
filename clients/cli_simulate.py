"""``dancu simulate``: make a running simulator slow or unreliable, and bring it back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, TypeVar

import grpc
import typer
from google.protobuf.json_format import MessageToDict
from rich import box
from rich.console import Console
from rich.table import Table

from clients import profile_options as options
from clients.cli_errors import NO_ANSWER, UsageError, fail, plain_errors
from clients.cli_options import Json
from clients.render import print_json
from clients.sdk import Refused
from clients.sdk.switches import Switches
from dancu.control.v1 import profile_pb2 as pb

DEFAULT_CONTROL = "127.0.0.1:50053"
_EVERY = "*"
_TABLE_WIDTH = 160  # in a pipe: no line is broken

app = typer.Typer(
    help="Make a running simulator slow or unreliable, and bring it back.", no_args_is_help=True
)

_A = TypeVar("_A")
_Control = Annotated[
    str, typer.Option(metavar="HOST:PORT", help="The control port of the simulator.")
]
_Name = Annotated[str, typer.Argument(help="Of the profile; one of this name is replaced.")]
_Caller = Annotated[str, typer.Option(help="Whose calls: an id, or its beginning and *.")]
_Rpc = Annotated[
    str, typer.Option(help="Which calls: VerifyIdentity, Verify*, dancu.v1.SyncService/*.")
]
_Seed = Annotated[int, typer.Option(min=0, help="Another seed, other calls.")]
_Latency = Annotated[str, typer.Option(help=f"How late: {options.LATENCIES}.")]
_Faults = Annotated[
    list[str] | None,
    typer.Option(metavar="CODE=SHARE", help="Calls that fail, e.g. UNAVAILABLE=0.01."),
]
_Timeouts = Annotated[
    float, typer.Option(min=0, max=1, help="Share of calls that are never served.")
]
_LostAnswers = Annotated[
    float, typer.Option(min=0, max=1, help="Share of calls served whose answer is not sent.")
]
_Outages = Annotated[
    list[str] | None,
    typer.Option(
        metavar="START+DURATION[/EVERY]",
        help="When all fails: 60s+30s from now, 60s+30s/10m, or 2026-01-01T01:00Z+5m.",
    ),
]
_Throttle = Annotated[
    str, typer.Option(metavar="RATE[/BURST]", help="Calls a second; above that they fail.")
]
_Drip = Annotated[str, typer.Option(help="How late each message of a stream; as --latency.")]
_WrongSignatures = Annotated[
    float, typer.Option(min=0, max=1, help="Share of answers signed wrong.")
]
_ExpiredKeys = Annotated[
    float, typer.Option(min=0, max=1, help="Share of answers signed with a retired key.")
]


@app.callback()
def simulate() -> None:
    """Make a running simulator slow or unreliable, and bring it back."""


@app.command("list")
def list_(*, json: Json = False, control: _Control = DEFAULT_CONTROL) -> None:
    """The profiles in force, and how many calls met them.

    Exits 0 listed, 3 refused or unreachable.
    """
    with plain_errors("--control"):
        found = asyncio.run(_ask(control, lambda switches: switches.list_profiles()))
        _show(found, json=json)


@app.command("set")
def set_(
    name: _Name,
    *,
    caller: _Caller = _EVERY,
    rpc: _Rpc = _EVERY,
    seed: _Seed = 0,
    latency: _Latency = "",
    fault: _Faults = None,
    timeouts: _Timeouts = 0,
    lost_answers: _LostAnswers = 0,
    outage: _Outages = None,
    throttle: _Throttle = "",
    drip: _Drip = "",
    wrong_signatures: _WrongSignatures = 0,
    expired_keys: _ExpiredKeys = 0,
    json: Json = False,
    control: _Control = DEFAULT_CONTROL,
) -> None:
    """Put a profile in force, at once and until it is cleared or the gateway stops.

    What happens to call n of a caller and RPC depends on profile, seed and n alone. Every answer
    so affected says so in its header and in the access log.

    Exits 0 set, 2 bad usage, 3 refused or unreachable.
    """
    with plain_errors("--control"):
        profile = pb.Profile(
            name=name,
            caller=caller,
            rpc=rpc,
            seed=seed,
            latency=options.latency(latency) if latency else None,
            faults=map(options.fault, fault or ()),
            timeout_share=timeouts,
            lost_answer_share=lost_answers,
            outages=map(options.outage, outage or ()),
            throttle=options.throttle(throttle) if throttle else None,
            drip=options.latency(drip) if drip else None,
            wrong_signature_share=wrong_signatures,
            expired_key_share=expired_keys,
        )
        _require_a_use(profile)
        found = asyncio.run(_ask(control, lambda switches: switches.set_profile(profile)))
        _show([found], json=json)


@app.command()
def clear(
    name: Annotated[str, typer.Argument(help="Of the profile; all of them, when left out.")] = "*",
    *,
    json: Json = False,
    control: _Control = DEFAULT_CONTROL,
) -> None:
    """Take a profile out of force, or all.

    Exits 0 cleared, 3 refused (there is none of this name) or unreachable.
    """
    with plain_errors("--control"):
        names = asyncio.run(_ask(control, lambda switches: switches.clear_profile(name)))
    if json:
        print_json({"cleared": list(names)})
    else:
        typer.echo(f"cleared: {', '.join(names) or 'there was none'}")


@app.command()
def reset(*, json: Json = False, control: _Control = DEFAULT_CONTROL) -> None:
    """Bring register and personas back to what they were built as.

    The register's revision goes on, and whoever follows it is told to read the people anew. The
    log, events that were reported, quotas, sessions and watch lists stay. A register of a million
    takes about as long as building it.

    Exits 0 brought back, 3 refused or unreachable.
    """
    with plain_errors("--control"):
        done = asyncio.run(_ask(control, lambda switches: switches.reset()))
    day = done.data_as_of
    told = {
        "register_revision": done.register_revision,
        "data_as_of": f"{day.year:04d}-{day.month:02d}-{day.day:02d}",
        "changed_rows": done.changed_rows,
    }
    if json:
        print_json(told)
        return
    rows = "1 row" if done.changed_rows == 1 else f"{done.changed_rows} rows"
    typer.echo(
        f"brought back: {rows}; the register is of {told['data_as_of']}, at "
        f"revision {told['register_revision']}"
    )


async def _ask(control: str, question: Callable[[Switches], Awaitable[_A]]) -> _A:
    async with Switches(control) as switches:
        try:
            return await question(switches)
        except Refused as error:
            if error.code is not grpc.StatusCode.UNIMPLEMENTED:
                raise
            fail(
                f"{control} is not a control port: by default that is the gRPC port + 2, and "
                "a gateway without the simulator has no switches there",
                NO_ANSWER,
            )


def _require_a_use(profile: pb.Profile) -> None:
    """UsageError when it does nothing to anybody; one for some calls spares them another."""
    if not options.described(profile) and profile.caller == profile.rpc == _EVERY:
        raise UsageError(
            f"{profile.name} would do nothing: name an effect, e.g. --latency real-link; or, to"
            " spare some calls what another profile does, --caller or --rpc"
        )


def _show(found: Sequence[pb.ProfileInForce], *, json: bool) -> None:
    if json:
        print_json([MessageToDict(one, preserving_proto_field_name=True) for one in found])
        return
    table = Table(box=box.SIMPLE)
    for name in ("name", "caller", "rpc", "what", "calls", "met"):
        table.add_column(name, overflow="fold")
    for one in found:
        profile = one.profile
        met = "\n".join(f"{count.what} {count.count}" for count in one.counts)
        what = "\n".join(options.described(profile))
        table.add_row(profile.name, profile.caller, profile.rpc, what, str(one.calls), met)
    console = Console(highlight=False)
    wide = console if console.is_terminal else Console(highlight=False, width=_TABLE_WIDTH)
    wide.print(table if found else "no profile is in force")
