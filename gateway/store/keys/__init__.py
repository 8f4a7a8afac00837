"""The gateway's keys on disk: private keys, their dates, and the signed key set.

A data directory holds ``keys/`` (owner only: one PEM file a key and ``keys.json`` with roles
and dates), ``keyset.binpb`` (the signed key set, what a verifier needs offline) and
``root.pub`` (what a verifier pins). Keys are never deleted.

``book`` says what is true of each key, ``folder`` keeps the files, ``keyset`` the bytes that
are signed, ``publishing`` signs and takes in key sets, ``opening`` and ``changing`` are the
operations on a data directory, ``ring`` is what a gateway signs with.
"""

from gateway.store.keys.checking import unusable_keys
from gateway.store.keys.opening import (
    Plan,
    checkpoint_keys,
    init_keys,
    load_or_create,
    reserved_origin,
    use_origin,
)
from gateway.store.keys.ring import KeyRing, LiveKeys

__all__ = [
    "KeyRing",
    "LiveKeys",
    "Plan",
    "checkpoint_keys",
    "init_keys",
    "load_or_create",
    "reserved_origin",
    "unusable_keys",
    "use_origin",
]
