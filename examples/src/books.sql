-- Everything that the company keeps. STRICT: what is written has the type that is written here.
CREATE TABLE IF NOT EXISTS customer (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, birth_date TEXT NOT NULL, label TEXT NOT NULL, limit_yen INTEGER NOT NULL
) STRICT;
-- Links that were begun: the digest of a secret that only whoever taps brings back.
CREATE TABLE IF NOT EXISTS pending (
    state_sha256 BLOB PRIMARY KEY, intent TEXT NOT NULL, customer TEXT NOT NULL, until_s INTEGER NOT NULL
) STRICT;
-- ID変換: subject is the pairwise ID under 代行, the customer's own ID under 委託.
CREATE TABLE IF NOT EXISTS tie (
    instrument TEXT PRIMARY KEY, subject TEXT NOT NULL, customer TEXT NOT NULL, link TEXT NOT NULL, receipt TEXT NOT NULL
) STRICT;
-- One row for each transaction key, for ever decided by what stands there first.
CREATE TABLE IF NOT EXISTS booking (
    key TEXT PRIMARY KEY,
    state TEXT NOT NULL CHECK (state IN ('debited', 'declined', 'taken back', 'tombstone')),
    digest BLOB, code TEXT NOT NULL, approval TEXT,
    assertion TEXT UNIQUE, customer TEXT, yen INTEGER NOT NULL, merchant TEXT NOT NULL, at_s INTEGER NOT NULL
) STRICT;
