//! Where a scan looks: wires, files, rows, logs.

use std::collections::BTreeSet;
use std::path::Path;

use enishi_sandbox::sandbox::{Needle, Party, Town};
use enishi_transport::Direction;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// Bytes, and where they are from.
#[derive(Clone)]
pub(crate) struct Haystack {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

impl Haystack {
    pub(crate) fn new(name: impl Into<String>, bytes: Vec<u8>) -> Self {
        Self { name: name.into(), bytes }
    }

    /// The same with other bytes in its middle.
    pub(crate) fn with_planted(&self, planted: &[u8]) -> Self {
        let (before, after) = self.bytes.split_at(self.bytes.len() / 2);
        Self::new(self.name.clone(), [before, planted, after].concat())
    }
}

/// Everything that a party received or sent since the captures were cleared.
pub(crate) fn wire(town: &Town, party: Party) -> Vec<Haystack> {
    [Direction::Received, Direction::Sent]
        .map(|direction| {
            Haystack::new(format!("{party:?} {direction:?}"), town.seen(party).unwrap().stream(direction, ""))
        })
        .into()
}

/// Every file under a folder as it lies there: of a database also its log and what was erased from it.
pub(crate) fn files(folder: &Path) -> Vec<Haystack> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(Haystack::new(path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// What a folder keeps on purpose: the values of its databases' rows, and its other files.
pub(crate) fn rows(folder: &Path) -> Vec<Haystack> {
    let of_database = |name: &str| ["-wal", "-shm", "-journal"].iter().any(|end| name.ends_with(end));
    files(folder)
        .into_iter()
        .filter(|file| !of_database(&file.name))
        .map(|file| {
            if file.bytes.starts_with(b"SQLite format 3\0") {
                Haystack::new(file.name.clone(), values(Path::new(&file.name)))
            } else {
                file
            }
        })
        .collect()
}

/// Every value of every row, one after the other, with something between them.
fn values(database: &Path) -> Vec<u8> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags).unwrap();
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM \"{}\"", table.unwrap())).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                match row.get_ref(column).unwrap() {
                    ValueRef::Text(octets) | ValueRef::Blob(octets) => all.extend_from_slice(octets),
                    ValueRef::Integer(number) => all.extend_from_slice(number.to_string().as_bytes()),
                    ValueRef::Null | ValueRef::Real(_) => {}
                }
                all.extend_from_slice(b"\n\0");
            }
        }
    }
    all
}

/// What was found where: item, part, place.
pub(crate) fn scan<'a>(
    haystacks: impl IntoIterator<Item = &'a Haystack>,
    needles: &[Needle],
) -> BTreeSet<String> {
    let mut hits = BTreeSet::new();
    for haystack in haystacks {
        for needle in needles {
            for part in needle.parts_in(&haystack.bytes) {
                hits.insert(format!("{:?} {part} in {}", needle.item, haystack.name));
            }
        }
    }
    hits
}
