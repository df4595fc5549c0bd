//! A sandbox as a newcomer starts it: the public commands alone, each party a process of its own.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use enishi_sandbox::sandbox::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, Places};
use tempfile::TempDir;

use crate::child::PartyProcess;
use crate::console::{Said, piped};
use crate::random::Random;
use crate::world::{alone, root};

/// Below the range from which the kernel gives ports to callers.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// `enishi keys init sandbox`, on ports that are free now.
    pub(crate) fn make(random: &mut Random) -> Self {
        let folder = root();
        for _ in 0..64 {
            let base = PORTS.start + u16::try_from(random.below(u64::from(PORTS.end - PORTS.start))).unwrap();
            let free = (0..Places::COUNT).all(|place| TcpListener::bind(("127.0.0.1", base + place)).is_ok());
            if free {
                let path = folder.path().to_str().unwrap();
                let made = piped(&["keys", "init", "sandbox", path, "--port-base", &base.to_string()], "");
                assert_eq!(made.code, Some(0), "{made:?}");
                assert!(made.out.contains("enishi relay serve --config"), "{made:?}");
                return Self { folder };
            }
        }
        panic!("no {} free ports in a row", Places::COUNT);
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// An argument that is a file of the sandbox.
    pub(crate) fn file(&self, file: &str) -> String {
        self.path(file).to_str().unwrap().to_owned()
    }

    /// Every server, in the order that `keys init sandbox` tells.
    pub(crate) fn serve(&self) -> Vec<PartyProcess> {
        [
            ("authority", "authority/authority.toml"),
            ("provider", "company-a/provider.toml"),
            ("provider", "company-b/provider.toml"),
            ("relay", "relay/relay.toml"),
        ]
        .map(|(role, config)| {
            let config = self.path(config);
            let log = config.with_extension("log");
            PartyProcess::serving(role, &config, &log)
        })
        .into()
    }

    fn run(&self, words: &[&str], config: &str, more: &[&str], lines: &str) -> Said {
        let config = self.file(config);
        let arguments: Vec<_> =
            words.iter().chain(&["--config", config.as_str()]).chain(more).copied().collect();
        piped(&arguments, lines)
    }

    fn authority(&self, act: &str, more: &[&str]) -> Said {
        self.run(&["authority", act], "authority/authority.toml", more, "")
    }

    fn invite(&self, more: &[&str]) -> Said {
        self.run(&["provider", "invite"], "company-a/provider.toml", more, "")
    }

    fn enrol(&self, card: &str, code: &str, pin: &str, password: &str) -> Said {
        let card = self.file(card);
        let answers = format!("y\n{pin}\n{password}\n");
        self.run(
            &["terminal", "enrol"],
            "terminal-books/terminal.toml",
            &["--card", &card, "--code", code],
            &answers,
        )
    }

    fn pay(&self, card: &str, pin: &str) -> Said {
        let card = self.file(card);
        let more = ["--card", card.as_str(), "--contract", "sakura-card-credit", "--yen", "1980"];
        self.run(&["terminal", "pay"], "terminal-coffee/terminal.toml", &more, &format!("{pin}\n"))
    }
}

fn code(said: &Said) -> String {
    assert_eq!(said.code, Some(0), "{said:?}");
    said.out.trim().to_owned()
}

#[test]
fn a_card_is_invited_registered_pays_and_is_declined_once_it_is_revoked() {
    let _alone = alone();
    let mut random = Random::seeded("cli_world");
    let sandbox = Sandbox::make(&mut random);
    let parties = sandbox.serve();
    let taro = "cards/taro.card";

    let unlinked = sandbox.pay(taro, CARD_AUTH_PIN);
    assert_eq!(unlinked.code, Some(1), "{unlinked:?}");
    let invitation = code(&sandbox.invite(&["--customer", "sakura-000417"]));
    assert_eq!(invitation.split('-').count(), 7, "{invitation}");
    let linked = sandbox.enrol(taro, &invitation.to_lowercase(), CARD_AUTH_PIN, CARD_SIGNING_PASSWORD);
    assert_eq!(linked.code, Some(0), "{linked:?}");
    let again = sandbox.enrol(taro, &invitation, CARD_AUTH_PIN, CARD_SIGNING_PASSWORD);
    assert_eq!(again.code, Some(1), "a code is good once: {again:?}");
    let paid = sandbox.pay(taro, CARD_AUTH_PIN);
    assert_eq!(paid.code, Some(0), "{paid:?}");

    // Somebody else's tap on an invitation is nobody's link.
    let invitation = code(&sandbox.invite(&["--customer", "sakura-003389"]));
    let stranger = sandbox.enrol("cards/yuki.card", &invitation, CARD_AUTH_PIN, CARD_SIGNING_PASSWORD);
    assert_eq!(stranger.code, Some(1), "{stranger:?}");
    assert_eq!(sandbox.pay("cards/yuki.card", CARD_AUTH_PIN).code, Some(1));

    let card = sandbox.file(taro);
    let reason = ["--card", card.as_str(), "--kind", "auth", "--reason", "certificate-hold"];
    let revoked = sandbox.authority("revoke", &reason);
    assert_eq!(revoked.code, Some(0), "{revoked:?}");
    // Company A's contract looks up by OCSP, which knows at once, also what another process revoked.
    let declined = sandbox.pay(taro, CARD_AUTH_PIN);
    assert_eq!(declined.code, Some(1), "{declined:?}");
    assert!(format!("{declined:?}").contains("has been revoked"), "{declined:?}");
    let twice = sandbox.authority("revoke", &reason);
    assert_eq!(twice.code, Some(1), "{twice:?}");
    assert_eq!(sandbox.authority("publish", &[]).code, Some(0));
    stop(parties);
}

