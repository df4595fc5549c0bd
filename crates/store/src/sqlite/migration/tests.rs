use rusqlite::Connection;

use super::{PARTITION, RELAY, Schema, migrate};
use crate::OpenError;

fn opened(folder: &tempfile::TempDir) -> (Connection, std::path::PathBuf) {
    let path = folder.path().join("file.sqlite");
    (Connection::open(&path).unwrap(), path)
}

fn version(connection: &Connection) -> i32 {
    connection.query_row("PRAGMA user_version", (), |row| row.get(0)).unwrap()
}

const TWO_STEPS: Schema = Schema {
    application_id: 7,
    migrations: &["CREATE TABLE a (x INTEGER) STRICT;", "CREATE TABLE b (x INTEGER) STRICT;"],
};

#[test]
fn a_file_gets_the_steps_it_lacks_and_no_step_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, path) = opened(&folder);
    let first = Schema { application_id: 7, migrations: &TWO_STEPS.migrations[..1] };
    migrate(&mut connection, &path, &first).unwrap();
    connection.execute("INSERT INTO a VALUES (1)", ()).unwrap();
    migrate(&mut connection, &path, &TWO_STEPS).unwrap();
    migrate(&mut connection, &path, &TWO_STEPS).unwrap();
    assert_eq!(version(&connection), 2);
    let kept: i64 = connection.query_row("SELECT count(*) FROM a", (), |row| row.get(0)).unwrap();
    assert_eq!(kept, 1);
}

#[test]
fn a_step_that_fails_leaves_the_file_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, path) = opened(&folder);
    let broken =
        Schema { application_id: 7, migrations: &["CREATE TABLE a (x INTEGER) STRICT;", "CREATE TABEL b"] };
    assert!(matches!(migrate(&mut connection, &path, &broken), Err(OpenError::Database { .. })));
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0)).unwrap();
    assert_eq!((tables, version(&connection)), (0, 0));
}

#[test]
fn a_newer_file_is_refused_in_clear_words() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, path) = opened(&folder);
    migrate(&mut connection, &path, &RELAY).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let error = migrate(&mut connection, &path, &RELAY).unwrap_err();
    let text = error.to_string();
    let known = RELAY.migrations.len();
    assert!(text.contains(&format!("has schema 99, and this program knows schemas up to {known}")), "{text}");
    assert!(text.contains("start the newer program"), "{text}");
}

#[test]
fn another_programs_database_and_another_kind_of_file_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, path) = opened(&folder);
    connection.execute_batch("CREATE TABLE notes (x TEXT)").unwrap();
    assert!(matches!(migrate(&mut connection, &path, &RELAY), Err(OpenError::Foreign { .. })));
    let folder = tempfile::tempdir().unwrap();
    let (mut connection, path) = opened(&folder);
    migrate(&mut connection, &path, &PARTITION).unwrap();
    assert!(matches!(migrate(&mut connection, &path, &RELAY), Err(OpenError::Foreign { .. })));
}
