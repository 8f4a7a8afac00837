"""A morning at the counter: three dossiers, and the proof of them when the gateway is gone.

    python -m clients.procedures.demo morning FOLDER --server 127.0.0.1:50051 --data-dir .dancu
    python -m clients.procedures.demo check FOLDER --data-dir .dancu

Needs the simulator's people as they were at first (docs/personas.md), and a caller that may report
events and see who looked: ``dancu dev --as explain``. Both end with an error when anything is not
as it should be. ``make demo`` runs them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from clients import receipts
from clients.procedures import birth, death
from clients.procedures.counter import Counter, Stopped
from clients.procedures.dossier import Dossier
from clients.procedures.following import Books
from clients.sdk import CallContext, ChangeKind, Claim, EventState, Gateway, Sex, Trust

PATIENCE = 60.0  # seconds that changes may take to come back
OFFICE = "UBND phường Giả Định"
CONTEXT = CallContext("DEMO.COUNTER", "000.00.00.G01", "DEMO-OFFICER")

FATHER = Claim(personal_id="079088000001", full_name="Trần Minh Khôi", birth_date="1988-03-14")
MOTHER = Claim(personal_id="079190000002", full_name="Hồ Thị Bích Thủy", birth_date="1990-09-02")
BORN = birth.BirthNotice(MOTHER, FATHER, "Trần Gia Bảo", "2025-12-28", Sex.MALE)

HUSBAND = Claim(personal_id="040048000014", full_name="Nguyễn Văn Tư", birth_date="1948")
WIDOW = Claim(personal_id="040152000015", full_name="Đặng Thị Lành", birth_date="1952-08")
DIED = death.DeathNotice(HUSBAND, WIDOW, "2025-12-30")

app = typer.Typer(help=__doc__.partition("\n")[0] if __doc__ else None)

_Folder = Annotated[Path, typer.Argument(help="Where dossiers and books lie.")]
_DataDir = Annotated[Path, typer.Option(help="Where root.pub and keyset.binpb are.")]


@app.command()
def morning(
    folder: _Folder,
    server: Annotated[str, typer.Option(metavar="HOST:PORT")] = "127.0.0.1:50051",
    data_dir: _DataDir = Path(".dancu"),
) -> None:
    """Take in a birth, the same birth again, and a death; then see what came back."""
    trust = Trust.from_files(data_dir / "root.pub", data_dir / "keyset.binpb")

    async def work() -> None:
        async with Gateway.connect(server, trust=trust, context=CONTEXT) as gateway:
            await _morning(gateway, folder)

    asyncio.run(work())


@app.command()
def check(folder: _Folder, data_dir: _DataDir = Path(".dancu")) -> None:
    """Check every statement of every dossier again, offline."""
    key_set = (data_dir / "keyset.binpb").read_bytes()
    trust = receipts.Trust(receipts.read_roots((data_dir / "root.pub").read_text("utf-8")))
    for place in sorted((folder / "dossiers").iterdir()):
        dossier = Dossier(place, place.name, "")
        for kept, verdict in dossier.verdicts(key_set, trust, datetime.now(UTC)):
            _say("auditor", f"{place.name}/{kept.file}: {verdict.result}")
            if verdict.result is not receipts.Result.VALID:
                _fail(f"{kept.file} verifies")


async def _morning(gateway: Gateway, folder: Path) -> None:
    counter = Counter(gateway, CONTEXT, OFFICE, _say)
    dossiers = folder / "dossiers"
    typer.echo("[in brackets: the signed statement that is kept in the dossier]")

    first = _dossier(dossiers, 1, birth.PROCEDURE, "a birth: certificate, residence, health card")
    watched = await counter.watch(first, [FATHER, MOTHER])
    born, _ = await birth.register_birth(counter, first, BORN)
    child = BORN.child(born.personal_id)
    await counter.watch(first, [child])

    second = _dossier(dossiers, 2, birth.PROCEDURE, "an aunt comes with the same birth")
    await _stops(birth.register_birth(counter, second, BORN), "POSSIBLE_DUPLICATE")

    third = _dossier(dossiers, 3, death.PROCEDURE, "a death: certificate, residence, allowance")
    await counter.watch(third, [HUSBAND, WIDOW])
    await death.register_death(counter, third, DIED)

    _part("What came back by the feed, of everybody who is watched")
    books = Books(folder / "books", watched.evidence.register_revision + 1)
    awaited = [(ChangeKind.RESIDENCE, child), (ChangeKind.HOUSEHOLD_HEAD, WIDOW)]
    if born.state is EventState.NUMBER_PENDING:
        awaited.append((ChangeKind.NUMBER_CONFIRMED, child))
    async with asyncio.timeout(PATIENCE):
        numbers = [(kind, person.personal_id) for kind, person in awaited]
        for change in await books.follow(gateway, numbers):
            _say("feed", f"{change.kind.name} {change.personal_id}: {', '.join(change.paths)}")

    _part("Who looked at the father's data, each proved to stand in the log")
    history = await gateway.list_accesses(**asdict(FATHER))
    for entry in history.entries:
        await gateway.prove_access(entry)
        what = f"{entry.rpc.rpartition('/')[2]} for {entry.procedure_code} {entry.dossier_id}"
        _say("log", f"{entry.leaf_index}.{entry.row_index} {entry.officer_masked}: {what}")
    if not {entry.dossier_id for entry in history.entries} >= {first.number, second.number}:
        _fail("both dossiers stand in the history")


async def _stops(procedure: Coroutine[Any, Any, object], why: str) -> None:
    """Run a procedure that must stop for this reason."""
    try:
        await procedure
    except Stopped as stopped:
        _say("counter", f"stops: {stopped}")
        if stopped.why == why:
            return
    _fail(f"it stops for {why}")


def _dossier(folder: Path, number: int, procedure: str, about: str) -> Dossier:
    name = f"G01-2026-{number:06d}"
    _part(f"Dossier {name}, {about}")
    return Dossier(folder / name, name, procedure)


def _part(title: str) -> None:
    typer.secho(f"\n{title}", bold=True)


def _say(who: str, what: str) -> None:
    typer.echo(f"  {who:<8} {what}")


def _fail(what: str) -> NoReturn:
    """End with an error: something is not as it should be."""
    typer.echo(f"error: it was expected that {what}", err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
