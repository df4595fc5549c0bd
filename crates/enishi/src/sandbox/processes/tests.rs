use std::ffi::OsStr;
use std::io::{Read, Write};
use std::path::Path;

use super::Processes;
use crate::sandbox::SandboxError;

/// `sh -c SCRIPT`, which has the option of the record among its arguments and passes it over.
fn script(text: &str) -> [&OsStr; 2] {
    ["-c".as_ref(), text.as_ref()]
}

fn shell() -> Processes {
    Processes::new("/bin/sh".into())
}

fn is_gone(pid: &str) -> bool {
    !Path::new("/proc").join(pid.trim()).exists()
}

#[tokio::test]
async fn a_party_that_ends_by_itself_is_told_with_the_end_of_its_log() {
    let root = tempfile::tempdir().unwrap();
    let processes = shell();
    processes
        .serve(root.path(), "relay", &script("echo first >&2; echo the last words >&2; exit 7"))
        .unwrap();
    let error = processes.until_ready(root.path(), "relay", "relay ready").await.unwrap_err();
    let SandboxError::PartyEnded { party, status, last_lines, .. } = &error else { panic!("{error}") };
    assert_eq!(
        (party.as_str(), status.code(), last_lines.as_str()),
        ("relay", Some(7), "first\nthe last words")
    );
    assert!(error.to_string().contains("the last words"), "{error}");
}

#[tokio::test]
async fn parties_are_ended_by_sigterm_in_the_other_order() {
    let root = tempfile::tempdir().unwrap();
    let processes = shell();
    let order = root.path().join("order");
    for name in ["authority", "relay"] {
        let text = format!(
            "trap 'echo {name} >> {}; exit 0' TERM; echo {name} ready; while :; do sleep 0.05; done",
            order.display()
        );
        processes.serve(root.path(), name, &script(&text)).unwrap();
        processes.until_ready(root.path(), name, &format!("{name} ready")).await.unwrap();
    }
    assert!(processes.ended().is_none());
    assert_eq!(processes.stop().await, Vec::<String>::new());
    assert_eq!(std::fs::read_to_string(order).unwrap(), "relay\nauthority\n");
}

#[tokio::test]
async fn an_end_with_a_fault_is_told() {
    let root = tempfile::tempdir().unwrap();
    let processes = shell();
    let text = "trap 'exit 3' TERM; echo relay ready; while :; do sleep 0.05; done";
    processes.serve(root.path(), "relay", &script(text)).unwrap();
    processes.until_ready(root.path(), "relay", "relay ready").await.unwrap();
    let faults = processes.stop().await;
    assert!(
        matches!(faults.as_slice(), [fault] if fault.contains("relay") && fault.contains('3')),
        "{faults:?}"
    );
}

#[tokio::test]
async fn a_party_that_is_spoken_to_ends_with_its_line() {
    let root = tempfile::tempdir().unwrap();
    let processes = shell();
    let mut line =
        processes.speak_to(root.path(), "terminal", &script("read word; echo heard $word; cat")).unwrap();
    line.write_all(b"hello\n").unwrap();
    let mut heard = [0; 12];
    line.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"heard hello\n");
    drop(line);
    assert_eq!(processes.stop().await, Vec::<String>::new());
}

#[tokio::test]
async fn none_outlives_the_one_who_started_it() {
    let root = tempfile::tempdir().unwrap();
    let processes = shell();
    let text = "trap '' TERM; echo $$; echo relay ready; while :; do sleep 0.05; done";
    processes.serve(root.path(), "relay", &script(text)).unwrap();
    processes.until_ready(root.path(), "relay", "relay ready").await.unwrap();
    let said = std::fs::read_to_string(root.path().join("logs/relay.out")).unwrap();
    let pid = said.lines().next().unwrap();
    assert!(!is_gone(pid));
    drop(processes);
    assert!(is_gone(pid));
}
