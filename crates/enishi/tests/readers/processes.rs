//! `enishi softcard`, `enishi card` and `enishi terminal` as processes, with OpenSC between them.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, Company, PersonKey, Shop};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::cards::{CardFile, Certificate, fresh};
use crate::desk::Desk;
use crate::opensc::{certificate, tool};
use crate::ours::{Books, reader};
use crate::pcscd::Pcscd;
use crate::programs::{Said, enishi_program, openssl_verifies, program, say};

/// `enishi softcard`, until it is told to end.
struct Softcard(Child);

impl Softcard {
    fn insert(desk: &Desk, card: &Path) -> Self {
        let mut command: Command = program(enishi_program(), desk.folder.path());
        command.args(["softcard", "--card"]).arg(card).stdin(Stdio::null()).stdout(Stdio::null());
        let child = Self(command.spawn().unwrap());
        desk.await_card();
        child
    }

    /// Pulls the card out by SIGTERM.
    fn pull(mut self, desk: &Desk) {
        desk.await_removal(|| {
            kill_process(Pid::from_child(&self.0), Signal::TERM).unwrap();
            assert!(self.0.wait().unwrap().success());
        });
    }
}

impl Drop for Softcard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn softcard_is_a_card_for_opensc_and_for_our_commands_and_keeps_its_counters() {
    let Some(desk) = Desk::set("softcard") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let softcard = Softcard::insert(&desk, &file);
    let named = enishi(&desk, &["card", "readers"], b"");
    assert!(String::from_utf8(named.well()).unwrap().contains(Pcscd::FIRST.reader));
    let which = Certificate::Authentication;
    assert!(certificate(&desk, which) == CardFile::read(&file).certificate(which));
    assert_eq!(tries(&desk), (Some(3), Some(5)));

    assert!(
        !tool(desk.folder.path(), &["--verify-pin", "--auth-id", "01", "--pin", "9998"]).status.success()
    );
    softcard.pull(&desk);
    assert_eq!(CardFile::read(&file).tries(), (2, 5));
    let softcard = Softcard::insert(&desk, &file);
    assert_eq!(tries(&desk), (Some(2), Some(5)));

    // Two wrong ones block it, in the words of our own command.
    for left in [Some(1), None] {
        tool(desk.folder.path(), &["--verify-pin", "--auth-id", "01", "--pin", "9998"]);
        assert_eq!(tries(&desk), (left, Some(5)));
    }
    let document = desk.folder.path().join("document");
    std::fs::write(&document, b"a contract").unwrap();
    let signature = desk.folder.path().join("signature");
    let sign = ["card", "sign", document.to_str().unwrap(), "--out", signature.to_str().unwrap()];
    let said = enishi(&desk, &[&sign[..], &READER].concat(), format!("{CARD_SIGNING_PASSWORD}\n").as_bytes());
    said.well();
    let signature = std::fs::read(&signature).unwrap();
    let signing = CardFile::read(&file).certificate(Certificate::Signing);
    assert!(openssl_verifies("-sha256", &signing, &signature, b"a contract"));
    softcard.pull(&desk);
}

#[tokio::test(flavor = "multi_thread")]
async fn terminal_pay_sells_through_pcscd_and_a_wrong_pin_costs_one_try() {
    let Some(desk) = Desk::set("terminal-pay") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let file = books.card_file();
    let softcard = {
        // The card's file has one holder at a time.
        drop(books.card());
        Softcard::insert(&desk, &file)
    };
    books.enrol(&reader()).await;
    // So has the terminal's folder.
    books.town.terminals.remove(&Shop::Books);
    let config = books.town.plan.terminal(Shop::Books);
    let pay = |yen: &str, pin: &str| {
        let order = ["terminal", "pay", "--json", "--lang", "en", "--yen", yen];
        let at = ["--config", config.to_str().unwrap(), "--contract", Company::A.contract()];
        let said = enishi(&desk, &[&order[..], &at, &READER].concat(), format!("{pin}\n").as_bytes());
        println!("{}", said.text);
        said
    };
    let paid = pay("1980", CARD_AUTH_PIN);
    assert_eq!(paid.status.code(), Some(0), "{}", paid.text);
    let answer: Value = serde_json::from_slice(&paid.output).unwrap();
    assert_eq!(answer["outcome"], "approved", "{answer}");
    assert!(paid.text.contains("1,980"), "{}", paid.text);

    let wrong = pay("1981", "9998");
    assert_eq!(wrong.status.code(), Some(1), "{}", wrong.text);
    assert_eq!(CardFile::read(&file).tries(), (2, 5));
    assert!(!wrong.text.contains("9998"), "{}", wrong.text);
    assert_eq!(pay("1982", CARD_AUTH_PIN).status.code(), Some(0));
    assert_eq!(CardFile::read(&file).tries(), (3, 5));
    assert_eq!(books.statement().await, [1_980, 1_982]);
    softcard.pull(&desk);
    books.town.stop().await;
}

const READER: [&str; 2] = ["--reader", Pcscd::FIRST.reader];

/// Runs our program; it reads secrets from its input.
fn enishi(desk: &Desk, arguments: &[&str], input: &[u8]) -> Said {
    let mut command = program(enishi_program(), desk.folder.path());
    command.args(arguments).stdin(Stdio::null());
    say(command, input)
}

/// What `enishi card tries` says; `None` is blocked.
fn tries(desk: &Desk) -> (Option<u64>, Option<u64>) {
    let said = enishi(desk, &[&["card", "tries", "--json"][..], &READER].concat(), b"").well();
    let said: Value = serde_json::from_slice(&said).unwrap();
    let count = |name: &str| {
        assert!(said[name].is_u64() || said[name] == "blocked", "{said}");
        said[name].as_u64()
    };
    (count("authentication"), count("signing"))
}
