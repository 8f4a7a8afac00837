import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class FaultCode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    FAULT_CODE_UNSPECIFIED: _ClassVar[FaultCode]
    FAULT_CODE_UNAVAILABLE: _ClassVar[FaultCode]
    FAULT_CODE_INTERNAL: _ClassVar[FaultCode]
    FAULT_CODE_UNKNOWN: _ClassVar[FaultCode]
    FAULT_CODE_RESOURCE_EXHAUSTED: _ClassVar[FaultCode]
    FAULT_CODE_DEADLINE_EXCEEDED: _ClassVar[FaultCode]
    FAULT_CODE_ABORTED: _ClassVar[FaultCode]
FAULT_CODE_UNSPECIFIED: FaultCode
FAULT_CODE_UNAVAILABLE: FaultCode
FAULT_CODE_INTERNAL: FaultCode
FAULT_CODE_UNKNOWN: FaultCode
FAULT_CODE_RESOURCE_EXHAUSTED: FaultCode
FAULT_CODE_DEADLINE_EXCEEDED: FaultCode
FAULT_CODE_ABORTED: FaultCode

class Profile(_message.Message):
    __slots__ = ("name", "caller", "rpc", "seed", "latency", "faults", "timeout_share", "lost_answer_share", "outages", "throttle", "drip", "wrong_signature_share", "expired_key_share")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CALLER_FIELD_NUMBER: _ClassVar[int]
    RPC_FIELD_NUMBER: _ClassVar[int]
    SEED_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    FAULTS_FIELD_NUMBER: _ClassVar[int]
    TIMEOUT_SHARE_FIELD_NUMBER: _ClassVar[int]
    LOST_ANSWER_SHARE_FIELD_NUMBER: _ClassVar[int]
    OUTAGES_FIELD_NUMBER: _ClassVar[int]
    THROTTLE_FIELD_NUMBER: _ClassVar[int]
    DRIP_FIELD_NUMBER: _ClassVar[int]
    WRONG_SIGNATURE_SHARE_FIELD_NUMBER: _ClassVar[int]
    EXPIRED_KEY_SHARE_FIELD_NUMBER: _ClassVar[int]
    name: str
    caller: str
    rpc: str
    seed: int
    latency: Latency
    faults: _containers.RepeatedCompositeFieldContainer[FaultShare]
    timeout_share: float
    lost_answer_share: float
    outages: _containers.RepeatedCompositeFieldContainer[Outage]
    throttle: Throttle
    drip: Latency
    wrong_signature_share: float
    expired_key_share: float
    def __init__(self, name: _Optional[str] = ..., caller: _Optional[str] = ..., rpc: _Optional[str] = ..., seed: _Optional[int] = ..., latency: _Optional[_Union[Latency, _Mapping]] = ..., faults: _Optional[_Iterable[_Union[FaultShare, _Mapping]]] = ..., timeout_share: _Optional[float] = ..., lost_answer_share: _Optional[float] = ..., outages: _Optional[_Iterable[_Union[Outage, _Mapping]]] = ..., throttle: _Optional[_Union[Throttle, _Mapping]] = ..., drip: _Optional[_Union[Latency, _Mapping]] = ..., wrong_signature_share: _Optional[float] = ..., expired_key_share: _Optional[float] = ...) -> None: ...

class Latency(_message.Message):
    __slots__ = ("constant", "uniform", "log_normal", "percentiles", "ready_made")
    CONSTANT_FIELD_NUMBER: _ClassVar[int]
    UNIFORM_FIELD_NUMBER: _ClassVar[int]
    LOG_NORMAL_FIELD_NUMBER: _ClassVar[int]
    PERCENTILES_FIELD_NUMBER: _ClassVar[int]
    READY_MADE_FIELD_NUMBER: _ClassVar[int]
    constant: _duration_pb2.Duration
    uniform: UniformLatency
    log_normal: LogNormalLatency
    percentiles: PercentileLatency
    ready_made: str
    def __init__(self, constant: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., uniform: _Optional[_Union[UniformLatency, _Mapping]] = ..., log_normal: _Optional[_Union[LogNormalLatency, _Mapping]] = ..., percentiles: _Optional[_Union[PercentileLatency, _Mapping]] = ..., ready_made: _Optional[str] = ...) -> None: ...

