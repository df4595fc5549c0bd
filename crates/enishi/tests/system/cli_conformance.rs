//! `enishi conformance`, as somebody with a corpus runs it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::child::ENISHI;
use crate::console::piped;

fn answers(lines: &str) -> Vec<Value> {
    let said = piped(&["conformance"], lines);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""), "{said:?}");
    said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_line_gets_its_answer_in_order_and_the_stream_goes_on() {
    let overlong = format!("{{\"id\":\"long\",\"kind\":\"{}\"}}", "x".repeat(17 << 20));
    let path = r#"{"id":"p","kind":"path","profile":"rfc5280","now":"2026-11-20T03:00:00Z","leaf":"MAA=","anchors":[]}"#;
    let found = answers(&format!("{path}\nnonsense\n\n{overlong}\n{{\"id\":2}}\n{path}"));
    let ids: Vec<_> = found.iter().map(|answer| answer["id"].clone()).collect();
    assert_eq!(ids, ["p".into(), Value::Null, Value::Null, 2.into(), "p".into()]);
    let verdicts: Vec<_> = found.iter().map(|answer| answer["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["reject", "error", "error", "error", "reject"]);
    for answer in &found {
        assert_eq!(answer.as_object().unwrap().len(), 3, "{answer}");
        assert!(!answer["reason"].as_str().unwrap().is_empty());
    }
    assert!(found[1]["reason"].as_str().unwrap().starts_with("no case"));
    assert!(answers("").is_empty());
}

#[test]
fn an_answer_comes_before_the_next_case_is_given() {
    let mut child =
        Command::new(ENISHI).arg("conformance").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    for id in 0..3 {
        writeln!(input, "{{\"id\":{id}}}").unwrap();
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        assert!(line.starts_with(&format!("{{\"id\":{id},")), "{line}");
    }
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_leaves_ends_it_quietly_and_arguments_are_refused() {
    let mut child = Command::new(ENISHI)
        .arg("conformance")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // The second may meet a process that has ended.
    for _ in 0..2 {
        let _ = writeln!(input, "{{}}");
    }
    drop(input);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(piped(&["conformance", "file"], "").code, Some(2));
}
