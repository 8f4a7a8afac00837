-- The register, population.db. Numbers and codes are integers (leading zeros are put
-- back at the store's edge), dates are YYYYMMDD with 00 for what is not known, enums are
-- those of mock_population_db/citizen.py. NULL means: not recorded.

CREATE TABLE meta (             -- schema_version, seed, size, as_of, revision, digest …
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE citizen (
  id             INTEGER PRIMARY KEY,  -- personal number: the table is sorted by it
  family         TEXT,
  middle         TEXT,
  given          TEXT,
  birth          INTEGER,
  old_id         INTEGER,
  vital          INTEGER NOT NULL,
  number_status  INTEGER NOT NULL,
  death_annulled INTEGER NOT NULL DEFAULT 0,
  -- the columns above are what deciding a claim reads; keep them first and small
  sex            INTEGER NOT NULL,
  ethnic         INTEGER,
  religion       INTEGER,
  nationality    TEXT,                 -- NULL = 'VN', '' = not recorded
  blood          INTEGER,
  marital        INTEGER,
  birth_commune      INTEGER,          -- legacy code if born before 2025-07-01, else new
  registered_commune INTEGER,          -- likewise, by the date of birth
  native_commune     INTEGER,          -- legacy code
  household      INTEGER,              -- of permanent residence
  relation       INTEGER,
  resident_since INTEGER,
  father         INTEGER,              -- personal numbers
  mother         INTEGER,
  spouse         INTEGER,
  document       INTEGER,              -- kind of the present card
  issued         INTEGER,
  expires        INTEGER,              -- NULL with a document = without term
  vital_date     INTEGER,
  extra          TEXT                  -- JSON, only for what few people have
);
CREATE INDEX citizen_old_id    ON citizen (old_id)    WHERE old_id    IS NOT NULL;
CREATE INDEX citizen_household ON citizen (household) WHERE household IS NOT NULL;

CREATE TABLE household (        -- permanent and temporary households
  id         INTEGER PRIMARY KEY,
  kind       INTEGER NOT NULL,
  head       INTEGER,           -- personal number; NULL = vacant
  commune    INTEGER NOT NULL,
  epoch      INTEGER NOT NULL,
  conversion INTEGER NOT NULL,
  former     INTEGER,           -- legacy commune, when converted
  detail     TEXT
);

CREATE TABLE stay (             -- temporary and current residence (tạm trú, nơi ở hiện tại)
  citizen    INTEGER NOT NULL,
  kind       INTEGER NOT NULL,
  household  INTEGER,           -- NULL = an address without a household
  relation   INTEGER,
  since      INTEGER,
  until      INTEGER,
  commune    INTEGER,           -- used only without a household
  epoch      INTEGER,
  conversion INTEGER,
  former     INTEGER,
  detail     TEXT,
  PRIMARY KEY (citizen, kind)
) WITHOUT ROWID;
CREATE INDEX stay_household ON stay (household) WHERE household IS NOT NULL;

CREATE TABLE number_step (      -- 12-digit numbers that were cancelled
  former    INTEGER PRIMARY KEY,
  successor INTEGER NOT NULL,
  on_date   INTEGER,
  reason    TEXT NOT NULL
);
CREATE INDEX number_step_successor ON number_step (successor);
