-- The gateway's own records, gateway.db. Appended to, never changed, but for head and usage.

CREATE TABLE meta (              -- schema_version, origin
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE head (              -- the log's one head; everything else hangs on it
  id         INTEGER PRIMARY KEY CHECK (id = 1),
  size       INTEGER NOT NULL,
  root       BLOB    NOT NULL,
  peaks      BLOB    NOT NULL,   -- 32 bytes each, largest subtree first
  checkpoint TEXT    NOT NULL    -- signed note over size and root
);

CREATE TABLE leaves (            -- one row a window: 64 bytes a leaf,
  first   INTEGER PRIMARY KEY,   -- SHA-256 of what was signed, then the access root
  entries BLOB NOT NULL
);

CREATE TABLE tile (              -- full tiles of 256 hashes (C2SP tlog-tiles), for proofs
  level  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  root   BLOB NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, number)
) WITHOUT ROWID;

CREATE TABLE access_call (       -- what the access rows of one statement have in common
  leaf           INTEGER PRIMARY KEY,
  at             TEXT NOT NULL,  -- ISO 8601, UTC
  caller         TEXT NOT NULL,
  rpc            TEXT NOT NULL,
  request_id     TEXT NOT NULL,
  procedure_code TEXT NOT NULL,
  unit_code      TEXT NOT NULL,
  officer_id     TEXT NOT NULL,
  dossier_id     TEXT NOT NULL,
  revision       INTEGER NOT NULL
);

CREATE TABLE access (            -- one row a citizen touched; unindexed, so that it can grow
  leaf    INTEGER NOT NULL,
  subject BLOB    NOT NULL,      -- keyed pseudonym, 16 bytes
  outcome INTEGER NOT NULL,
  fields  INTEGER NOT NULL       -- bit i: field i of Citizen was disclosed
);

CREATE TABLE usage (             -- charged in the same transaction
  day       TEXT NOT NULL,       -- in Viet Nam, +07:00
  caller    TEXT NOT NULL,
  procedure TEXT NOT NULL,
  rpc       TEXT NOT NULL,
  answers   INTEGER NOT NULL,    -- leaves of the log
  records   INTEGER NOT NULL,    -- citizens touched
  PRIMARY KEY (day, caller, procedure, rpc)
) WITHOUT ROWID;

CREATE TABLE pseudonym_key (     -- forgetting is deleting a month's key
  month TEXT PRIMARY KEY,        -- YYYY-MM, UTC
  key   BLOB NOT NULL
) WITHOUT ROWID;
