-- The register in PostgreSQL, in the schema "population". The tables and values are those of
-- ../0001_register.sql: numbers and codes without leading zeros, dates as YYYYMMDD with 00 for
-- what is not known (no type of date holds a year alone), moments as microseconds since 1970,
-- enums of mock_population_db/citizen.py. The columns stand by width, because PostgreSQL aligns
-- them: 8 bytes, 4, 2, then text.

CREATE TABLE meta (
  key   text COLLATE "C" PRIMARY KEY,
  value text NOT NULL
) WITH (fillfactor = 50);  -- one row is written by every commit, and stays on its page

CREATE TABLE citizen (
  id                 bigint   PRIMARY KEY,
  household          bigint,
  father             bigint,
  mother             bigint,
  spouse             bigint,
  birth              integer,
  old_id             integer,
  birth_commune      integer,
  registered_commune integer,
  native_commune     integer,
  resident_since     integer,
  issued             integer,
  expires            integer,
  vital_date         integer,
  vital              smallint NOT NULL,
  number_status      smallint NOT NULL,
  death_annulled     smallint NOT NULL DEFAULT 0,
  sex                smallint NOT NULL,
  ethnic             smallint,
  religion           smallint,
  blood              smallint,
  marital            smallint,
  relation           smallint,
  document           smallint,
  family             text,
  middle             text,
  given              text,
  nationality        text,
  extra              text
);
CREATE INDEX citizen_old_id    ON citizen (old_id, id) WHERE old_id    IS NOT NULL;
CREATE INDEX citizen_household ON citizen (household)  WHERE household IS NOT NULL;
CREATE INDEX citizen_father    ON citizen (father)     WHERE father    IS NOT NULL;
CREATE INDEX citizen_mother    ON citizen (mother)     WHERE mother    IS NOT NULL;
CREATE INDEX citizen_spouse    ON citizen (spouse)     WHERE spouse    IS NOT NULL;

CREATE TABLE household (
  id         bigint   PRIMARY KEY,
  head       bigint,
  commune    integer  NOT NULL,
  former     integer,
  kind       smallint NOT NULL,
  epoch      smallint NOT NULL,
  conversion smallint NOT NULL,
  detail     text
);

CREATE TABLE stay (
  citizen    bigint   NOT NULL,
  household  bigint,
  since      integer,
  until      integer,
  commune    integer,
  former     integer,
  kind       smallint NOT NULL,
  relation   smallint,
  epoch      smallint,
  conversion smallint,
  detail     text,
  PRIMARY KEY (citizen, kind)
);
CREATE INDEX stay_household ON stay (household) WHERE household IS NOT NULL;

CREATE TABLE number_step (
  former    bigint PRIMARY KEY,
  successor bigint NOT NULL,
  on_date   integer,
  reason    text   NOT NULL
);
CREATE INDEX number_step_successor ON number_step (successor);

-- One partition for each million of revisions, made ahead of them; a forgotten one is dropped.
CREATE TABLE changes (
  revision  bigint   PRIMARY KEY,
  subject   bigint   NOT NULL,
  former    bigint,
  at        bigint   NOT NULL,
  event     bigint,
  effective integer  NOT NULL,
  kind      smallint NOT NULL,
  cause     smallint NOT NULL,
  fields    text     NOT NULL,
  communes  text     NOT NULL
) PARTITION BY RANGE (revision);

CREATE TABLE event (
  id          bigint   PRIMARY KEY,
  subject     bigint,
  first       bigint   NOT NULL,
  last        bigint   NOT NULL,
  at          bigint   NOT NULL,
  annulled_by bigint,
  confirmed   bigint,
  kind        smallint NOT NULL,
  state       smallint NOT NULL,
  cause       smallint NOT NULL,
  reporter    text COLLATE "C" NOT NULL,
  rpc         text COLLATE "C" NOT NULL,
  request_id  text COLLATE "C" NOT NULL,
  fingerprint bytea    NOT NULL,
  original    bytea    NOT NULL,
  signature   text     NOT NULL,
  undo        text
);
CREATE UNIQUE INDEX event_request ON event (reporter, rpc, request_id);
CREATE INDEX event_submitted ON event (id) WHERE cause = 1;
CREATE INDEX event_pending ON event (at) WHERE state = 2;

CREATE TABLE touched (
  id       bigint   NOT NULL,
  revision bigint   NOT NULL,
  what     smallint NOT NULL,
  PRIMARY KEY (what, id)
);

CREATE TABLE withdrawn (
  number    bigint PRIMARY KEY,
  successor bigint
);

-- Who waits for changes is told of every commit that made some.
CREATE FUNCTION tell_revision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('dancu_revision', NEW.value);
  RETURN NULL;
END $$;
CREATE TRIGGER tell_revision AFTER UPDATE ON meta FOR EACH ROW
  WHEN (NEW.key = 'revision' AND NEW.value <> OLD.value) EXECUTE FUNCTION tell_revision();
