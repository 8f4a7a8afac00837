-- The gateway's own records, gateway.db. Appended to, never changed, but for head and usage.

CREATE TABLE meta (              -- schema_version, origin; event_mark: up to which event of the
                                 -- register every receipt is known to be in the log
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

CREATE TABLE kept (              -- answers to events and chunks: the same request, the same bytes
  caller      TEXT NOT NULL,
  rpc         TEXT NOT NULL,
  request     TEXT NOT NULL,     -- request id, or id of a session
  number      INTEGER NOT NULL,  -- of a chunk
  fingerprint BLOB NOT NULL,
  type_url    TEXT NOT NULL,
  value       BLOB NOT NULL,     -- the statement's bytes
  signatures  TEXT NOT NULL,     -- JSON: [[key id, hex]]
  proof       TEXT NOT NULL,
  access_root BLOB NOT NULL,
  beside      BLOB NOT NULL      -- what travels beside the statement
);
CREATE UNIQUE INDEX kept_key ON kept (caller, rpc, request, number);

CREATE TABLE session (           -- of chunks; the row stays when what it answered has expired
  id      INTEGER PRIMARY KEY,
  caller  TEXT    NOT NULL,
  name    TEXT    NOT NULL,      -- session_id, the caller's own
  context TEXT    NOT NULL,      -- JSON; fixed when it was opened
  salt    BLOB    NOT NULL,      -- of ``seen``; empty once it is closed
  chunks  INTEGER NOT NULL,      -- answered
  records INTEGER NOT NULL,
  tip     BLOB    NOT NULL,      -- digest of the latest statement, zeros before the first
  used    INTEGER NOT NULL,      -- seconds since 1970
  closed  INTEGER                -- likewise
);
CREATE UNIQUE INDEX session_name ON session (caller, name);

CREATE TABLE seen (              -- numbers that came first in a chunk: keyed hashes of 8 bytes
  session INTEGER NOT NULL,
  chunk   INTEGER NOT NULL,
  digests BLOB    NOT NULL
);
CREATE UNIQUE INDEX seen_chunk ON seen (session, chunk);

CREATE TABLE watched (           -- whom each caller watches; taken off, they are gone
  caller TEXT NOT NULL,
  number INTEGER NOT NULL,       -- personal number, as it is at the list's revision
  PRIMARY KEY (caller, number)
) WITHOUT ROWID;

CREATE TABLE watch_list (        -- one row a caller that ever watched anybody
  caller   TEXT PRIMARY KEY,
  version  INTEGER NOT NULL,     -- grows with every change of the list
  revision INTEGER NOT NULL      -- of the register, up to which numbers were followed
) WITHOUT ROWID;
