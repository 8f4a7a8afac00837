"""The signature that callers put beside an event: required of whoever has keys."""

from __future__ import annotations

from gateway.rpc.streaming import Arrival

METADATA_KEY = "dancu-request-signature"


def checked_signature(arrival: Arrival) -> str:
    """The signature of a request, verified; it is kept with the event.

    Callers without keys are those of a gateway that checks no credentials: what they send
    cannot be verified, so it is ignored and not kept as if it were evidence.

    Raises:
        Unauthenticated: there is none, or several, or it is not by a key of the caller.
    """
    keys = arrival.caller.keys
    if not keys:
        return ""
    # only here: it needs JOSE, which is slow to import
    from gateway.core.request_signature import (  # noqa: PLC0415
        signature_missing,
        verify_request_signature,
    )

    sent = [value for key, value in arrival.metadata() or () if key == METADATA_KEY]
    if not sent:
        raise signature_missing()
    # of several none is believed; bytes are no text
    text = sent[0] if len(sent) == 1 and isinstance(sent[0], str) else ""
    verify_request_signature(text, arrival.raw, keys)
    return text
