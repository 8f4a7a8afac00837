-- The callers that are enrolled, callers.db. Apart from gateway.db, and never in WAL mode: the
-- gateway sees a change by the change counter in the file's header, see callers.py.

CREATE TABLE caller (
  id           TEXT PRIMARY KEY,
  name         TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('ACTIVE', 'REVOKED')),
  units        TEXT NOT NULL,     -- JSON: unit code -> {name, officers}
  keys         TEXT NOT NULL,     -- JSON: public JWKs, the newest first
  certificates TEXT NOT NULL,     -- JSON: x5t#S256
  created      TEXT NOT NULL,     -- ISO 8601, UTC
  changed      TEXT NOT NULL,
  generation   INTEGER NOT NULL   -- grows with every change of the row
) WITHOUT ROWID;
