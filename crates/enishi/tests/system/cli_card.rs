//! `enishi card` and `enishi softcard`, as a card developer meets them.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use enishi_card::SoftwareCard;
use enishi_jpki::Token;
use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, Person, PersonKey};
use rustix::process::{Pid, Signal, kill_process};

use crate::child::ENISHI;
use crate::cli_terminal::Counter;
use crate::console::{Console, piped};
use crate::world::alone;

#[tokio::test(flavor = "multi_thread")]
async fn reading_a_card_says_what_its_certificates_are_and_not_whose() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let card = counter.card(PersonKey::Taro);
    let said = piped(&["card", "read", "--card", &card], "");
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.out.contains("authentication-ca:") && said.out.contains("RSA, 2048 bits"), "{said:?}");
    let folder = counter.folder.path().join("read");
    let out = folder.to_str().unwrap();
    let password = format!("{CARD_SIGNING_PASSWORD}\n");
    let quiet = piped(&["card", "read", "--card", &card, "--signing", "--out", out, "--json"], &password);
    assert_eq!(quiet.code, Some(0), "{quiet:?}");
    let person = Person::of(PersonKey::Taro).unwrap();
    for text in [&said.out, &quiet.out] {
        for needle in counter.town.needles(PersonKey::Taro) {
            assert!(!needle.is_in(text.as_bytes()), "{needle:?}");
        }
        assert!(!text.contains(person.name));
    }
    let names = ["authentication", "authentication-ca", "signing-ca", "signing"];
    for name in names {
        for kind in ["cer", "pem"] {
            let path = folder.join(format!("{name}.{kind}"));
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let read = std::fs::read(folder.join(format!("{name}.cer"))).unwrap();
        let openssl = Command::new("openssl")
            .args(["x509", "-outform", "der", "-in"])
            .arg(folder.join(format!("{name}.pem")))
            .output()
            .unwrap();
        assert_eq!(openssl.stdout, read, "{name}: PEM and DER are the same certificate");
    }
    let image = SoftwareCard::open(counter.card(PersonKey::Taro).as_ref()).unwrap();
    drop(image);
    let shown = piped(&["card", "read", "--card", &card, "--show-personal"], "");
    assert!(shown.out.contains("serial: ") && shown.out.contains("subject: "), "{shown:?}");
    let again = piped(&["card", "read", "--card", &card, "--out", out], "");
    assert!(again.code == Some(2) && again.err.contains("exists"), "{again:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_verifies_with_openssl_and_a_wrong_password_costs_one_try() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let card = counter.card(PersonKey::Taro);
    let path = |name: &str| counter.folder.path().join(name).to_str().unwrap().to_owned();
    let (document, signature, certificate, key) = (path("doc"), path("sig"), path("me.cer"), path("key.pem"));
    std::fs::write(&document, vec![b'x'; 200_000]).unwrap();
    let order =
        ["card", "sign", &document, "--out", &signature, "--certificate", &certificate, "--card", &card];
    let wrong = piped(&order, "WRONG99\n");
    assert!(wrong.code == Some(1) && wrong.err.contains("4 tries left"), "{wrong:?}");
    let malformed = piped(&order, "short\n");
    assert!(malformed.code == Some(2) && malformed.err.contains("nothing was presented"), "{malformed:?}");
    for stopped in ["", "\n"] {
        assert_eq!(piped(&order, stopped).code, Some(1));
    }
    a_prompt_gives_the_terminal_back(&order);
    let mut console = Console::start(&order);
    console.until("4 tries left");
    assert!(!console.echoes());
    console.enter(&CARD_SIGNING_PASSWORD.to_lowercase());
    let (code, said) = console.end();
    assert_eq!(code, Some(0), "{said}");
    assert!(!said.to_uppercase().contains(CARD_SIGNING_PASSWORD), "{said}");
    let openssl = |arguments: &[&str]| Command::new("openssl").args(arguments).output().unwrap();
    let public = openssl(&["x509", "-inform", "der", "-in", &certificate, "-noout", "-pubkey"]);
    std::fs::write(&key, public.stdout).unwrap();
    let verified = openssl(&["dgst", "-sha256", "-verify", &key, "-signature", &signature, &document]);
    assert!(verified.status.success(), "{verified:?}");
    let again = piped(&order, "");
    assert!(again.code == Some(2) && again.err.contains("exists"), "{again:?}");
    counter.town.stop().await;
}

/// No key and no signal leaves a terminal behind that shows nothing, or a core file that holds what was typed.
fn a_prompt_gives_the_terminal_back(order: &[&str]) {
    for signal in [Signal::INT, Signal::TERM, Signal::QUIT] {
        let mut console = Console::start(order);
        assert!(console.echoes() && console.can_be_suspended());
        console.until("tries left");
        assert!(!console.echoes() && !console.can_be_suspended(), "Ctrl-Z would end in a mute shell");
        console.signal(signal);
        console.until("nothing was presented");
        assert!(console.echoes() && console.can_be_suspended(), "{signal:?}");
        assert_eq!(console.end().0, Some(1), "{signal:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_made_for_no_real_service() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let card = counter.card(PersonKey::Ken);
    let pin = format!("{CARD_AUTH_PIN}\n");
    let said = piped(&["card", "authenticate", "--origin", "https://login.example", "--card", &card], &pin);
    assert_eq!(said.code, Some(0), "{said:?}");
    let made: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let token = Token::from_json(&made["token"]).unwrap();
    assert_eq!(token.signature().len(), 256);
    assert_eq!(made["nonce"].as_str().unwrap().len(), 120);
    let real = piped(&["card", "authenticate", "--origin", "https://pay.jp", "--card", &card], &pin);
    assert!(real.code == Some(2) && real.err.contains("a real service"), "{real:?}");
    let nonce = piped(
        &["card", "authenticate", "--origin", "https://a.test", "--nonce", "AAAA", "--card", &card],
        &pin,
    );
    assert!(nonce.code == Some(2) && nonce.err.contains("--nonce"), "{nonce:?}");
    let tries = piped(&["card", "tries", "--card", &card], "");
    assert!(tries.out.contains("3 tries left") && tries.out.contains("5 tries left"), "{tries:?}");
    counter.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_software_card_is_in_the_reader_until_it_is_told_to_go() {
    let _alone = alone();
    let counter = Counter::open(&[]).await;
    let card = counter.card(PersonKey::Ken);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let mut child = Command::new(ENISHI)
        .args(["softcard", "--card", &card, "--vpcd", &address, "--verbose"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // A reader that goes away and comes back finds the card again, and the card is powered and asked each time.
    for _ in 0..2 {
        let (mut reader, _) = listener.accept().unwrap();
        send(&mut reader, &[1]);
        send(&mut reader, &[4]);
        assert_eq!(receive(&mut reader), SoftwareCard::ATR);
        send(&mut reader, &[0x00, 0xA4, 0x04, 0x0C, 0x0A, 0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0, 0, 0, 1]);
        assert_eq!(receive(&mut reader), [0x90, 0x00]);
    }
    let taken = piped(&["card", "tries", "--card", &card], "");
    assert!(taken.code == Some(2) && taken.err.contains("in use"), "one place at a time: {taken:?}");
    let (_reader, _) = listener.accept().unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(said.contains("INS A4") && said.contains("looking until it comes back"), "{said}");
    assert!(said.trim_end().ends_with("after 2 commands"), "{said}");
    assert!(!said.to_uppercase().contains("D392F0"), "no contents: {said}");
    counter.town.stop().await;
}

/// A message of vpcd's: two octets of length, big-endian, and so many octets.
fn send(reader: &mut impl Write, message: &[u8]) {
    let length = u16::try_from(message.len()).unwrap();
    reader.write_all(&[&length.to_be_bytes()[..], message].concat()).unwrap();
}

fn receive(reader: &mut impl Read) -> Vec<u8> {
    let mut length = [0; 2];
    reader.read_exact(&mut length).unwrap();
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    reader.read_exact(&mut message).unwrap();
    message
}
