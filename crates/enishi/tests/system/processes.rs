//! `enishi demo --processes`: the same stories, every party a process of its own.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::child::ENISHI;
use crate::world::{alone, root};

/// How long a demo that was interrupted may take to end. A party in the middle of something may end that first.
const END_WAIT: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);

#[test]
fn the_stories_are_the_same_in_english() {
    let _alone = alone();
    assert_same("en");
}

#[test]
fn the_stories_are_the_same_in_japanese() {
    let _alone = alone();
    assert_same("ja");
}

fn assert_same(language: &str) {
    let [here, processes] = [&[][..], &["--processes"]].map(|mode: &[&str]| {
        let folder = root();
        let output = demo(folder.path(), language, mode).output().unwrap();
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{mode:?}: {}\n{complained}", said(&output));
        assert_eq!(left_in(folder.path()), 0, "{mode:?} leaves a folder");
        masked(&said(&output))
    });
    assert!(here.lines().count() > 150, "{here}");
    for (here, processes) in here.lines().zip(processes.lines()) {
        assert_eq!(here, processes);
    }
    assert_eq!(here, processes);
}

/// Ctrl-C and a service manager's stop, early and late, in both modes: nothing is left, and the exit code says so.
#[test]
fn a_demo_that_is_interrupted_leaves_no_party_and_no_folder() {
    let _alone = alone();
    for mode in [&[][..], &["--processes"]] {
        for (signal, code, until) in [
            (Signal::INT, 130, "folder:"),
            (Signal::TERM, 143, "1. Approved"),
            (Signal::INT, 130, "21. Refused"),
        ] {
            let folder = root();
            let mut child = demo_until(&folder, until, mode);
            kill_process(Pid::from_child(&child), signal).unwrap();
            let what = format!("{mode:?} {signal:?} at {until:?}");
            assert_eq!(wait(&mut child), Some(code), "{what}");
            assert_eq!(left_in(folder.path()), 1, "{what}: more than the output is left");
            assert_eq!(parties_of(folder.path()), BTreeSet::new(), "{what}");
        }
    }
}

/// Where the demo itself is killed, it cannot stop anybody: its parties see that it is gone.
#[test]
fn parties_end_by_themselves_when_the_demo_is_killed() {
    let _alone = alone();
    let folder = root();
    let mut child = demo_until(&folder, "1. Approved", &["--processes"]);
    assert_eq!(parties_of(folder.path()).len(), 6, "{:?}", parties_of(folder.path()));
    child.kill().unwrap();
    child.wait().unwrap();
    let begun = Instant::now();
    while !parties_of(folder.path()).is_empty() {
        assert!(begun.elapsed() < END_WAIT, "{:?}", parties_of(folder.path()));
        std::thread::sleep(GLANCE);
    }
}

#[test]
fn a_party_that_dies_ends_the_demo_with_its_last_words() {
    let _alone = alone();
    let folder = root();
    let child = demo_until(&folder, "1. Approved", &["--processes"]);
    let parties = parties_of(folder.path());
    let relay = parties.iter().find(|(_, arguments)| arguments.contains("relay serve")).unwrap().0;
    kill_process(Pid::from_raw(relay).unwrap(), Signal::KILL).unwrap();
    let output = child.wait_with_output().unwrap();
    let complained = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{complained}");
    assert!(complained.starts_with("enishi demo: relay ended by itself (signal: 9"), "{complained}");
    assert!(complained.contains("payment concluded"), "the end of its log: {complained}");
    assert_eq!(parties_of(folder.path()), BTreeSet::new());
    assert_eq!(left_in(folder.path()), 1, "more than the output");
}

