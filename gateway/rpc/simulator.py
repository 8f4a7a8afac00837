"""``dancu.control.v1.SimulatorService``: decode, do, encode."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from google.type.date_pb2 import Date

from dancu.control.v1 import simulator_service_pb2 as pb
from gateway.rpc import profile_wire
from gateway.rpc.sharing import Everywhere
from gateway.rpc.streaming import Arrival
from mock_population_db.partial_date import PartialDate


class Restored(NamedTuple):
    """A register that was brought back to what it was built as."""

    revision: int
    day: date
    changed_rows: int


Reset = Callable[[], Awaitable[Restored]]
"""Brings the register back. Raises Obstructed, Unavailable."""


class SimulatorServicer:
    """The switches of the simulator.

    Args:
        personas: the documented people of this register.
        everywhere: the profiles.
        reset: brings the register back.
    """

    def __init__(
        self, personas: Sequence[Mapping[str, str]], everywhere: Everywhere, reset: Reset
    ) -> None:
        self._personas = personas
        self._everywhere = everywhere
        self._reset = reset

    async def list_personas(
        self, _arrival: Arrival, _request: pb.ListPersonasRequest
    ) -> pb.ListPersonasResponse:
        """The documented people of this register."""
        return pb.ListPersonasResponse(personas=[_persona(persona) for persona in self._personas])

    async def list_profiles(
        self, _arrival: Arrival, _request: pb.ListProfilesRequest
    ) -> pb.ListProfilesResponse:
        """The profiles in force."""
        found = map(profile_wire.in_force, await self._everywhere.profiles())
        return pb.ListProfilesResponse(profiles=found)

    async def set_profile(
        self, _arrival: Arrival, request: pb.SetProfileRequest
    ) -> pb.SetProfileResponse:
        """Puts a profile in force."""
        found = await self._everywhere.set(profile_wire.profile(request.profile))
        return pb.SetProfileResponse(profile=profile_wire.in_force(found))

    async def clear_profile(
        self, _arrival: Arrival, request: pb.ClearProfileRequest
    ) -> pb.ClearProfileResponse:
        """Takes profiles out of force."""
        return pb.ClearProfileResponse(names=await self._everywhere.clear(request.name))

    async def reset(self, _arrival: Arrival, _request: pb.ResetRequest) -> pb.ResetResponse:
        """Brings the register back to what it was built as."""
        restored = await self._reset()
        day = restored.day
        return pb.ResetResponse(
            register_revision=restored.revision,
            data_as_of=Date(year=day.year, month=day.month, day=day.day),
            changed_rows=restored.changed_rows,
        )


def _persona(persona: Mapping[str, str]) -> pb.Persona:
    birth = PartialDate.parse(persona["birth_date"])
    return pb.Persona(
        slug=persona["slug"],
        personal_id=persona["personal_id"],
        old_id_number=persona["old_id_number"],
        full_name=persona["full_name"],
        birth_date=Date(year=birth.year, month=birth.month, day=birth.day),
        expect=f"OUTCOME_{persona['expect']}",
        about=persona["about"],
    )
