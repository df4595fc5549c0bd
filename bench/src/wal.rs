//! How many commits reached the disk, read from SQLite's write-ahead logs (sqlite.org/fileformat.html, §4).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::BenchError;

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;

/// Commits of each log at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Logs(BTreeMap<PathBuf, Log>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Log {
    /// The log's life: other salts are another life.
    salts: [u8; 8],
    commits: u32,
}

impl Logs {
    /// Reads every log below a folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, BenchError> {
        let mut logs = Self::default();
        let mut open = vec![folder.to_path_buf()];
        while let Some(folder) = open.pop() {
            for entry in fs::read_dir(&folder).map_err(BenchError::file(&folder))? {
                let path = entry.map_err(BenchError::file(&folder))?.path();
                if path.is_dir() {
                    open.push(path);
                } else if path.to_string_lossy().ends_with("-wal")
                    && let Some(log) = parse(&fs::read(&path).map_err(BenchError::file(&path))?)
                {
                    logs.0.insert(path, log);
                }
            }
        }
        Ok(logs)
    }

    /// Commits since `before`, by file; none where a log began a new life meanwhile and cannot be told.
    pub(crate) fn since(&self, before: &Self) -> Option<BTreeMap<PathBuf, u32>> {
        let mut commits = BTreeMap::new();
        for (path, log) in &self.0 {
            let known = match before.0.get(path) {
                Some(earlier) if earlier.salts == log.salts => earlier.commits,
                Some(_) => return None,
                None => 0,
            };
            commits.insert(path.clone(), log.commits.checked_sub(known)?);
        }
        Some(commits)
    }
}

/// A log that was cut holds nothing.
fn parse(log: &[u8]) -> Option<Log> {
    let header = log.get(..HEADER)?;
    let page = usize::try_from(u32::from_be_bytes(header.get(8..12)?.try_into().ok()?)).ok()?;
    let salts: [u8; 8] = header.get(16..24)?.try_into().ok()?;
    let frames = log.get(HEADER..)?.chunks_exact(FRAME_HEADER.checked_add(page)?);
    // Behind the frames of this life stand those of an earlier one.
    let own = frames.take_while(|frame| frame.get(8..16) == Some(&salts));
    // "For commit records, the size of the database file in pages after the commit. For all other records, zero."
    let commits = own.filter(|frame| frame.get(4..8) != Some(&[0; 4])).count();
    Some(Log { salts, commits: u32::try_from(commits).ok()? })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::Logs;

    #[test]
    fn every_commit_is_counted_and_a_read_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("a.sqlite")).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b);").unwrap();
        let before = Logs::read(folder.path()).unwrap();
        for _ in 0..3 {
            connection.execute("INSERT INTO a VALUES (zeroblob(10000))", ()).unwrap();
        }
        connection.execute_batch("BEGIN IMMEDIATE; SELECT count(*) FROM a; COMMIT;").unwrap();
        connection
            .execute_batch("BEGIN; INSERT INTO a VALUES (1); INSERT INTO a VALUES (2); COMMIT;")
            .unwrap();
        let after = Logs::read(folder.path()).unwrap();
        let commits: Vec<u32> = after.since(&before).unwrap().into_values().collect();
        assert_eq!(commits, [4]);
    }

    #[test]
    fn a_log_that_began_anew_is_not_guessed_at() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join("a.sqlite")).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b);").unwrap();
        let before = Logs::read(folder.path()).unwrap();
        connection.execute_batch("PRAGMA wal_checkpoint(RESTART); INSERT INTO a VALUES (1);").unwrap();
        assert_eq!(Logs::read(folder.path()).unwrap().since(&before), None);
    }
}
