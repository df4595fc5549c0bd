//! The card is lost in the middle, the holder taps it again, and the purchase goes on.

use enishi_card::Tries;
use enishi_jpki::{AuthPin, SigningPassword};
use enishi_party::ChoiceHandle;
use enishi_pinblock::IssuerPin;
use enishi_sandbox::demo::Citizen;
use enishi_sandbox::sandbox::of_outcome;
use enishi_terminal::{CardLost, Consent, Holder, SecretFate, Shown, TapAgain};
use enishi_wire::{Choice, ConsentTerms};

use crate::cards::CardFile;
use crate::desk::{Desk, Inserted, Side};
use crate::ours::{Books, reader};

/// Every so many commands of a purchase; `pulled` takes each of them.
const STEP: usize = 3;

/// Somebody who puts the card back.
struct Patient<'a> {
    citizen: Citizen,
    desk: &'a Desk,
    card: Option<Inserted>,
    pins: u64,
    verified: u64,
    lost: Vec<SecretFate>,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purchase_goes_on_when_the_card_is_tapped_again_and_the_pin_is_asked_anew_if_the_card_saw_it() {
    let Some(desk) = Desk::set("tapped-again") else { return };
    let mut books = Books::open(desk.folder.path()).await;
    let file = books.card_file();
    let mut inserted = desk.put(books.card());
    let reader = reader();
    books.enrol(&reader).await;
    inserted.count_anew(None);
    books.sell_well(&reader, 1).await;
    let commands = inserted.traffic().commands;
    let (mut kept, mut asked_again) = (0, 0);
    for number in (1..commands).step_by(STEP) {
        inserted.count_anew(Some((number, Side::AfterCard)));
        let mut holder = Patient {
            citizen: Citizen::new(),
            desk: &desk,
            card: Some(inserted),
            pins: 0,
            verified: 0,
            lost: Vec::new(),
        };
        let report = books.sell(&reader, 5_000 + number, &mut holder).await;
        assert_eq!(of_outcome(&report.outcome), "approved", "command {number}: {:?}", holder.lost);
        let again = holder.lost.iter().filter(|fate| **fate == SecretFate::AskedAgain).count();
        inserted = holder.card.take().unwrap();
        let verified = holder.verified + inserted.traffic().verified;
        assert_eq!(holder.pins, 1 + u64::try_from(again).unwrap(), "command {number}: {:?}", holder.lost);
        assert!(verified <= holder.pins, "command {number}: a PIN was presented that nobody entered");
        assert_eq!(CardFile::read(&file).tries(), (3, 5), "command {number}");
        kept += holder.lost.iter().filter(|fate| **fate == SecretFate::Kept).count();
        asked_again += again;
    }
    assert!(kept > 0 && asked_again > 0, "kept {kept}, asked again {asked_again}");
    let sold: Vec<_> = (1..commands).step_by(STEP).map(|number| 5_000 + number).collect();
    assert_eq!(books.statement().await, [&[1], &sold[..]].concat());
    books.town.stop().await;
}

impl Holder for Patient<'_> {
    fn auth_pin(&mut self, shown: &Shown<'_>) -> Option<AuthPin> {
        assert_eq!(shown.tries_left, Tries::Left(3));
        self.pins += 1;
        self.citizen.auth_pin(shown)
    }

    fn card_lost(&mut self, lost: CardLost) -> TapAgain {
        self.lost.push(lost.secret);
        let card = self.card.take().unwrap();
        self.verified += card.traffic().verified;
        self.card = Some(self.desk.put(card.pull()));
        TapAgain::Yes
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

    fn signing_password(&mut self, tries_left: Tries) -> Option<SigningPassword> {
        self.citizen.signing_password(tries_left)
    }
}
