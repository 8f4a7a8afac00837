"""Residences as bytes: what most changes of a register are about.

The same bytes that ``disclosure.py`` and the library make of them, in a fifth of the time: when
administrative units are rearranged, everybody's residence is told to everybody who follows. Only
what is the same for few is put together by hand; the library makes the rest, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from dancu.v1 import citizen_pb2
from gateway.core.disclosure import code, day
from gateway.core.proto_bytes import sized, sized_key
from mock_population_db.citizen import Address
from mock_population_db.snapshot import Part
from mock_population_db.stored import StoredResidence

RESIDENCES = frozenset({"permanent_residence", "temporary_residence", "current_residence"})


def _key(
    of: type[citizen_pb2.Citizen | citizen_pb2.Residence | citizen_pb2.Address], name: str
) -> bytes:
    return sized_key(of.DESCRIPTOR.fields_by_name[name].number)


_KEYS = {path: _key(citizen_pb2.Citizen, path) for path in RESIDENCES}
_ADDRESS = _key(citizen_pb2.Residence, "address")
_DETAIL = _key(citizen_pb2.Address, "detail")
_NOTHING: tuple[str, ...] = ()
_NOWHERE = StoredResidence(None, None, None, None, 0, 0, 0, None, None)
_COUNTRY = citizen_pb2.Address(country=Address().country).SerializeToString()


def write_residences(citizen: Part, paths: Iterable[str]) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a Citizen with these residences; and those that the register has.

    Raises PopulationUnavailable for one that contradicts the register's schema.
    """
    written, present = b"", _NOTHING
    for path in paths:
        value: StoredResidence | None = getattr(citizen, path)
        if value is not None:
            written += sized(_KEYS[path], _residence(value))
            present += (path,)
    return written, present


def _residence(value: StoredResidence) -> bytes:
    _, relation, since, until, commune, epoch, conversion, former, detail = value
    place = _codes(commune, epoch, conversion, former)
    if detail:
        place += sized(_DETAIL, detail.encode())
    place = sized(_ADDRESS, place + _COUNTRY)
    term = _since(since) if until is None else _since(since) + _until(until)
    return place + term + _relation(relation)


# Kept without a limit, because the register sets one: communes with those that they came from, and
# days. A cache with a limit notes each hit in a list of its own: 0.7 µs a change, out of 6.


@cache
def _codes(commune: int, epoch: int, conversion: int, former: int | None) -> bytes:
    """The codes of an address, as the bytes of an Address."""
    place = _NOWHERE._replace(commune=commune, epoch=epoch, conversion=conversion, former=former)
    address = place.address
    return citizen_pb2.Address(
        province_code=address.province_code,
        commune_code=address.commune_code,
        code_epoch=code(address.epoch),
        conversion=code(address.conversion),
        former_commune_code=address.former_commune_code,
    ).SerializeToString()


@cache
def _since(packed: int | None) -> bytes:
    """The first day, as the bytes of a Residence."""
    first = day(_NOWHERE._replace(since_day=packed).since)
    return citizen_pb2.Residence(since=first).SerializeToString()


@cache
def _until(packed: int) -> bytes:
    """The last day, likewise."""
    last = day(_NOWHERE._replace(until_day=packed).until)
    return citizen_pb2.Residence(until=last).SerializeToString()


@cache
def _relation(packed: int | None) -> bytes:
    """How somebody is related to the head, as the bytes of a Residence."""
    relation = _NOWHERE._replace(relation_code=packed).relation
    return citizen_pb2.Residence(relation_to_head=code(relation or 0)).SerializeToString()
