-- Which card a customer enrolled for which instrument. The index is keyed; no serial number stands here.
CREATE TABLE serial_row (
    serial_index BLOB NOT NULL CHECK (length(serial_index) = 32),
    instrument   TEXT NOT NULL,
    customer     TEXT NOT NULL,
    link         TEXT NOT NULL,
    recorded_ms  INTEGER NOT NULL,
    PRIMARY KEY (serial_index, instrument)
) STRICT, WITHOUT ROWID;

-- Which act a tap carried, until its evidence would be too old anyway.
CREATE TABLE used_tap (
    ticket_sha256 BLOB NOT NULL PRIMARY KEY CHECK (length(ticket_sha256) = 32),
    act           TEXT NOT NULL,
    until_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX used_tap_until ON used_tap (until_ms);
