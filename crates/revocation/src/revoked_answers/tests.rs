use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn each_certificate_has_its_own_moment_while_the_process_runs() {
    let mut answers = RevokedAnswers::open(None).unwrap();
    answers.note([1; 32], at(100), at(0)).unwrap();
    answers.note([1; 32], at(50), at(0)).unwrap();
    answers.note([2; 32], at(200), at(0)).unwrap();
    assert_eq!((answers.about(&[1; 32]), answers.before_lists(&[1; 32])), (Some(at(100)), Some(at(100))));
    assert_eq!((answers.about(&[3; 32]), answers.before_lists(&[3; 32])), (None, None));
}

#[test]
fn after_a_restart_the_newest_moment_holds_for_everyone_and_nobody_is_named() {
    let folder = TempDir::new().unwrap();
    let mut answers = RevokedAnswers::open(Some(folder.path())).unwrap();
    answers.note([1; 32], at(100), at(0)).unwrap();
    answers.note([2; 32], at(200), at(0)).unwrap();
    answers.note([1; 32], at(150), at(0)).unwrap();
    let again = RevokedAnswers::open(Some(folder.path())).unwrap();
    for certificate in [[1; 32], [2; 32], [3; 32]] {
        assert_eq!(again.before_lists(&certificate), Some(at(200)));
        assert_eq!(again.about(&certificate), None, "an answer is weighed by itself");
    }
    let file = folder.path().join("revoked.answer");
    assert_eq!(fs::read_to_string(&file).unwrap(), "200\n");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_moment_that_cannot_be_read_stops_the_start() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("revoked.answer"), "soon").unwrap();
    assert!(RevokedAnswers::open(Some(folder.path())).is_err());
}
