"""What the Envoy configuration of docs/deployment repeats of the gateway: kept the same."""

import base64
import re

import grpc
from google.protobuf.json_format import MessageToDict
from google.rpc import status_pb2

from gateway.rpc.overload import TOO_MANY_CALLS, too_many_calls
from gateway.rpc.reasons import ABOUT
from gateway.rpc.status import status_of
from tests.architecture.pages import DOCS
from tests.architecture.test_documented import METHODS

PAGE = (DOCS / "deployment" / "envoy.yaml").read_text("utf-8")
RETRY_SECONDS = 2.0


def written(pattern: str) -> str:
    """What the page has at the one place that matches."""
    (found,) = re.findall(pattern, PAGE)
    return str(found)


def test_it_refuses_in_the_gateways_words() -> None:
    """The reason, both languages, when to come back; only the code is Envoy's own."""
    about = ABOUT[TOO_MANY_CALLS]
    told = {"side": str(about.side), "officer_vi": about.officer_vi}
    expected = status_of(too_many_calls(RETRY_SECONDS), told)
    expected.code = grpc.StatusCode.UNAVAILABLE.value[0]
    details = base64.b64decode(written(r"key: grpc-status-details-bin\n +value: (\S+)"))
    told_there = status_pb2.Status.FromString(details)
    assert MessageToDict(told_there) == MessageToDict(expected)  # a map has no order in bytes
    assert written(r'inline_string: "(.*)"') == expected.message


def test_streams_are_counted_apart() -> None:
    """All of them, and nothing else of the contract."""
    apart = re.compile(written(r'safe_regex: \{ regex: "(.*)" \}').replace(r"\\", "\\"))
    streams = {name for name, method in METHODS.items() if method.server_streaming}
    assert {name for name in METHODS if apart.fullmatch(f"/{name}")} == streams
    assert apart.fullmatch("/grpc.health.v1.Health/Check")
    assert apart.fullmatch("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo")
