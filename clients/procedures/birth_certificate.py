"""Registering a birth (đăng ký khai sinh): may this person be entered as a parent?

    python -m clients.procedures.birth_certificate 079088000001 "Trần Minh Khôi" 1988-03-14

What to copy from it: the receipt is kept whatever the answer was; verified is not alive;
"no" means asking the person again, not sending them away; and when the gateway cannot be
reached the dossier waits. An answer that does not verify (UntrustedAnswer) is not handled
here: it must stop the counter and reach the administrator.
"""

from __future__ import annotations

import asyncio
from enum import Enum
from pathlib import Path

import typer

from clients.sdk import CallContext, Claim, Gateway, PersonStatus, Trust, Unreachable

CONTEXT = CallContext("DEMO.VERIFY", "000.00.00.G01", "DEMO-OFFICER", "KS-2026-0001")


class Step(Enum):
    """What the counter does next."""

    ENTER = "enter the parent, the receipt lies in the dossier"
    SEE_OFFICER = "a civil-status officer decides"
    ASK_AGAIN = "compare number, name and birth date with the person's papers"
    WAIT = "the gateway does not answer: keep the dossier, try later"


async def check_parent(gateway: Gateway, parent: Claim, dossier: Path) -> Step:
    """Verify one parent, keep the receipt in the dossier's folder, and decide."""
    try:
        answer = await gateway.verify_identity(
            personal_id=parent.personal_id,
            full_name=parent.full_name,
            birth_date=parent.birth_date,
        )
    except Unreachable:
        return Step.WAIT
    evidence = answer.evidence
    # the bytes as they came, for yes and for no
    (dossier / f"{evidence.request_id}.receipt").write_bytes(evidence.receipt)
    if answer.person is None:
        return Step.ASK_AGAIN
    # a parent may have died before the birth is registered
    if answer.person.status is not PersonStatus.ALIVE or answer.person.notices:
        return Step.SEE_OFFICER
    return Step.ENTER


async def _counter(parent: Claim, dossier: Path, server: str, data_dir: Path) -> Step:
    trust = Trust.from_files(data_dir / "root.pub", data_dir / "keyset.binpb")
    async with Gateway.connect(server, trust=trust, context=CONTEXT) as gateway:
        return await check_parent(gateway, parent, dossier)


def main(
    number: str,
    name: str,
    birth_date: str,
    server: str = "127.0.0.1:50051",
    data_dir: Path = Path(".dancu"),
) -> None:
    """Check one parent against a running gateway; the receipt goes into this folder."""
    parent = Claim(personal_id=number, full_name=name, birth_date=birth_date)
    step = asyncio.run(_counter(parent, Path(), server, data_dir))
    typer.echo(f"{step.name}: {step.value}")


if __name__ == "__main__":
    typer.run(main)