#[test]
fn a_party_of_production_has_no_tap() {
    let folder = root();
    let config = folder.path().join("party.toml");
    std::fs::write(&config, "sandbox = false\n").unwrap();
    let tap = folder.path().join("tap");
    for arguments in
        [&["relay", "serve"][..], &["authority", "serve"], &["provider", "serve"], &["sandbox-terminal"]]
    {
        let output = Command::new(ENISHI)
            .args(arguments)
            .args(["--config".as_ref(), config.as_os_str(), "--sandbox-tap".as_ref(), tap.as_os_str()])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let complained = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && complained.contains("does not say `sandbox = true`"),
            "{arguments:?}: {complained}"
        );
        assert!(!tap.exists(), "{arguments:?}");
    }
}

fn demo(temporary: &Path, language: &str, mode: &[&str]) -> Command {
    let mut command = Command::new(ENISHI);
    command.args(["demo", "--lang", language]).args(mode).env("TMPDIR", temporary).stdin(Stdio::null());
    command
}

/// A demo that has just said these words; what it says goes to `out` in its folder.
fn demo_until(folder: &TempDir, words: &str, mode: &[&str]) -> Child {
    let out = folder.path().join("out");
    let mut command = demo(folder.path(), "en", mode);
    command.stdout(File::create(&out).unwrap()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    while !std::fs::read_to_string(&out).unwrap().contains(words) {
        assert!(
            begun.elapsed() < END_WAIT && child.try_wait().unwrap().is_none(),
            "it did not say {words:?}"
        );
        std::thread::sleep(GLANCE);
    }
    child
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn left_in(folder: &Path) -> usize {
    std::fs::read_dir(folder).unwrap().count()
}

fn wait(child: &mut Child) -> Option<i32> {
    let begun = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        if begun.elapsed() > END_WAIT {
            child.kill().unwrap();
            panic!("still running {END_WAIT:?} after the signal");
        }
        std::thread::sleep(GLANCE);
    }
}

/// The processes that were started with a configuration under a folder.
fn parties_of(folder: &Path) -> BTreeSet<(i32, String)> {
    let folder = folder.to_str().unwrap();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let arguments = processes.filter_map(|process| {
        let pid = process.file_name().to_str()?.parse().ok()?;
        let line = std::fs::read(process.path().join("cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    });
    arguments.filter(|(_, arguments)| arguments.contains("--config") && arguments.contains(folder)).collect()
}

/// A transcript without what is new in every run: times, the folder, and the random name of a purchase.
fn masked(transcript: &str) -> String {
    let lines = transcript.lines().map(|line| {
        let words = line.split(' ').map(|word| {
            let digits = word.bytes().filter(u8::is_ascii_digit).count();
            if word.contains("/enishi-demo-") {
                "FOLDER"
            } else if word.strip_prefix("pay_").is_some_and(|name| name.len() == 32) {
                "PAYMENT"
            } else if word.len() == 10 && digits == 8 && word.split('-').count() == 3 {
                "DATE"
            } else if word.len() == 8 && digits == 6 && word.split(':').count() == 3 {
                "TIME"
            } else {
                word
            }
        });
        let words: Vec<_> = words.collect();
        let spans = words.iter().enumerate().map(|(index, word)| {
            let is_span = words.get(index + 1) == Some(&"ms") && word.parse::<f64>().is_ok();
            if is_span { "SPAN" } else { word }
        });
        spans.collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_mask_hides_what_is_new_in_every_run_and_nothing_else() {
    let run = |folder: &str, span: &str, at: &str, name: &str, amount: &str| {
        masked(&format!(
            "folder: /tmp/enishi-demo-{folder}\n    ⏱ ① card {span} ms · company 2.2 ms\n    │ Date (JST): 2026-07-21 {at}\n    │ Amount: {amount}\n    │ Transaction: pay_{name}"
        ))
    };
    let (one, other) = ("00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100");
    let first = run("abc", "0.4", "04:53:29", one, "¥1,980");
    assert_eq!(first, run("xyz", "15.0", "23:59:59", other, "¥1,980"));
    assert_ne!(first, run("abc", "0.4", "04:53:29", one, "¥1,981"));
    assert_ne!(first, first.replace("company", "prove"));
}
