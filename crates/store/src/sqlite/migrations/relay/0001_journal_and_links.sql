-- The relay's own file. Times are microseconds since 1970-01-01 UTC; identifiers stand as their texts.
-- No column is made for a customer's ID, a card or account number, or a serial number. (Under 委託 the message that was
-- sent names the customer inside the relay's assertion, as the provider received it.)

CREATE TABLE payments (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB 'pay_*' AND length(id) = 36),
    terminal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32),
    business_date TEXT NOT NULL CHECK (length(business_date) = 10),
    slip TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proven', 'awaiting', 'authorizing', 'closed')),
    -- the request with the card's token
    body BLOB,
    -- the question to the holder
    offered TEXT,
    chosen_contract TEXT,
    chosen_link TEXT CHECK (chosen_link GLOB 'lnk_*' AND length(chosen_link) = 36),
    answer TEXT,
    answer_until INTEGER,
    -- what is sent
    provider TEXT,
    contract TEXT,
    message BLOB,
    assertion TEXT CHECK (assertion GLOB 'asr_*' AND length(assertion) = 36),
    evidence TEXT CHECK (evidence IN ('none', 'in_partition')),
    -- the end
    outcome TEXT,
    closed_at INTEGER,
    UNIQUE (terminal, idempotency_key),
    UNIQUE (terminal, business_date, slip),
    -- the token is gone as soon as nothing needs it
    CHECK ((body IS NOT NULL) = (state IN ('proven', 'awaiting'))),
    CHECK ((answer IS NOT NULL) = (state = 'awaiting')),
    CHECK ((offered IS NOT NULL) = (state = 'awaiting')),
    CHECK ((answer_until IS NOT NULL) = (state = 'awaiting')),
    CHECK (chosen_link IS NULL OR state = 'awaiting'),
    CHECK ((chosen_link IS NULL) = (chosen_contract IS NULL)),
    CHECK (state <> 'authorizing' OR message IS NOT NULL),
    CHECK (state NOT IN ('proven', 'awaiting') OR message IS NULL),
    CHECK ((message IS NULL) = (provider IS NULL)),
    CHECK ((message IS NULL) = (contract IS NULL)),
    CHECK ((message IS NULL) = (assertion IS NULL)),
    CHECK ((message IS NULL) = (evidence IS NULL)),
    CHECK ((outcome IS NOT NULL) = (state = 'closed')),
    CHECK ((closed_at IS NOT NULL) = (state = 'closed'))
) STRICT;
CREATE INDEX payments_unfinished ON payments (opened_at) WHERE state <> 'closed';
CREATE INDEX payments_closed ON payments (closed_at) WHERE state = 'closed';

CREATE TABLE consumed_tickets (
    ticket_sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(ticket_sha256) = 32),
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX consumed_tickets_until ON consumed_tickets (until);

CREATE TABLE tombstones (
    terminal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    buried_at INTEGER NOT NULL,
    PRIMARY KEY (terminal, idempotency_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX tombstones_buried_at ON tombstones (buried_at);

CREATE TABLE reversals (
    -- the order of queueing
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    payment TEXT NOT NULL UNIQUE REFERENCES payments (id),
    provider TEXT NOT NULL,
    message BLOB NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'acknowledged', 'rejected')),
    attempts INTEGER NOT NULL CHECK (attempts >= 0),
    queued_at INTEGER NOT NULL,
    next_at INTEGER,
    response_code TEXT CHECK (length(response_code) <= 16),
    ended_at INTEGER,
    CHECK ((next_at IS NOT NULL) = (state = 'queued')),
    CHECK ((ended_at IS NOT NULL) = (state <> 'queued')),
    CHECK ((response_code IS NOT NULL) = (state = 'rejected'))
) STRICT;
CREATE INDEX reversals_queued ON reversals (provider, place) WHERE state = 'queued';

CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY,
    provider TEXT NOT NULL,
    message BLOB NOT NULL,
    received_at INTEGER NOT NULL
) STRICT;

-- The first number that is not reserved yet.
CREATE TABLE traces (
    provider TEXT NOT NULL PRIMARY KEY,
    next INTEGER NOT NULL CHECK (next > 0)
) STRICT, WITHOUT ROWID;

-- Look-ups of revocation in a verifier's right, counted by the hour since 1970-01-01 UTC: any zone's day can be summed.
CREATE TABLE lookups (
    verifier TEXT NOT NULL,
    hour INTEGER NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('crl', 'ocsp')),
    count INTEGER NOT NULL CHECK (count > 0),
    PRIMARY KEY (verifier, hour, purpose, method)
) STRICT, WITHOUT ROWID;

-- Pointers under the platform's key, to links of either model.
CREATE TABLE routes (
    id INTEGER PRIMARY KEY,
    platform_index BLOB NOT NULL CHECK (length(platform_index) = 32),
    sealed BLOB NOT NULL UNIQUE CHECK (length(sealed) BETWEEN 1 AND 128),
    since INTEGER NOT NULL
) STRICT;
CREATE INDEX routes_of_card ON routes (platform_index);

-- Links under 代行, and no others.
CREATE TABLE links (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB 'lnk_*' AND length(id) = 36),
    contract TEXT NOT NULL,
    blind_index BLOB NOT NULL CHECK (length(blind_index) = 32),
    -- a pairwise ID: nothing else fits
    subject TEXT NOT NULL UNIQUE
        CHECK (subject GLOB 'cnv_*' AND length(subject) = 36 AND substr(subject, 5) NOT GLOB '*[^0-9a-f]*'),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
    -- an instrument reference: no card or account number fits
    instrument TEXT
        CHECK (instrument GLOB 'ins_*' AND length(instrument) = 36 AND substr(instrument, 5) NOT GLOB '*[^0-9a-f]*'),
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    consent TEXT NOT NULL CHECK (consent GLOB 'cns_*' AND length(consent) = 36),
    route BLOB REFERENCES routes (sealed),
    since INTEGER NOT NULL,
    CHECK ((instrument IS NOT NULL) = (state = 'active')),
    CHECK (route IS NULL OR offer = 'jointly')
) STRICT;
CREATE INDEX links_of_card ON links (contract, blind_index);
CREATE INDEX links_pending ON links (contract, since) WHERE state = 'pending';
CREATE INDEX links_route ON links (route) WHERE route IS NOT NULL;

-- Under 委託 an intent's customer stands in the contract's own file.
CREATE TABLE intents (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB 'int_*' AND length(id) = 36),
    contract TEXT NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('entrusted', 'proxy')),
    callback TEXT NOT NULL,
    session_state TEXT NOT NULL,
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    expires_at INTEGER NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('open', 'consented', 'redeemed', 'closed')),
    code_sha256 BLOB CHECK (length(code_sha256) = 32),
    code_expires_at INTEGER,
    sealed_answer BLOB,
    link TEXT CHECK (link GLOB 'lnk_*' AND length(link) = 36),
    changed_at INTEGER NOT NULL,
    CHECK ((code_sha256 IS NOT NULL) = (stage = 'consented')),
    CHECK ((code_expires_at IS NOT NULL) = (stage = 'consented')),
    -- erased once the provider has it
    CHECK ((sealed_answer IS NOT NULL) = (stage = 'consented')),
    CHECK (link IS NULL OR stage <> 'open'),
    CHECK (link IS NOT NULL OR stage IN ('open', 'closed'))
) STRICT;
CREATE UNIQUE INDEX intents_of_link ON intents (link) WHERE link IS NOT NULL;
CREATE INDEX intents_expires_at ON intents (expires_at);

CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY CHECK (id GLOB 'cns_*' AND length(id) = 36),
    receipt BLOB NOT NULL,
    given_at INTEGER NOT NULL
) STRICT;
