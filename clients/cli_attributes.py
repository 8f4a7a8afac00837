"""``dancu attributes``: is what is said of this person so?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from clients.cli_asking import about_of, ask, finish
from clients.cli_errors import UsageError, plain_errors
from clients.cli_options import (
    DEFAULT_DATA_DIR,
    DEFAULT_OFFICER,
    DEFAULT_PROCEDURE,
    DEFAULT_SERVER,
    DEFAULT_TIMEOUT,
    DEFAULT_UNIT,
    Asking,
    BirthDate,
    CredentialsFile,
    DataDir,
    Dossier,
    Json,
    Keys,
    Name,
    Number,
    Officer,
    Out,
    Procedure,
    RequestId,
    Root,
    Server,
    Timeout,
    Unit,
    numbers_of,
)
from clients.sdk import (
    Assertion,
    Attribute,
    CallContext,
    CodeEpoch,
    MaritalStatus,
    PersonStatus,
    SaidAddress,
    SaidPerson,
)


class Epoch(StrEnum):
    """``--epoch``."""

    Y2025 = "2025"
    LEGACY = "legacy"


class Marital(StrEnum):
    """``--marital-status``."""

    NEVER_MARRIED = "never-married"
    MARRIED = "married"
    DIVORCED_OR_WIDOWED = "divorced-or-widowed"


class Vital(StrEnum):
    """``--vital-status``."""

    ALIVE = "alive"
    DEAD = "dead"
    DECLARED_MISSING = "declared-missing"
    DECLARED_DEAD = "declared-dead"


_SAID = "What is said of the person"

Father = Annotated[
    str, typer.Option("--father", metavar="NAME", help="The father's name.", rich_help_panel=_SAID)
]
FatherNumber = Annotated[
    str, typer.Option(metavar="NUMBER", help="The father's number.", rich_help_panel=_SAID)
]
Mother = Annotated[
    str, typer.Option("--mother", metavar="NAME", help="The mother's name.", rich_help_panel=_SAID)
]
MotherNumber = Annotated[
    str, typer.Option(metavar="NUMBER", help="The mother's number.", rich_help_panel=_SAID)
]
Spouse = Annotated[
    str,
    typer.Option(
        "--spouse", metavar="NAME", help="Husband's or wife's name.", rich_help_panel=_SAID
    ),
]
SpouseNumber = Annotated[
    str, typer.Option(metavar="NUMBER", help="Husband's or wife's number.", rich_help_panel=_SAID)
]
Guardian = Annotated[
    str,
    typer.Option(
        metavar="NAME", help="Name of the guardian or legal representative.", rich_help_panel=_SAID
    ),
]
GuardianNumber = Annotated[
    str, typer.Option(metavar="NUMBER", help="The same one's number.", rich_help_panel=_SAID)
]
Head = Annotated[
    str,
    typer.Option(
        metavar="NAME",
        help="Name of the head of the household of permanent residence.",
        rich_help_panel=_SAID,
    ),
]
HeadNumber = Annotated[
    str, typer.Option(metavar="NUMBER", help="The head's number.", rich_help_panel=_SAID)
]
Commune = Annotated[
    str,
    typer.Option(
        metavar="CODE", help="Commune of the current address, 5 digits.", rich_help_panel=_SAID
    ),
]
Province = Annotated[
    str,
    typer.Option(
        metavar="CODE", help="Province of the current address, 2 digits.", rich_help_panel=_SAID
    ),
]
EpochOption = Annotated[
    Epoch,
    typer.Option(
        help="When the code is to be read: they changed meaning on 2025-07-01.",
        rich_help_panel=_SAID,
    ),
]
MaritalOption = Annotated[
    Marital | None, typer.Option(help="Marital status.", rich_help_panel=_SAID)
]
VitalOption = Annotated[
    Vital | None, typer.Option(help="Alive, or what else.", rich_help_panel=_SAID)
]


def attributes(
    number: Number,
    *,
    name: Name,
    birth_date: BirthDate,
    father: Father = "",
    father_number: FatherNumber = "",
    mother: Mother = "",
    mother_number: MotherNumber = "",
    spouse: Spouse = "",
    spouse_number: SpouseNumber = "",
    guardian: Guardian = "",
    guardian_number: GuardianNumber = "",
    head: Head = "",
    head_number: HeadNumber = "",
    commune: Commune = "",
    province: Province = "",
    epoch: EpochOption = Epoch.Y2025,
    marital_status: MaritalOption = None,
    vital_status: VitalOption = None,
    json: Json = False,
    out: Out = None,
    server: Server = DEFAULT_SERVER,
    timeout: Timeout = DEFAULT_TIMEOUT,
    data_dir: DataDir = DEFAULT_DATA_DIR,
    keys: Keys = None,
    root: Root = None,
    credentials: CredentialsFile = None,
    procedure: Procedure = DEFAULT_PROCEDURE,
    unit: Unit = DEFAULT_UNIT,
    officer: Officer = DEFAULT_OFFICER,
    dossier: Dossier = "",
    request_id: RequestId = "",
) -> None:
    """Xác minh: is what is said of this person so?

    Each thing said is answered true, false or no data; what the register holds is not shown.

    Exits 0 if the claim is verified and all of it is true, 1 if not, 2 bad usage, 3 refused or
    unreachable.
    """
    context = CallContext(procedure, unit, officer, dossier)
    asking = Asking(server, timeout, data_dir, keys, root, context, credentials)
    with plain_errors(out=out):
        about = about_of(number, name, birth_date, request_id)
        about["assertions"] = [
            *_people(
                {
                    Attribute.FATHER: (father, father_number),
                    Attribute.MOTHER: (mother, mother_number),
                    Attribute.SPOUSE: (spouse, spouse_number),
                    Attribute.REPRESENTATIVE: (guardian, guardian_number),
                    Attribute.HOUSEHOLD_HEAD: (head, head_number),
                }
            ),
            *_places(commune, province, epoch),
            *_statuses(marital_status, vital_status),
        ]
        if not about["assertions"]:
            raise UsageError("say something of the person, e.g. --father NAME")
        answer = asyncio.run(ask(asking, lambda gateway: gateway.verify_attributes(**about)))
        finish(answer, json=json, out=out)


def _people(said: dict[Attribute, tuple[str, str]]) -> Iterator[Assertion]:
    for attribute, (name, number) in said.items():
        if name or number:
            personal_id, old_id_number = numbers_of(number)
            person = SaidPerson(
                full_name=name, personal_id=personal_id, old_id_number=old_id_number
            )
            yield Assertion(attribute, person)


def _places(commune: str, province: str, epoch: Epoch) -> Iterator[Assertion]:
    read_at = CodeEpoch[epoch.name]
    if commune:
        place = SaidAddress(commune_code=commune, code_epoch=read_at)
        yield Assertion(Attribute.CURRENT_ADDRESS, place)
    if province:
        place = SaidAddress(province_code=province, code_epoch=read_at)
        yield Assertion(Attribute.CURRENT_ADDRESS, place)


def _statuses(marital: Marital | None, vital: Vital | None) -> Iterator[Assertion]:
    if marital is not None:
        yield Assertion(Attribute.MARITAL_STATUS, MaritalStatus[marital.name])
    if vital is not None:
        yield Assertion(Attribute.VITAL_STATUS, PersonStatus[vital.name])
