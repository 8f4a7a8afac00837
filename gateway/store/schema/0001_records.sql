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
  checkpoint TEXT    NOT NULL,   -- signed note over size and root
  revision   INTEGER NOT NULL    -- latest of the register that any leaf was read at
);

CREATE TABLE window (            -- one row a window of calls; never changed. Rows are packed,
  first    INTEGER PRIMARY KEY,  -- because a statement each would cost more than the answer.
  leaves   BLOB NOT NULL,        -- 64 bytes each: SHA-256 of what was signed, access root
  accesses BLOB NOT NULL         -- whom each touched, by gateway/core/access.py
);

CREATE TABLE tile (              -- full tiles of 256 hashes (C2SP tlog-tiles), for proofs
  level  INTEGER NOT NULL,
  number INTEGER NOT NULL,
  root   BLOB NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (level, number)
) WITHOUT ROWID;

CREATE TABLE usage (             -- charged in the same transaction
  day       TEXT NOT NULL,       -- in Viet Nam, +07:00
  caller    TEXT NOT NULL,
  procedure TEXT NOT NULL,
  rpc       TEXT NOT NULL,
  answers   INTEGER NOT NULL,    -- leaves of the log
  records   INTEGER NOT NULL,    -- citizens touched; what daily quotas count
  verified  INTEGER NOT NULL,    -- of them VERIFIED
  PRIMARY KEY (day, caller, procedure, rpc)
) WITHOUT ROWID;

CREATE TABLE pseudonym_key (     -- forgetting is deleting a month's key
  month TEXT PRIMARY KEY,        -- YYYY-MM, UTC
  key   BLOB NOT NULL
) WITHOUT ROWID;
