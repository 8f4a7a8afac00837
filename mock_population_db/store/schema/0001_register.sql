-- The register, population.db. Numbers and codes are integers (leading zeros are put
-- back at the store's edge), dates are YYYYMMDD with 00 for what is not known, enums are
-- those of mock_population_db/citizen.py. NULL means: not recorded.

CREATE TABLE meta (             -- schema_version, seed, size, as_of, revision, digest …
  -- not there before the first event: day (the register's day, at first as_of) and
  -- compacted (the latest revision whose change is no longer kept)
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
CREATE INDEX citizen_father    ON citizen (father)    WHERE father    IS NOT NULL;
CREATE INDEX citizen_mother    ON citizen (mother)    WHERE mother    IS NOT NULL;
CREATE INDEX citizen_spouse    ON citizen (spouse)    WHERE spouse    IS NOT NULL;

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

-- The history: empty in a register that was just built. Times are microseconds since 1970, UTC.

CREATE TABLE changes (
  revision  INTEGER PRIMARY KEY,
  kind      INTEGER NOT NULL,
  subject   INTEGER NOT NULL,   -- personal number right after the change
  former    INTEGER,            -- the number before, where it is another
  fields    TEXT NOT NULL,      -- names, a blank between two
  cause     INTEGER NOT NULL,
  at        INTEGER NOT NULL,
  effective INTEGER NOT NULL,
  event     INTEGER,
  -- residence before and after: for each commune ' ', 2 digits of its province, its 5 digits
  communes  TEXT NOT NULL
);

CREATE TABLE event (            -- never removed
  id          INTEGER PRIMARY KEY,
  kind        INTEGER NOT NULL,
  state       INTEGER NOT NULL,
  cause       INTEGER NOT NULL,
  subject     INTEGER,          -- personal number after it
  first       INTEGER NOT NULL, -- revisions; 0 when it changed nobody's record
  last        INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  reporter    TEXT NOT NULL,
  rpc         TEXT NOT NULL,
  request_id  TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  original    BLOB NOT NULL,
  signature   TEXT NOT NULL,
  annulled_by INTEGER,
  confirmed   INTEGER,          -- the revision at which the number that it set up was confirmed
  undo        TEXT              -- JSON: what it found, to be put back when it is annulled
);
CREATE UNIQUE INDEX event_request ON event (reporter, rpc, request_id);
CREATE INDEX event_submitted ON event (id) WHERE cause = 1;
CREATE INDEX event_pending ON event (at) WHERE state = 2;

CREATE TABLE touched (          -- when somebody, or a household, was changed last
  what     INTEGER NOT NULL,    -- 1 = citizen, 2 = household
  id       INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (what, id)
) WITHOUT ROWID;

CREATE TABLE withdrawn (        -- numbers that were issued by an event that was annulled
  number    INTEGER PRIMARY KEY,
  successor INTEGER             -- the number that its owner got back; NULL when there is nobody
);
