-- The relay's own rows, and those of contracts under 委託. Times are microseconds since 1970-01-01 UTC; identifiers stand as
-- their texts. Collation "C": texts are compared by octets, as in SQLite.

CREATE SCHEMA relay;
SET LOCAL search_path TO relay;

CREATE TABLE payments (
    id TEXT COLLATE "C" PRIMARY KEY CHECK (id LIKE 'pay\_%' AND length(id) = 36),
    terminal TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    body_sha256 BYTEA NOT NULL CHECK (length(body_sha256) = 32),
    business_date TEXT NOT NULL CHECK (length(business_date) = 10),
    slip TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proven', 'awaiting', 'authorizing', 'closed')),
    -- the request with the card's token
    body BYTEA,
    -- the question to the holder
    offered TEXT,
    chosen_contract TEXT,
    chosen_link TEXT CHECK (chosen_link LIKE 'lnk\_%' AND length(chosen_link) = 36),
    answer TEXT,
    answer_until BIGINT,
    -- what is sent
    provider TEXT,
    contract TEXT,
    message BYTEA,
    assertion TEXT CHECK (assertion LIKE 'asr\_%' AND length(assertion) = 36),
    evidence TEXT CHECK (evidence IN ('none', 'in_partition')),
    -- the end
    outcome TEXT,
    closed_at BIGINT,
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
);
CREATE INDEX payments_unfinished ON payments (opened_at) WHERE state <> 'closed';
CREATE INDEX payments_closed ON payments (closed_at) WHERE state = 'closed';

CREATE TABLE consumed_tickets (
    ticket_sha256 BYTEA PRIMARY KEY CHECK (length(ticket_sha256) = 32),
    until BIGINT NOT NULL
);
CREATE INDEX consumed_tickets_until ON consumed_tickets (until);

CREATE TABLE tombstones (
    terminal TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    buried_at BIGINT NOT NULL,
    PRIMARY KEY (terminal, idempotency_key)
);
CREATE INDEX tombstones_buried_at ON tombstones (buried_at);

CREATE TABLE reversals (
    -- the order of queueing
    place BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    payment TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES payments (id),
    provider TEXT COLLATE "C" NOT NULL,
    message BYTEA NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'acknowledged', 'rejected')),
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    queued_at BIGINT NOT NULL,
    next_at BIGINT,
    response_code TEXT CHECK (length(response_code) <= 16),
    ended_at BIGINT,
    CHECK ((next_at IS NOT NULL) = (state = 'queued')),
    CHECK ((ended_at IS NOT NULL) = (state <> 'queued')),
    CHECK ((response_code IS NOT NULL) = (state = 'rejected'))
);
CREATE INDEX reversals_queued ON reversals (provider, place) WHERE state = 'queued';

CREATE TABLE quarantine (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    provider TEXT NOT NULL,
    message BYTEA NOT NULL,
    received_at BIGINT NOT NULL
);

-- The first number that is not reserved yet.
CREATE TABLE traces (
    provider TEXT COLLATE "C" PRIMARY KEY,
    next BIGINT NOT NULL CHECK (next > 0)
);

-- Look-ups of revocation in a verifier's right, counted by the hour since 1970-01-01 UTC: any zone's day can be summed.
CREATE TABLE lookups (
    verifier TEXT COLLATE "C" NOT NULL,
    hour BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    method TEXT NOT NULL CHECK (method IN ('crl', 'ocsp')),
    count BIGINT NOT NULL CHECK (count > 0),
    PRIMARY KEY (verifier, hour, purpose, method)
);

-- Pointers under the platform's key, to links of either model.
CREATE TABLE routes (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    platform_index BYTEA NOT NULL CHECK (length(platform_index) = 32),
    sealed BYTEA NOT NULL UNIQUE CHECK (length(sealed) BETWEEN 1 AND 128),
    since BIGINT NOT NULL
);
CREATE INDEX routes_of_card ON routes (platform_index);

-- Links under 代行, and no others.
CREATE TABLE links (
    id TEXT COLLATE "C" PRIMARY KEY CHECK (id LIKE 'lnk\_%' AND length(id) = 36),
    contract TEXT COLLATE "C" NOT NULL,
    blind_index BYTEA NOT NULL CHECK (length(blind_index) = 32),
    -- a pairwise ID: nothing else fits
    subject TEXT COLLATE "C" NOT NULL UNIQUE CHECK (subject ~ '^cnv_[0-9a-f]{32}$'),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active')),
    -- an instrument reference: no card or account number fits
    instrument TEXT CHECK (instrument ~ '^ins_[0-9a-f]{32}$'),
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    consent TEXT NOT NULL CHECK (consent LIKE 'cns\_%' AND length(consent) = 36),
    route BYTEA REFERENCES routes (sealed),
    since BIGINT NOT NULL,
    CHECK ((instrument IS NOT NULL) = (state = 'active')),
    CHECK (route IS NULL OR offer = 'jointly')
);
CREATE INDEX links_of_card ON links (contract, blind_index);
CREATE INDEX links_pending ON links (contract, since) WHERE state = 'pending';
CREATE INDEX links_route ON links (route) WHERE route IS NOT NULL;

