//! Wrong PINs: how OpenSC and our own reading count them down, and what survives.

use enishi_card::{PinKind, Tries};
use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, PersonKey};

use crate::cards::{CardFile, fresh};
use crate::desk::Desk;
use crate::ours::tries;
use crate::programs::{Said, run};

/// A PIN as OpenSC numbers it.
#[derive(Clone, Copy, Debug)]
struct Pin {
    id: &'static str,
    kind: PinKind,
    right: &'static str,
    wrong: &'static str,
    tries: u8,
}

const AUTHENTICATION: Pin =
    Pin { id: "01", kind: PinKind::Authentication, right: CARD_AUTH_PIN, wrong: "0000", tries: 3 };
const SIGNING: Pin =
    Pin { id: "02", kind: PinKind::Signing, right: CARD_SIGNING_PASSWORD, wrong: "WRONG99", tries: 5 };

#[test]
fn opensc_and_we_see_the_same_tries_and_a_right_pin_restores_them() {
    let Some(desk) = Desk::set("tries-restored") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    let _inserted = desk.insert(&file);
    for pin in [AUTHENTICATION, SIGNING] {
        assert_left(&desk, pin, pin.tries);
        assert!(verify(&desk, pin, pin.right).status.success(), "{pin:?}");
        assert_left(&desk, pin, pin.tries);
        for left in (1..pin.tries).rev() {
            let said = verify(&desk, pin, pin.wrong);
            assert!(!said.status.success() && said.text.contains("incorrect"), "{}", said.text);
            assert_left(&desk, pin, left);
        }
        assert!(verify(&desk, pin, pin.right).status.success(), "{pin:?}");
        assert_left(&desk, pin, pin.tries);
    }
}

#[test]
fn tries_survive_that_the_card_is_taken_out_and_a_blocked_pin_stays_blocked() {
    let Some(desk) = Desk::set("tries-survive") else { return };
    let file = fresh(desk.folder.path(), PersonKey::Hanako);
    for pin in [AUTHENTICATION, SIGNING] {
        for left in (0..pin.tries).rev() {
            let inserted = desk.insert(&file);
            assert!(!verify(&desk, pin, pin.wrong).status.success(), "{pin:?}");
            assert_left(&desk, pin, left);
            drop(inserted.pull());
        }
        let inserted = desk.insert(&file);
        for value in [pin.right, pin.wrong, pin.right] {
            assert!(!verify(&desk, pin, value).status.success(), "{pin:?} is blocked");
            assert_left(&desk, pin, 0);
        }
        drop(inserted.pull());
    }
    assert_eq!(CardFile::read(&file).tries(), (0, 0));
}

/// What the card says to OpenSC and to us.
fn assert_left(desk: &Desk, pin: Pin, left: u8) {
    let listed = run("pkcs15-tool", &["--list-pins"], desk.folder.path());
    let opensc: Vec<_> = listed
        .text
        .lines()
        .filter_map(|line| {
            line.trim().strip_prefix("Tries left")?.trim_start_matches([' ', ':']).parse::<u8>().ok()
        })
        .collect();
    let index = if pin.id == "01" { 0 } else { 1 };
    assert_eq!(opensc.get(index), Some(&left), "{pin:?}: {}", listed.text);
    let ours = if left == 0 { Tries::Blocked } else { Tries::Left(left) };
    assert_eq!(tries(pin.kind), ours, "{pin:?}");
}

fn verify(desk: &Desk, pin: Pin, value: &str) -> Said {
    let verify = ["--verify-pin", "--auth-id", pin.id, "--pin", value];
    run("pkcs15-tool", &verify, desk.folder.path())
}
