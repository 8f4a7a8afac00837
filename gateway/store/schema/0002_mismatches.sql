-- Added later, where it is missing: who wrote the other tables before needs to know nothing of it.

CREATE TABLE IF NOT EXISTS mismatch ( -- wrong claims about one number, where a quota caps them
  day     TEXT NOT NULL,              -- in Viet Nam, +07:00, of the last days only
  caller  TEXT NOT NULL,
  subject BLOB NOT NULL,              -- pseudonym of the claimed number
  answers INTEGER NOT NULL,           -- NOT_VERIFIED
  PRIMARY KEY (day, caller, subject)
) WITHOUT ROWID;