-- Under 委託 an intent's customer stands among the contract's own rows.
CREATE TABLE intents (
    id TEXT COLLATE "C" PRIMARY KEY CHECK (id LIKE 'int\_%' AND length(id) = 36),
    contract TEXT COLLATE "C" NOT NULL,
    model TEXT NOT NULL CHECK (model IN ('entrusted', 'proxy')),
    callback TEXT NOT NULL,
    session_state TEXT NOT NULL,
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    expires_at BIGINT NOT NULL,
    stage TEXT NOT NULL CHECK (stage IN ('open', 'consented', 'redeemed', 'closed')),
    code_sha256 BYTEA CHECK (length(code_sha256) = 32),
    code_expires_at BIGINT,
    sealed_answer BYTEA,
    link TEXT COLLATE "C" CHECK (link LIKE 'lnk\_%' AND length(link) = 36),
    changed_at BIGINT NOT NULL,
    CHECK ((code_sha256 IS NOT NULL) = (stage = 'consented')),
    CHECK ((code_expires_at IS NOT NULL) = (stage = 'consented')),
    -- erased once the provider has it
    CHECK ((sealed_answer IS NOT NULL) = (stage = 'consented')),
    CHECK (link IS NULL OR stage <> 'open'),
    CHECK (link IS NOT NULL OR stage IN ('open', 'closed'))
);
CREATE UNIQUE INDEX intents_of_link ON intents (link) WHERE link IS NOT NULL;
CREATE INDEX intents_expires_at ON intents (expires_at);

CREATE TABLE consents (
    id TEXT COLLATE "C" PRIMARY KEY CHECK (id LIKE 'cns\_%' AND length(id) = 36),
    receipt BYTEA NOT NULL,
    given_at BIGINT NOT NULL
);

-- 委託: the relay works for each provider apart. A transaction names one contract, and sees and writes its rows alone.
CREATE SCHEMA entrusted;
SET LOCAL search_path TO entrusted;

CREATE TABLE links (
    id TEXT COLLATE "C" PRIMARY KEY CHECK (id LIKE 'lnk\_%' AND length(id) = 36),
    contract TEXT COLLATE "C" NOT NULL,
    blind_index BYTEA NOT NULL CHECK (length(blind_index) = 32),
    -- the provider's own name for its customer
    subject TEXT NOT NULL CHECK (subject ~ '^[A-Za-z0-9_-]{1,64}$'),
    -- 'leaving': no link any more, its routing row is being taken away
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'leaving')),
    instrument TEXT CHECK (instrument ~ '^ins_[0-9a-f]{32}$'),
    label TEXT NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    offer TEXT NOT NULL CHECK (offer IN ('jointly', 'alone')),
    consent TEXT NOT NULL CHECK (consent LIKE 'cns\_%' AND length(consent) = 36),
    -- the sealed routing row among the relay's
    route BYTEA CHECK (length(route) BETWEEN 1 AND 128),
    since BIGINT NOT NULL,
    CHECK ((instrument IS NOT NULL) = (state = 'active')),
    CHECK (route IS NULL OR offer = 'jointly')
);
CREATE INDEX links_of_card ON links (contract, blind_index);
CREATE INDEX links_pending ON links (contract, since) WHERE state = 'pending';
CREATE INDEX links_leaving ON links (contract, id) WHERE state = 'leaving';

-- Sealed to the provider; the relay cannot open it.
CREATE TABLE evidence (
    contract TEXT COLLATE "C" NOT NULL DEFAULT current_setting('enishi.contract'),
    assertion TEXT COLLATE "C" NOT NULL CHECK (assertion LIKE 'asr\_%' AND length(assertion) = 36),
    sealed BYTEA NOT NULL CHECK (length(sealed) BETWEEN 1 AND 65536),
    kept_at BIGINT NOT NULL,
    PRIMARY KEY (contract, assertion)
);

-- Whom an intent of this contract is for.
CREATE TABLE intent_customers (
    contract TEXT COLLATE "C" NOT NULL DEFAULT current_setting('enishi.contract'),
    intent TEXT COLLATE "C" NOT NULL CHECK (intent LIKE 'int\_%' AND length(intent) = 36),
    customer TEXT NOT NULL CHECK (customer ~ '^[A-Za-z0-9_-]{1,64}$'),
    PRIMARY KEY (contract, intent)
);

-- The second wall: also the owner of the tables sees no other contract's rows.
ALTER TABLE links ENABLE ROW LEVEL SECURITY;
ALTER TABLE links FORCE ROW LEVEL SECURITY;
CREATE POLICY one_contract ON links USING (contract = current_setting('enishi.contract'));
ALTER TABLE evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE evidence FORCE ROW LEVEL SECURITY;
CREATE POLICY one_contract ON evidence USING (contract = current_setting('enishi.contract'));
ALTER TABLE intent_customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE intent_customers FORCE ROW LEVEL SECURITY;
CREATE POLICY one_contract ON intent_customers USING (contract = current_setting('enishi.contract'));
