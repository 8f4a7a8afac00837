"""The simulator's switches, from the control port. The real link has nothing of the kind."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from clients.sdk.transport import Transport
from dancu.control.v1 import profile_pb2
from dancu.control.v1 import simulator_service_pb2 as pb

_METHOD = "/dancu.control.v1.SimulatorService/"
_TIMEOUT = 10.0  # seconds; a control port is on the same machine
_RESET_TIMEOUT = 3600.0  # a large register is built once more


class Switches:
    """A connection to a control port; use it with ``async with``.

    Every method raises Refused or Unreachable when there is no answer. Answers are the messages
    of the contract: they are about the simulator, and nothing in them is signed.
    """

    def __init__(self, control_address: str, timeout: float = _TIMEOUT) -> None:
        self._transport = Transport(control_address, None, timeout)
        self._patient = Transport(control_address, None, _RESET_TIMEOUT)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._transport.close()
        await self._patient.close()

    async def list_profiles(self) -> tuple[profile_pb2.ProfileInForce, ...]:
        """The profiles in force, by name."""
        raw = await self._transport.call(_METHOD + "ListProfiles", b"")
        return tuple(pb.ListProfilesResponse.FromString(raw).profiles)

    async def set_profile(self, profile: profile_pb2.Profile) -> profile_pb2.ProfileInForce:
        """Put a profile in force at once, in place of the one of the same name."""
        request = pb.SetProfileRequest(profile=profile).SerializeToString()
        raw = await self._transport.call(_METHOD + "SetProfile", request)
        return pb.SetProfileResponse.FromString(raw).profile

    async def clear_profile(self, name: str) -> tuple[str, ...]:
        """Take a profile out of force, or with "*" all; returns their names."""
        request = pb.ClearProfileRequest(name=name).SerializeToString()
        raw = await self._transport.call(_METHOD + "ClearProfile", request)
        return tuple(pb.ClearProfileResponse.FromString(raw).names)

    async def reset(self) -> pb.ResetResponse:
        """Bring the register back to what it was built as; as long as building it takes."""
        raw = await self._patient.call(_METHOD + "Reset", b"")
        return pb.ResetResponse.FromString(raw)
