"""Residences as bytes: what most changes of a register are about.

The same bytes that ``disclosure.py`` and the library make of them, in a fifth of the time: when
administrative units are rearranged, everybody's residence is told to everybody who follows. Only
what is the same for few is put together by hand; the library makes the rest, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from dancu.v1 import citizen_pb2
from gateway.core.disclosure import code, day
from gateway.core.proto_bytes import sized, sized_key, varint
from mock_population_db.citizen import Address, Relation, Residence
from mock_population_db.snapshot import Part

RESIDENCES = frozenset({"permanent_residence", "temporary_residence", "current_residence"})


def _key(
    of: type[citizen_pb2.Citizen | citizen_pb2.Residence | citizen_pb2.Address], name: str
) -> bytes:
    return sized_key(of.DESCRIPTOR.fields_by_name[name].number)


_KEYS = {path: _key(citizen_pb2.Citizen, path) for path in RESIDENCES}
_ADDRESS = _key(citizen_pb2.Residence, "address")
_DETAIL = _key(citizen_pb2.Address, "detail")
_RELATION = tuple(
    citizen_pb2.Residence(relation_to_head=code(one)).SerializeToString()
    for one in range(max(Relation) + 1)
)


def write_residences(citizen: Part, paths: Iterable[str]) -> tuple[bytes, tuple[str, ...]]:
    """The bytes of a Citizen with these residences; and those that the register has."""
    written, present = b"", []
    for path in paths:
        value: Residence | None = getattr(citizen, path)
        if value is not None:
            written += sized(_KEYS[path], _residence(value))
            present.append(path)
    return written, tuple(present)


def _residence(value: Residence) -> bytes:
    _, address, since, until, _, relation = value
    place = _address(address)
    return b"".join(
        (_ADDRESS, varint(len(place)), place, _term(since, until), _RELATION[relation or 0])
    )


def _address(value: Address) -> bytes:
    province, commune, epoch, conversion, former, detail, country = value
    # an enum's hash is slow, a number's is not
    written = _codes(province, commune, int(epoch), int(conversion), former)
    if detail:
        text = detail.encode()
        written += _DETAIL + varint(len(text)) + text
    return written + _country(country)


@lru_cache(maxsize=65536)  # communes, and those that they came from
def _codes(province: str, commune: str, epoch: int, conversion: int, former: str) -> bytes:
    return citizen_pb2.Address(
        province_code=province,
        commune_code=commune,
        code_epoch=code(epoch),
        conversion=code(conversion),
        former_commune_code=former,
    ).SerializeToString()


@lru_cache(maxsize=256)
def _country(country: str) -> bytes:
    return citizen_pb2.Address(country=country).SerializeToString()


@lru_cache(maxsize=65536)  # few days recur in many records
def _term(since: date | None, until: date | None) -> bytes:
    return citizen_pb2.Residence(since=day(since), until=day(until)).SerializeToString()
