"""The register's questions, as SQLite is asked them.

Every question takes its keys as one JSON array, so that one prepared statement serves any
number of them: as quick as ``VALUES (?),(?),…`` and nothing to pad or to split. CROSS JOIN
holds SQLite to going through the keys.

A number is sought, not looked up by equality: the row at the number or, when nobody has
it, the next one above, and above the last one the first. So an unknown number costs what
a known one costs.
"""

from __future__ import annotations

from mock_population_db.citizen import ResidenceKind
from mock_population_db.store.records import CitizenRow, HouseholdRow, Place, StayRow, StepRow


def _columns(table: str, names: tuple[str, ...]) -> str:
    # with the table's name: json_each has an id and a value too
    return ", ".join(f"{table}.{name}" for name in names)


def citizens_at_once(columns: tuple[str, ...], *, residences: bool) -> str:
    """The same as ``CITIZENS`` in one row, of these columns alone.

    Half the time of all of them: they are read by the thousand. With their permanent
    residences, the rows end with the columns of ``StoredResidence``.
    """
    told, homes = _columns("c", columns), ""
    if residences:
        told = f"{told}, c.household, c.relation, c.resident_since, NULL, {_columns('h', _PLACE)}"
        homes = "LEFT JOIN household AS h ON h.id = c.household"
    found = f"json_group_array(json_array({told}))"
    return f"SELECT {found} {_KEYS} citizen AS c ON c.id = k.value {homes}"


_IDENTITY = _columns("c", CitizenRow._fields[:9])
_PLACE = Place._fields
_AT_NUMBER = """c.id = COALESCE(
  (SELECT id FROM citizen WHERE id >= k.value ORDER BY id LIMIT 1),
  (SELECT min(id) FROM citizen))"""
_AT_OLD_NUMBER = """c.old_id = COALESCE(
  (SELECT old_id FROM citizen WHERE old_id >= k.value ORDER BY old_id LIMIT 1),
  (SELECT min(old_id) FROM citizen WHERE old_id IS NOT NULL))"""
_KEYS = "FROM json_each(?) AS k CROSS JOIN"

# One row with one JSON array, of the position of the key and the nine columns of an identity
# for each. One row, because sqlite3 gives the GIL away at every row and then must get it
# back from a busy event loop: a thousand rows would be a thousand such hand-overs.
_FOUND = f"SELECT json_group_array(json_array(k.key, {_IDENTITY})) {_KEYS} citizen AS c"
IDENTITIES = f"{_FOUND} ON {_AT_NUMBER}"
BY_OLD_NUMBER = f"{_FOUND} ON {_AT_OLD_NUMBER}"

# the position of the key, then the personal number
NUMBERS_SOUGHT = f"SELECT k.key, c.id {_KEYS} citizen AS c ON {_AT_NUMBER}"
OLD_NUMBERS_SOUGHT = f"SELECT k.key, c.id {_KEYS} citizen AS c ON {_AT_OLD_NUMBER}"

CITIZENS = f"SELECT {_columns('c', CitizenRow._fields)} {_KEYS} citizen AS c ON c.id = k.value"
STAYS = f"SELECT {_columns('s', StayRow._fields)} {_KEYS} stay AS s ON s.citizen = k.value"
_KIN = _columns("c", ("family", "middle", "given", "id", "old_id", "nationality"))
KIN = f"SELECT {_KIN} {_KEYS} citizen AS c ON c.id = k.value"

# Of the same people in one row: whose each is, its kind, and the columns of ``StoredResidence``.
_STAY = _columns("s", ("citizen", "kind", "household", "relation", "since", "until"))
_STAY_PLACE = ", ".join(f"COALESCE(h.{name}, s.{name})" for name in _PLACE)
STAYS_AT_ONCE = (
    f"SELECT json_group_array(json_array({_STAY}, {_STAY_PLACE})) {_KEYS} stay AS s "
    "ON s.citizen = k.value LEFT JOIN household AS h ON h.id = s.household"
)

