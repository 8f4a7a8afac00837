-- The gateway's own records in PostgreSQL. Appended to, never changed, but for head and usage.
-- The tables are those of schema/*.sql, which tells what is in them; said here is what is
-- particular to PostgreSQL. Names and ids compare by their bytes, as in SQLite.

CREATE TABLE gateway.meta (        -- schema_version, origin, event_mark
  key   text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
);

CREATE TABLE gateway.head (        -- locked by every commit, in all gateways: one log, no fork
  id         smallint PRIMARY KEY CHECK (id = 1),
  size       bigint NOT NULL,
  root       bytea  NOT NULL,
  peaks      bytea  NOT NULL,
  checkpoint text   NOT NULL,
  revision   bigint NOT NULL
) WITH (fillfactor = 10);          -- each change leaves a dead row, which its page has room for

CREATE TABLE gateway.window (      -- partitions of 2^25 leaves, made ahead: window_0, window_1, ...
  first    bigint PRIMARY KEY,
  leaves   bytea NOT NULL,
  accesses bytea NOT NULL
) PARTITION BY RANGE (first);
-- not compressed: that would cost more than all the rest of a commit, while the head is locked
ALTER TABLE gateway.window ALTER leaves SET STORAGE EXTERNAL;
ALTER TABLE gateway.window ALTER accesses SET STORAGE EXTERNAL;

CREATE TABLE gateway.tile (
  level  smallint NOT NULL,
  number bigint   NOT NULL,
  root   bytea    NOT NULL,
  hashes bytea    NOT NULL,
  PRIMARY KEY (level, number)
);
ALTER TABLE gateway.tile ALTER hashes SET STORAGE EXTERNAL;

CREATE TABLE gateway.usage (
  day       text COLLATE "C" NOT NULL,
  caller    text COLLATE "C" NOT NULL,
  procedure text COLLATE "C" NOT NULL,
  rpc       text COLLATE "C" NOT NULL,
  answers   bigint NOT NULL,
  records   bigint NOT NULL,
  verified  bigint NOT NULL,
  PRIMARY KEY (day, caller, procedure, rpc)
) WITH (fillfactor = 50);          -- as the head

CREATE TABLE gateway.mismatch (
  day     text COLLATE "C" NOT NULL,
  caller  text COLLATE "C" NOT NULL,
  subject bytea  NOT NULL,
  answers bigint NOT NULL,
  PRIMARY KEY (day, caller, subject)
);

CREATE TABLE gateway.pseudonym_key (
  month text COLLATE "C" PRIMARY KEY,
  key   bytea NOT NULL
);

CREATE TABLE gateway.kept (
  caller      text COLLATE "C" NOT NULL,
  rpc         text COLLATE "C" NOT NULL,
  request     text COLLATE "C" NOT NULL,
  number      bigint NOT NULL,
  fingerprint bytea  NOT NULL,
  type_url    text   NOT NULL,
  value       bytea  NOT NULL,
  signatures  text   NOT NULL,
  proof       text   NOT NULL,
  access_root bytea  NOT NULL,
  beside      bytea  NOT NULL,
  PRIMARY KEY (caller, rpc, request, number)
);

CREATE TABLE gateway.session (
  id      bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  caller  text COLLATE "C" NOT NULL,
  name    text COLLATE "C" NOT NULL,
  context text   NOT NULL,
  salt    bytea  NOT NULL,
  chunks  bigint NOT NULL,
  records bigint NOT NULL,
  tip     bytea  NOT NULL,
  used    bigint NOT NULL,
  closed  bigint,
  UNIQUE (caller, name)
);

CREATE TABLE gateway.seen (
  session bigint NOT NULL,
  chunk   bigint NOT NULL,
  digests bytea  NOT NULL,
  PRIMARY KEY (session, chunk)
);

CREATE TABLE gateway.watched (
  caller text COLLATE "C" NOT NULL,
  number bigint NOT NULL,
  PRIMARY KEY (caller, number)
);

CREATE TABLE gateway.watch_list (
  caller   text COLLATE "C" PRIMARY KEY,
  version  bigint NOT NULL,
  revision bigint NOT NULL
);

CREATE TABLE gateway.access (      -- where each person stands in the log, by the pseudonym of a
  leaf    bigint   NOT NULL,       -- month; made from it, in the background. A month is one
  subject uuid     NOT NULL,       -- partition, access_2026_03: that is where a pseudonym of the
  place   integer  NOT NULL,       -- month can be, and what goes when the month is forgotten.
  month   smallint NOT NULL        -- since January 1970
) PARTITION BY LIST (month);
CREATE INDEX access_subject ON gateway.access (subject, leaf, place);

CREATE TABLE gateway.indexed (     -- how much of the log is in ``access``; locked by who adds to it
  id   smallint PRIMARY KEY CHECK (id = 1),
  size bigint NOT NULL
);
INSERT INTO gateway.indexed VALUES (1, 0);
