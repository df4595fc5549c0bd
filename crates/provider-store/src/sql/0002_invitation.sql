-- Links that the company began itself. There is no session: whoever knows the state brings the result, once.
CREATE TABLE invitation (
    state    BLOB    NOT NULL PRIMARY KEY CHECK (length(state) = 32),
    intent   BLOB    NOT NULL UNIQUE CHECK (length(intent) = 16),
    customer TEXT    NOT NULL,
    slot     INTEGER NOT NULL,
    until    INTEGER NOT NULL,
    FOREIGN KEY (customer, slot) REFERENCES card (customer, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX invitation_by_time ON invitation (until);
