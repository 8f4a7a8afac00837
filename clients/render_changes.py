"""Changes as people see them: one line each."""

from __future__ import annotations

import typer

from clients.render_values import values_of
from clients.sdk import ChangeBatch, CitizenChange, FieldStatus


def show_change(change: CitizenChange) -> None:
    """What happened to whom, when, and what is so now."""
    typer.echo(f"{change.revision}  {change.recorded_at:%Y-%m-%d %H:%M:%S}  ", nl=False)
    typer.secho(change.kind.name.replace("_", " ").lower(), bold=True, nl=False)
    typer.echo(f"  {change.personal_id}  {'; '.join(_told(change))}")


def show_progress(batch: ChangeBatch) -> None:
    """That nothing happened, to who looks at a terminal."""
    typer.secho(f"nothing more up to revision {batch.through_revision}", dim=True, err=True)


def _told(change: CitizenChange) -> list[str]:
    told = []
    if change.former_personal_id:
        told.append(f"before: {change.former_personal_id}")
    if change.citizen is not None:
        values = values_of(change.citizen)
        told += [f"{name.replace('_', ' ')}: {text}" for name, text in values.items()]
        told += [f"{name}: not recorded" for name in _paths(change, FieldStatus.NOT_RECORDED)]
    if withheld := _paths(change, FieldStatus.WITHHELD):
        told.append(f"withheld: {', '.join(withheld)}")
    return told


def _paths(change: CitizenChange, status: FieldStatus) -> list[str]:
    """The fields of which this is said, as people write them."""
    return [path.replace("_", " ") for path, one in change.fields.items() if one is status]