# Steps from any former number to the ones asked for, each with the number asked for.
# The depth is bounded, for a register whose steps run in a circle.
STEPS_BACK = f"""
WITH RECURSIVE back(present, depth, {", ".join(StepRow._fields)}) AS (
  SELECT k.value, 1, s.former, s.successor, s.on_date, s.reason
    {_KEYS} number_step AS s ON s.successor = k.value
  UNION ALL
  SELECT back.present, back.depth + 1, s.former, s.successor, s.on_date, s.reason
    FROM back CROSS JOIN number_step AS s ON s.successor = back.former
    WHERE back.depth < 32)
SELECT present, {", ".join(StepRow._fields)} FROM back ORDER BY present, depth DESC, on_date
"""  # noqa: S608 - made of constants

# Steps onward from the ones sought: the key's position, the step sought, its successors.
STEPS_AHEAD = f"""
WITH RECURSIVE ahead(position, depth, former, successor) AS (
  SELECT k.key, 1, s.former, s.successor
    {_KEYS} number_step AS s ON s.former = COALESCE(
      (SELECT former FROM number_step WHERE former >= k.value ORDER BY former LIMIT 1),
      (SELECT min(former) FROM number_step))
  UNION ALL
  SELECT ahead.position, ahead.depth + 1, ahead.former, s.successor
    FROM ahead CROSS JOIN number_step AS s ON s.former = ahead.successor
    WHERE ahead.depth < 32)
SELECT position, former, successor FROM ahead ORDER BY position, depth
"""  # noqa: S608 - made of constants

# Of the keys that were cancelled, in one row: the key's position and its last successor.
SUCCESSORS = f"""
WITH RECURSIVE ahead(position, depth, successor) AS (
  SELECT k.key, 1, s.successor {_KEYS} number_step AS s ON s.former = k.value
  UNION ALL
  SELECT ahead.position, ahead.depth + 1, s.successor
    FROM ahead CROSS JOIN number_step AS s ON s.former = ahead.successor
    WHERE ahead.depth < 32)
SELECT json_group_array(json_array(position, successor))
  FROM (SELECT position, successor FROM ahead ORDER BY position, depth) AS a
"""  # noqa: S608 - made of constants

META = "SELECT key, value FROM meta"
MOMENT = """
SELECT (SELECT value FROM meta WHERE key = 'revision'),
       COALESCE((SELECT value FROM meta WHERE key = 'day'),
                (SELECT value FROM meta WHERE key = 'as_of'))
"""

# Households are read whole, in one row each question, as identities are: the households that
# some people live in, for good or for a time; households by id; and who is in those.
HOMES = """
SELECT json_group_array(home) FROM (
  SELECT c.household AS home FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.id = k.value
    WHERE c.household IS NOT NULL
  UNION
  SELECT s.household FROM json_each(?1) AS k CROSS JOIN stay AS s ON s.citizen = k.value
    WHERE s.household IS NOT NULL) AS h
"""
_HOUSEHOLD = _columns("h", HouseholdRow._fields)
HOUSEHOLDS = (
    f"SELECT json_group_array(json_array({_HOUSEHOLD})) {_KEYS} household AS h ON h.id = k.value"
)
_NAMED = _columns("c", ("family", "middle", "given", "old_id", "vital", "number_status"))
MEMBERS = f"""
SELECT json_group_array(json_array(home, id, kind, {_NAMED}, relation, since, until)) FROM (
  SELECT k.value AS home, c.id, {ResidenceKind.PERMANENT:d} AS kind, {_NAMED},
         c.relation, c.resident_since AS since, NULL AS until
    FROM json_each(?1) AS k CROSS JOIN citizen AS c ON c.household = k.value
  UNION ALL
  SELECT k.value, c.id, s.kind, {_NAMED}, s.relation, s.since, s.until
    FROM json_each(?1) AS k CROSS JOIN stay AS s ON s.household = k.value
    CROSS JOIN citizen AS c ON c.id = s.citizen) AS c
"""  # noqa: S608 - made of constants

NEW_HEAD = "UPDATE household SET head = ? WHERE id = ?"