class UniformLatency(_message.Message):
    __slots__ = ("low", "high")
    LOW_FIELD_NUMBER: _ClassVar[int]
    HIGH_FIELD_NUMBER: _ClassVar[int]
    low: _duration_pb2.Duration
    high: _duration_pb2.Duration
    def __init__(self, low: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., high: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class LogNormalLatency(_message.Message):
    __slots__ = ("median", "sigma", "at_most")
    MEDIAN_FIELD_NUMBER: _ClassVar[int]
    SIGMA_FIELD_NUMBER: _ClassVar[int]
    AT_MOST_FIELD_NUMBER: _ClassVar[int]
    median: _duration_pb2.Duration
    sigma: float
    at_most: _duration_pb2.Duration
    def __init__(self, median: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., sigma: _Optional[float] = ..., at_most: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class PercentileLatency(_message.Message):
    __slots__ = ("points",)
    POINTS_FIELD_NUMBER: _ClassVar[int]
    points: _containers.RepeatedCompositeFieldContainer[LatencyPoint]
    def __init__(self, points: _Optional[_Iterable[_Union[LatencyPoint, _Mapping]]] = ...) -> None: ...

class LatencyPoint(_message.Message):
    __slots__ = ("percentile", "latency")
    PERCENTILE_FIELD_NUMBER: _ClassVar[int]
    LATENCY_FIELD_NUMBER: _ClassVar[int]
    percentile: float
    latency: _duration_pb2.Duration
    def __init__(self, percentile: _Optional[float] = ..., latency: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class FaultShare(_message.Message):
    __slots__ = ("code", "share")
    CODE_FIELD_NUMBER: _ClassVar[int]
    SHARE_FIELD_NUMBER: _ClassVar[int]
    code: FaultCode
    share: float
    def __init__(self, code: _Optional[_Union[FaultCode, str]] = ..., share: _Optional[float] = ...) -> None: ...

class Outage(_message.Message):
    __slots__ = ("after", "at", "duration", "every")
    AFTER_FIELD_NUMBER: _ClassVar[int]
    AT_FIELD_NUMBER: _ClassVar[int]
    DURATION_FIELD_NUMBER: _ClassVar[int]
    EVERY_FIELD_NUMBER: _ClassVar[int]
    after: _duration_pb2.Duration
    at: _timestamp_pb2.Timestamp
    duration: _duration_pb2.Duration
    every: _duration_pb2.Duration
    def __init__(self, after: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., duration: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., every: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...

class Throttle(_message.Message):
    __slots__ = ("per_second", "burst")
    PER_SECOND_FIELD_NUMBER: _ClassVar[int]
    BURST_FIELD_NUMBER: _ClassVar[int]
    per_second: float
    burst: int
    def __init__(self, per_second: _Optional[float] = ..., burst: _Optional[int] = ...) -> None: ...

class ProfileInForce(_message.Message):
    __slots__ = ("profile", "set_at", "calls", "counts")
    PROFILE_FIELD_NUMBER: _ClassVar[int]
    SET_AT_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    profile: Profile
    set_at: _timestamp_pb2.Timestamp
    calls: int
    counts: _containers.RepeatedCompositeFieldContainer[ProfileCount]
    def __init__(self, profile: _Optional[_Union[Profile, _Mapping]] = ..., set_at: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., calls: _Optional[int] = ..., counts: _Optional[_Iterable[_Union[ProfileCount, _Mapping]]] = ...) -> None: ...

class ProfileCount(_message.Message):
    __slots__ = ("what", "count")
    WHAT_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    what: str
    count: int
    def __init__(self, what: _Optional[str] = ..., count: _Optional[int] = ...) -> None: ...
