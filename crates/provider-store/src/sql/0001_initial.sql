-- Times are milliseconds since 1970, UTC. Amounts are minor units. Identifiers that the relay gave are 16 octets.

CREATE TABLE customer (
    id              TEXT    NOT NULL PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64),
    name            TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    birth_date      TEXT    NOT NULL CHECK (birth_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
    state           TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    password_salt   BLOB    NOT NULL CHECK (length(password_salt) = 16),
    password_rounds INTEGER NOT NULL CHECK (password_rounds BETWEEN 1 AND 4294967295),
    password_hash   BLOB    NOT NULL CHECK (length(password_hash) = 32)
) STRICT, WITHOUT ROWID;

-- The card number lies here in clear; encryption at rest comes with the key store. The PIN does not lie anywhere.
CREATE TABLE card (
    customer          TEXT    NOT NULL REFERENCES customer (id),
    slot              INTEGER NOT NULL CHECK (slot BETWEEN 0 AND 31),
    pan               TEXT    NOT NULL UNIQUE CHECK (length(pan) BETWEEN 12 AND 19 AND pan NOT GLOB '*[^0-9]*'),
    label             TEXT    NOT NULL CHECK (length(label) BETWEEN 1 AND 40),
    state             TEXT    NOT NULL CHECK (state IN ('active', 'suspended')),
    currency          TEXT    NOT NULL CHECK (currency = 'JPY'),
    credit_limit      INTEGER NOT NULL CHECK (credit_limit BETWEEN 1 AND 999999999999),
    transaction_limit INTEGER NOT NULL CHECK (transaction_limit BETWEEN 1 AND 999999999999),
    pin_value         BLOB    NOT NULL CHECK (length(pin_value) = 16),
    pin_wrong_tries   INTEGER NOT NULL CHECK (pin_wrong_tries BETWEEN 0 AND 3),
    PRIMARY KEY (customer, slot)
) STRICT, WITHOUT ROWID;

-- ID変換: a customer's latest row is the one that counts.
CREATE TABLE conversion (
    id        INTEGER NOT NULL PRIMARY KEY,
    pairwise  BLOB    NOT NULL UNIQUE CHECK (length(pairwise) = 16),
    customer  TEXT    NOT NULL REFERENCES customer (id),
    stored_at INTEGER NOT NULL
) STRICT;
CREATE INDEX conversion_of_customer ON conversion (customer, id);

