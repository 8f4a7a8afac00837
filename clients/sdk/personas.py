"""The simulator's personas, from the control port. The real link has nothing of the kind."""

from __future__ import annotations

from clients.sdk.answers import Persona
from clients.sdk.requests import date_text
from clients.sdk.transport import Transport
from clients.sdk.vocabulary import Outcome
from dancu.control.v1 import simulator_service_pb2

_TIMEOUT = 10.0  # seconds; a control port is on the same machine


async def list_personas(control_address: str) -> tuple[Persona, ...]:
    """The documented people of a running simulator, in the order of its documents.

    They are not signed: they are what to ask with, not an answer about anybody.

    Args:
        control_address: HOST:PORT of the control port.

    Raises:
        Refused, Unreachable: There is no such answer.
    """
    transport = Transport(control_address, None, _TIMEOUT)
    try:
        raw = await transport.call("/dancu.control.v1.SimulatorService/ListPersonas", b"")
    finally:
        await transport.close()
    response = simulator_service_pb2.ListPersonasResponse.FromString(raw)
    return tuple(_persona(each) for each in response.personas)


def _persona(message: simulator_service_pb2.Persona) -> Persona:
    return Persona(
        message.slug,
        message.personal_id,
        message.old_id_number,
        message.full_name,
        date_text(message.birth_date),
        Outcome(message.expect),
        message.about,
    )
