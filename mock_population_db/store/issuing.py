"""Issuing personal numbers (số định danh cá nhân) that nobody has or had."""

from __future__ import annotations

import hashlib

from mock_population_db.citizen import Sex
from mock_population_db.rules.plan import IssueNumber
from mock_population_db.store import packing
from mock_population_db.store.asking import Session
from mock_population_db.store.errors import PopulationUnavailable

_SERIALS = 1_000_000  # of a prefix
_PERSONA_SERIALS = 1_000  # the first of them belong to personas
_TRIES = 10_000  # far more than a prefix that is nine tenths full needs
_TAKEN = """
SELECT EXISTS (SELECT 1 FROM citizen WHERE id = ?1)
    OR EXISTS (SELECT 1 FROM number_step WHERE former = ?1)
    OR EXISTS (SELECT 1 FROM withdrawn WHERE number = ?1)
"""


def number_issuer(connection: Session, fingerprint: bytes, *, reserved: bool) -> IssueNumber:
    """Issue numbers that follow from a request alone, so that a rerun gives the same ones.

    Args:
        connection: to the register.
        fingerprint: of the request.
        reserved: whether numbers begin with 097-099, which no province ever had.
    """

    def issue(province: str, sex: Sex, year: int) -> str:
        place = 97 + int(province) % 3 if reserved else int(province)
        century_and_sex = 2 * (year // 100 - 19) + (sex - 1)
        prefix = place * 1000 + century_and_sex * 100 + year % 100
        for turn in range(_TRIES):
            number = prefix * _SERIALS + _serial(fingerprint, prefix, turn)
            if connection.execute(_TAKEN, (number,)).fetchone() == (0,):
                return packing.personal_id(number)
        raise PopulationUnavailable(f"the numbers of {prefix:06d} are used up")

    return issue


def _serial(fingerprint: bytes, prefix: int, turn: int) -> int:
    digest = hashlib.sha256(b"%b %d %d" % (fingerprint, prefix, turn)).digest()
    drawn = int.from_bytes(digest[:8], "big")
    return _PERSONA_SERIALS + drawn % (_SERIALS - _PERSONA_SERIALS)