CREATE TABLE tie (
    instrument BLOB    NOT NULL PRIMARY KEY CHECK (length(instrument) = 16),
    customer   TEXT    NOT NULL,
    slot       INTEGER NOT NULL,
    link       BLOB    NOT NULL UNIQUE CHECK (length(link) = 16),
    pairwise   BLOB    REFERENCES conversion (pairwise),
    receipt    TEXT    NOT NULL CHECK (json_valid(receipt)),
    tied_at    INTEGER NOT NULL,
    FOREIGN KEY (customer, slot) REFERENCES card (customer, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX tie_of_pairwise ON tie (pairwise);

-- The ledger. That an entry's legs sum to zero is checked before they are written, and can be asked of the whole ledger.
CREATE TABLE entry (
    id        INTEGER NOT NULL PRIMARY KEY,
    posted_at INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('purchase', 'reversal')),
    reverses  INTEGER UNIQUE REFERENCES entry (id),
    CHECK ((kind = 'reversal') = (reverses IS NOT NULL))
) STRICT;

CREATE TABLE leg (
    entry    INTEGER NOT NULL REFERENCES entry (id),
    line     INTEGER NOT NULL CHECK (line BETWEEN 0 AND 15),
    account  TEXT    NOT NULL CHECK (account IN ('card_receivable', 'merchant_payable')),
    customer TEXT,
    slot     INTEGER,
    merchant TEXT    CHECK (length(merchant) BETWEEN 1 AND 15),
    side     TEXT    NOT NULL CHECK (side IN ('debit', 'credit')),
    minor    INTEGER NOT NULL CHECK (minor BETWEEN 1 AND 999999999999),
    currency TEXT    NOT NULL CHECK (currency = 'JPY'),
    PRIMARY KEY (entry, line),
    FOREIGN KEY (customer, slot) REFERENCES card (customer, slot),
    CHECK ((account = 'card_receivable') = (customer IS NOT NULL)),
    CHECK ((account = 'card_receivable') = (slot IS NOT NULL)),
    CHECK ((account = 'merchant_payable') = (merchant IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX leg_of_card ON leg (customer, slot, side, minor) WHERE account = 'card_receivable';

CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'ledger entries never change'); END;
CREATE TRIGGER entry_is_kept BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'ledger entries are never taken out'); END;
CREATE TRIGGER leg_stays BEFORE UPDATE ON leg BEGIN SELECT RAISE(ABORT, 'ledger entries never change'); END;
CREATE TRIGGER leg_is_kept BEFORE DELETE ON leg BEGIN SELECT RAISE(ABORT, 'ledger entries are never taken out'); END;

-- One row for each transaction key that was ever answered or reversed. Without a digest it is a tombstone: reversed,
-- and never seen.
CREATE TABLE book_transaction (
    key             TEXT    NOT NULL PRIMARY KEY CHECK (length(key) BETWEEN 1 AND 96),
    digest          BLOB    CHECK (length(digest) = 32),
    response_code   TEXT    CHECK (length(response_code) = 2),
    reason          TEXT,
    approval_day    TEXT,
    approval_number TEXT    CHECK (length(approval_number) = 6),
    entry           INTEGER UNIQUE REFERENCES entry (id),
    settled_at      INTEGER,
    reversed_at     INTEGER,
    reversal        INTEGER UNIQUE REFERENCES entry (id),
    CHECK ((digest IS NULL) = (response_code IS NULL)),
    CHECK ((digest IS NULL) = (settled_at IS NULL)),
    CHECK (digest IS NOT NULL OR reversed_at IS NOT NULL),
    CHECK ((response_code IS '00') = (entry IS NOT NULL)),
    CHECK ((approval_number IS NULL) = (entry IS NULL)),
    CHECK ((approval_day IS NULL) = (entry IS NULL)),
    CHECK ((reversal IS NOT NULL) = (entry IS NOT NULL AND reversed_at IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX book_transaction_approval ON book_transaction (approval_day, approval_number)
    WHERE approval_number IS NOT NULL;
CREATE INDEX book_transaction_tombstone ON book_transaction (reversed_at) WHERE digest IS NULL;

CREATE TABLE approval_day (
    day  TEXT    NOT NULL PRIMARY KEY,
    last INTEGER NOT NULL CHECK (last BETWEEN 1 AND 999999)
) STRICT, WITHOUT ROWID;

CREATE TABLE used_assertion (
    assertion BLOB    NOT NULL PRIMARY KEY CHECK (length(assertion) = 16),
    used_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX used_assertion_by_time ON used_assertion (used_at);

CREATE TABLE unreadable_block (
    id       INTEGER NOT NULL PRIMARY KEY,
    customer TEXT    NOT NULL,
    slot     INTEGER NOT NULL,
    came_at  INTEGER NOT NULL,
    FOREIGN KEY (customer, slot) REFERENCES card (customer, slot)
) STRICT;
CREATE INDEX unreadable_block_of_card ON unreadable_block (customer, slot, came_at);

CREATE TABLE session (
    digest   BLOB    NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    customer TEXT    NOT NULL REFERENCES customer (id),
    until    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_time ON session (until);

CREATE TABLE pending_link (
    state    BLOB    NOT NULL PRIMARY KEY CHECK (length(state) = 32),
    session  BLOB    NOT NULL REFERENCES session (digest) ON DELETE CASCADE,
    intent   BLOB    NOT NULL CHECK (length(intent) = 16),
    customer TEXT    NOT NULL,
    slot     INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    FOREIGN KEY (customer, slot) REFERENCES card (customer, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX pending_link_of_session ON pending_link (session);

-- Also of customers that do not exist: who tries names must not learn which do.
CREATE TABLE login_failure (
    id        INTEGER NOT NULL PRIMARY KEY,
    customer  TEXT    NOT NULL,
    failed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failure_of_customer ON login_failure (customer, failed_at);