#[test]
fn a_card_is_issued_and_renewed_beside_the_running_authority() {
    let _alone = alone();
    let mut random = Random::seeded("cli_world, issuing");
    let sandbox = Sandbox::make(&mut random);
    let parties = sandbox.serve();
    let person = "id = \"RESIDENT-0007\"\nname = \"縁結　太郎\"\naddress = \"東京都架空市見本町七丁目\"\n\
                  birth_date = \"1980-02-17\"\n\
                  municipality = { code = \"13221\", prefecture = \"Tokyo-to\", name = \"Kakuu-shi\" }\n";
    std::fs::write(sandbox.path("person.toml"), person).unwrap();
    private(&sandbox.path("pins"), "8852\nENMUSUBI7\n");
    let (person, card, pins) = (sandbox.file("person.toml"), sandbox.file("new.card"), sandbox.file("pins"));
    let order = ["--person", person.as_str(), "--card", card.as_str(), "--pins", pins.as_str(), "--json"];
    let issued = sandbox.authority("issue", &order);
    assert_eq!(issued.code, Some(0), "{issued:?}");
    let answer: serde_json::Value = serde_json::from_str(&issued.out).unwrap();
    assert_eq!(answer, serde_json::json!({ "card": card, "signing": true }));
    let again = sandbox.authority("issue", &order);
    assert_eq!(again.code, Some(2), "a card file is not overwritten: {again:?}");

    // The same name and birth date as the customer's: the new card is the customer's, too.
    let invitation = code(&sandbox.invite(&["--customer", "sakura-000417"]));
    let linked = sandbox.enrol("new.card", &invitation, "8852", "ENMUSUBI7");
    assert_eq!(linked.code, Some(0), "{linked:?}");
    assert_eq!(sandbox.pay("new.card", "8852").code, Some(0));

    let before = std::fs::read_to_string(&card).unwrap();
    let renewed = sandbox.authority("renew", &["--card", &card]);
    assert_eq!(renewed.code, Some(0), "{renewed:?}");
    assert_ne!(std::fs::read_to_string(&card).unwrap(), before);
    // The PINs stay; the link was the old certificate's.
    let invitation = code(&sandbox.invite(&["--customer", "sakura-000417"]));
    let linked = sandbox.enrol("new.card", &invitation, "8852", "ENMUSUBI7");
    assert_eq!(linked.code, Some(0), "{linked:?}");
    assert_eq!(sandbox.pay("new.card", "8852").code, Some(0));
    std::fs::write(&card, before).unwrap();
    let old = sandbox.pay("new.card", "8852");
    assert_eq!(old.code, Some(1), "the old keys are superseded: {old:?}");
    stop(parties);
}

#[test]
fn what_an_operator_may_not_have_is_refused_with_what_to_do() {
    let _alone = alone();
    let mut random = Random::seeded("cli_world, refusing");
    let sandbox = Sandbox::make(&mut random);
    let card = sandbox.file("cards/ken.card");
    private(&sandbox.path("open-pins"), "1234\nABCDEF\n");
    std::fs::set_permissions(sandbox.path("open-pins"), std::os::unix::fs::PermissionsExt::from_mode(0o644))
        .unwrap();
    std::fs::write(sandbox.path("nobody.toml"), "id = \"X\"\nnom = \"canary\"\n").unwrap();
    let person = "id = \"Ken\"\nname = \"仮名山　健\"\naddress = \"広島県見本市架空八丁目\"\nbirth_date = \"1968-09-21\"\n\
                  municipality = { code = \"13221\", prefecture = \"Tokyo-to\", name = \"Kakuu-shi\" }\n";
    std::fs::write(sandbox.path("ken.toml"), person).unwrap();
    let path = |name: &str| sandbox.file(name);
    let (nobody, ken, new, open) =
        (path("nobody.toml"), path("ken.toml"), path("ken2.card"), path("open-pins"));
    let cases: [(Said, i32, &str); 9] = [
        (sandbox.invite(&["--customer", "sakura-000417"]), 3, "is the relay running"),
        (sandbox.invite(&["--customer", "nobody"]), 1, "no such customer"),
        (sandbox.invite(&["--customer", "sakura-000417", "--card", "2"]), 1, "counted from 1"),
        (sandbox.invite(&["--customer", "sakura-000417", "--card", "0"]), 2, "1..=32"),
        (sandbox.authority("issue", &["--person", &nobody, "--card", &new, "--pins", &open]), 2, "line 2"),
        (sandbox.authority("issue", &["--person", &ken, "--card", &new, "--pins", &open]), 2, "chmod 600"),
        (sandbox.authority("issue", &["--person", &ken, "--card", &new]), 1, "stopped"),
        (
            sandbox.authority("revoke", &["--card", &card, "--kind", "both", "--reason", "whim"]),
            2,
            "certificate-hold",
        ),
        (sandbox.authority("renew", &["--card", &new]), 2, "ken2.card"),
    ];
    for (number, (said, code, words)) in cases.into_iter().enumerate() {
        assert_eq!(said.code, Some(code), "case {number}: {said:?}");
        assert!(said.err.contains(words), "case {number}: {said:?}");
        assert!(!said.err.contains("canary"), "case {number}: {said:?}");
    }
    assert!(!sandbox.path("ken2.card").exists());
}

fn private(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

/// SIGTERM to each: all end cleanly, the relay first.
fn stop(parties: Vec<PartyProcess>) {
    for party in parties.into_iter().rev() {
        let logged = party.logged();
        assert_eq!(party.terminate().code(), Some(0), "{logged}");
    }
}
