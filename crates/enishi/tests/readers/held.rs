//! Our terminal while OpenSC holds the card, and OpenSC while our terminal does.

use std::io::Read;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use enishi_card::{CardError, PcscReader};
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::ChoiceHandle;
use enishi_pinblock::IssuerPin;
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::Shop;
use enishi_terminal::{CardLost, Consent, Holder, Shown, TapAgain};
use enishi_wire::{Choice, ConsentTerms};

use crate::cards::Certificate;
use crate::desk::Desk;
use crate::opensc::{certificate, tool};
use crate::ours::{Books, connect, reader};
use crate::programs::program;

/// OpenSC's explorer: it holds the card until it is told to end.
struct Explorer {
    child: Child,
    _output: ChildStdout,
}

/// How OpenSC holds a card.
#[derive(Clone, Copy, Debug)]
enum Hold {
    /// As it does by itself: others may share the card.
    Shared,
    /// As its configuration can tell it to.
    Alone,
}

impl Explorer {
    /// Starts it and waits until it has the card.
    fn hold(desk: &Desk, hold: Hold) -> Self {
        let configuration = desk.folder.path().join("opensc.conf");
        let alone = matches!(hold, Hold::Alone);
        let text = format!("app default {{ reader_driver pcsc {{ connect_exclusive = {alone}; }} }}\n");
        std::fs::write(&configuration, text).unwrap();
        let mut command: Command = program("opensc-explorer", desk.folder.path());
        command.env("OPENSC_CONF", configuration);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut output = child.stdout.take().unwrap();
        // Its prompt comes when it has connected.
        let (mut said, mut octet) = (Vec::new(), [0]);
        while !said.ends_with(b"> ") {
            let read = output.read(&mut octet).unwrap();
            assert_eq!(read, 1, "the explorer ended: {}", String::from_utf8_lossy(&said));
            said.push(octet[0]);
        }
        Self { child, _output: output }
    }

    /// Tells it to end, and waits until it has.
    fn let_go(mut self) {
        drop(self.child.stdin.take());
        self.child.wait().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_terminal_waits_for_a_card_that_opensc_holds_and_then_pays() {
    let Some(desk) = Desk::set("held-then-free") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;
    for (hold, yen) in [(Hold::Shared, 2_100), (Hold::Alone, 2_200)] {
        let mut explorer = Some(Explorer::hold(&desk, hold));
        inserted.count_anew(None);
        // The explorer goes when our terminal has been refused once and begins to wait.
        let wait = || {
            let Some(explorer) = explorer.take() else { return connect(&reader) };
            let refused = reader.connect_within(Duration::ZERO);
            assert!(matches!(refused, Err(CardError::CardHeld)), "{hold:?}: {refused:?}");
            let gone = std::thread::spawn(move || explorer.let_go());
            let connection = reader.connect();
            gone.join().unwrap();
            connection
        };
        let report = books.sell_by(wait, yen, &mut Citizen::new()).await;
        assert_eq!(of_outcome(&report.outcome), "approved", "{hold:?}");
        assert_eq!(inserted.traffic().verified, 1, "{hold:?}");
    }
    assert_eq!(books.statement().await, [2_100, 2_200]);
    books.town.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_stays_held_is_told_as_such_and_nothing_is_sent() {
    let Some(desk) = Desk::set("held") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;
    let explorer = Explorer::hold(&desk, Hold::Shared);
    inserted.count_anew(None);
    let impatient = || reader.connect_within(Duration::from_millis(200));
    let report = books.sell_by(impatient, 2_300, &mut Citizen::new()).await;
    let text = report.outcome.clerk_text();
    assert!(text.en.contains("program") && text.ja.contains("プログラム"), "{text:?}");
    assert_eq!(inserted.traffic().commands, 0);
    explorer.let_go();
    books.sell_well(&reader, 2_400).await;
    assert_eq!(books.statement().await, [2_400]);
    books.town.stop().await;
}

/// Somebody who lets OpenSC try while our terminal has the card.
struct Curious<'a> {
    citizen: Citizen,
    desk: &'a Desk,
    refused: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn while_our_terminal_has_the_card_nobody_else_does() {
    let Some(desk) = Desk::set("held-by-us") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let _inserted = desk.put(books.card());
    let reader: PcscReader = reader();
    books.enrol(&reader).await;
    let mut curious = Curious { citizen: Citizen::new(), desk: &desk, refused: None };
    let report = books.sell(&reader, 2_500, &mut curious).await;
    assert_eq!(of_outcome(&report.outcome), "approved");
    let refused = curious.refused.unwrap();
    assert!(refused.contains("Failed to connect") || refused.contains("another application"), "{refused}");
    assert!(!certificate(&desk, Certificate::Authentication).is_empty());
    assert_eq!(books.town.terminal(Shop::Books).unwrap().pending(), 0);
    books.town.stop().await;
}

impl Holder for Curious<'_> {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        let said = tool(self.desk.folder.path(), &["--list-certificates"]);
        assert!(!said.status.success(), "OpenSC has a card that is ours alone: {}", said.text);
        self.refused = Some(said.text);
        self.citizen.auth_pin(shown)
    }

    fn card_lost(&mut self, lost: CardLost) -> TapAgain {
        self.citizen.card_lost(lost)
    }

    fn choose(&mut self, entries: &[Choice]) -> Option<ChoiceHandle> {
        self.citizen.choose(entries)
    }

    fn issuer_pin(&mut self) -> Option<IssuerPin> {
        self.citizen.issuer_pin()
    }

    fn consent(&mut self, terms: &ConsentTerms) -> Consent {
        self.citizen.consent(terms)
    }

    fn signing_password(&mut self, tries_left: enishi_card::Tries) -> Option<SigningPassword> {
        self.citizen.signing_password(tries_left)
    }
}
