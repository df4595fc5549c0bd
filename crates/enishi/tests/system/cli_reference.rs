//! Help, manual pages, completions, and the reference that is checked in.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::console::piped;
use crate::world::root;

/// Where the reference is checked in.
const REFERENCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference");

#[test]
fn the_reference_that_is_checked_in_is_what_the_program_says() {
    let folder = root();
    let written = piped(&["reference", folder.path().to_str().unwrap()], "");
    assert_eq!(written.code, Some(0), "{written:?}");
    for name in ["cli.md", "configuration.md", "exit-codes.md", "refusals.md"] {
        let says = fs::read_to_string(folder.path().join(name)).unwrap();
        let checked_in = fs::read_to_string(Path::new(REFERENCE).join(name)).unwrap();
        for (number, (says, checked_in)) in says.lines().zip(checked_in.lines()).enumerate() {
            assert_eq!(says, checked_in, "{name}:{}; run `enishi reference docs/reference`", number + 1);
        }
        assert!(
            says == checked_in,
            "{name} is not of the same length; run `enishi reference docs/reference`"
        );
    }
}

#[test]
fn every_command_shows_an_example_and_its_exit_codes() {
    let text = fs::read_to_string(Path::new(REFERENCE).join("cli.md")).unwrap();
    let sections: Vec<_> = text.split("\n## ").skip(1).collect();
    assert!(sections.len() > 30, "{}", sections.len());
    for section in sections {
        let (name, help) = section.split_once('\n').unwrap();
        // Those that only group others show the others.
        if !help.contains("\nCommands:\n") {
            assert!(help.contains("Exit codes:\n  0 "), "{name}");
            let example = help.contains("Example:\n  enishi ") || help.contains("Examples:\n  enishi ");
            assert!(example || name == "enishi-card-readers", "{name}");
        }
        let purpose = help.lines().nth(3).unwrap();
        assert!(purpose.len() > 12 && !purpose.starts_with("Usage:"), "{name}: {purpose:?}");
        assert!(help.lines().all(|line| !line.contains("[default: None]")), "{name}");
    }
}

#[test]
fn there_is_a_page_for_each_command_and_a_completion_for_each_shell() {
    let folder = root();
    let man = folder.path().join("man1");
    assert_eq!(piped(&["man", man.to_str().unwrap()], "").code, Some(0));
    let reference = fs::read_to_string(Path::new(REFERENCE).join("cli.md")).unwrap();
    let names: Vec<_> = reference.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    for name in &names {
        let page = fs::read_to_string(man.join(format!("{name}.1"))).unwrap();
        assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS") && page.len() > 400, "{name}");
    }
    assert_eq!(fs::read_dir(&man).unwrap().count(), names.len(), "and no page of a hidden command");
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef enishi"), ("fish", "complete -c enishi")]
    {
        let said = piped(&["completions", shell], "");
        assert_eq!(said.code, Some(0));
        assert!(said.out.contains(word) && said.out.contains("invite"), "{shell}");
    }
    assert_eq!(piped(&["completions", "csh"], "").code, Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = root();
    let sandbox = folder.path().join("town");
    for arguments in [vec!["completions", "bash"], vec!["keys", "init", "sandbox", sandbox.to_str().unwrap()]]
    {
        let mut child = Command::new(env!("CARGO_BIN_EXE_enishi"))
            .args(&arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(0), "{arguments:?}: {ended:?}");
    }
    assert!(sandbox.join("relay/relay.toml").is_file());
}
