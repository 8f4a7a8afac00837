from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from typing import ClassVar as _ClassVar

DESCRIPTOR: _descriptor.FileDescriptor

class SimulatedEffect(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SIMULATED_EFFECT_UNSPECIFIED: _ClassVar[SimulatedEffect]
    SIMULATED_EFFECT_DELAYED: _ClassVar[SimulatedEffect]
    SIMULATED_EFFECT_DRIPPED: _ClassVar[SimulatedEffect]
    SIMULATED_EFFECT_ANSWER_LOST: _ClassVar[SimulatedEffect]
    SIMULATED_EFFECT_WRONG_SIGNATURE: _ClassVar[SimulatedEffect]
    SIMULATED_EFFECT_EXPIRED_KEY: _ClassVar[SimulatedEffect]
SIMULATED_EFFECT_UNSPECIFIED: SimulatedEffect
SIMULATED_EFFECT_DELAYED: SimulatedEffect
SIMULATED_EFFECT_DRIPPED: SimulatedEffect
SIMULATED_EFFECT_ANSWER_LOST: SimulatedEffect
SIMULATED_EFFECT_WRONG_SIGNATURE: SimulatedEffect
SIMULATED_EFFECT_EXPIRED_KEY: SimulatedEffect
