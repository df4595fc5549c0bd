-- One contract under 委託: the relay works for this provider alone here. Times are microseconds since 1970-01-01 UTC.

-- The one contract whose rows may stand in this file.
CREATE TABLE owner (
    contract TEXT NOT NULL PRIMARY KEY,
    only INTEGER NOT NULL UNIQUE CHECK (only = 1)
) STRICT;

CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB 'lnk_*' AND length(id) = 36),
    contract TEXT NOT NULL REFERENCES owner (contract),
    blind_index BLOB NOT NULL CHECK (length(blind_index) = 32),
    -- the provider's own name for its customer
    subject TEXT NOT NULL
        CHECK (length(subject) BETWEEN 1 AND 64 AND subject NOT GLOB '*[^A-Za-z0-9_-]*'),
    -- 'leaving': no link any more, its routing row is being taken away
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'leaving')),
    instrument TEXT
        CHECK (instrument GLOB 'ins_*' AND length(instrument) = 36 AND substr(instrument, 5) NOT GLOB '*[^0-9a-f]*'),
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    consent TEXT NOT NULL CHECK (consent GLOB 'cns_*' AND length(consent) = 36),
    -- the sealed routing row in the relay's file
    route BLOB CHECK (length(route) BETWEEN 1 AND 128),
    since INTEGER NOT NULL,
    CHECK ((instrument IS NOT NULL) = (state = 'active')),
    CHECK (route IS NULL OR offer = 'jointly')
) STRICT;
CREATE INDEX links_of_card ON links (contract, blind_index);
CREATE INDEX links_pending ON links (contract, since) WHERE state = 'pending';
CREATE INDEX links_leaving ON links (id) WHERE state = 'leaving';

-- Sealed to the provider; the relay cannot open it.
CREATE TABLE evidence (
    assertion TEXT NOT NULL PRIMARY KEY CHECK (assertion GLOB 'asr_*' AND length(assertion) = 36),
    sealed BLOB NOT NULL CHECK (length(sealed) BETWEEN 1 AND 65536),
    kept_at INTEGER NOT NULL
) STRICT;

-- Whom an intent of this contract is for.
CREATE TABLE intent_customers (
    intent TEXT NOT NULL PRIMARY KEY CHECK (intent GLOB 'int_*' AND length(intent) = 36),
    customer TEXT NOT NULL
        CHECK (length(customer) BETWEEN 1 AND 64 AND customer NOT GLOB '*[^A-Za-z0-9_-]*')
) STRICT, WITHOUT ROWID;
