//! Who saw what: computed from the bytes that went through each party's sockets.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use enishi_party::{Text, VerifierModel};
use enishi_transport::Direction;
use memchr::memmem;

use crate::sandbox::{Item, Needle, Party, PersonKey, SandboxError, Town};

/// What each party saw of one person during one story.
#[derive(Debug)]
pub(crate) struct Sight {
    rows: BTreeMap<(Party, Item), Seen>,
    model: VerifierModel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Seen {
    Saw,
    DidNotSee,
}

/// What the rules of slides 15 to 17 say of one party and item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Must,
    MustNot,
    /// Neither forbidden nor needed.
    May,
}

impl Sight {
    /// Looks through everything that was captured since the story began.
    pub(crate) fn of(
        town: &Town,
        person: PersonKey,
        extra: &[Needle],
        model: VerifierModel,
    ) -> Result<Self, SandboxError> {
        let mut rows = BTreeMap::new();
        for party in Party::ALL {
            let passed = town.seen(party)?;
            for needle in town.needles(person).iter().chain(extra) {
                let seen = if passed.holds(needle) { Seen::Saw } else { Seen::DidNotSee };
                rows.insert((party, needle.item), seen);
            }
        }
        Ok(Self { rows, model })
    }

    /// Whether every party saw what it must and nothing that it must not.
    pub(crate) fn is_as_it_must(&self) -> bool {
        self.rows.iter().all(|((party, item), seen)| match rule(*party, *item, self.model) {
            Rule::Must => *seen == Seen::Saw,
            Rule::MustNot => *seen == Seen::DidNotSee,
            Rule::May => true,
        })
    }

    /// What a party saw, and what it did not.
    pub(crate) fn of_party(&self, party: Party) -> (Vec<Item>, Vec<Item>) {
        let of = |wanted: Seen| {
            let rows = self.rows.iter().filter(move |((of, _), seen)| *of == party && **seen == wanted);
            rows.map(|((_, item), _)| *item).collect()
        };
        (of(Seen::Saw), of(Seen::DidNotSee))
    }
}

/// What each party may see of a payment.
fn rule(party: Party, item: Item, model: VerifierModel) -> Rule {
    use Item::{
        Amount, CardNumber, CardPin, Certificate, CompanyPin, CustomerId, Name, PairwiseId, Serial,
        Signature, SigningSerial,
    };
    match (party, item) {
        // The card alone hears its PIN; the signing certificate and the name play no part in a payment.
        (_, CardPin | SigningSerial | Name) => Rule::MustNot,
        // No card number at the terminal or the relay, nor on any wire.
        (_, CardNumber | CompanyPin) => Rule::MustNot,
        (Party::Terminal | Party::Relay, Certificate | Signature) => Rule::Must,
        (Party::Relay, Serial) => Rule::Must,
        (Party::Terminal, Serial) => Rule::May,
        (Party::Terminal | Party::Authority, PairwiseId | CustomerId) => Rule::MustNot,
        // J-LIS hears a serial number, and never where anybody shops.
        (Party::Authority, Serial) => Rule::May,
        (Party::Authority, Certificate | Signature | Amount) => Rule::MustNot,
        (Party::Terminal | Party::Relay, Amount) => Rule::Must,
        (Party::CompanyA, Serial | Certificate | Signature) => Rule::MustNot,
        // 委託: the evidence is sealed on the wire; the company opens it behind its own door.
        (Party::CompanyB, Serial | Certificate | Signature) => Rule::MustNot,
        (Party::CompanyA, PairwiseId | Amount) if model == VerifierModel::Proxy => Rule::Must,
        (Party::CompanyB, CustomerId | Amount) if model == VerifierModel::Entrusted => Rule::Must,
        (Party::CompanyA | Party::CompanyB, PairwiseId | CustomerId | Amount) => Rule::MustNot,
        (Party::Relay, PairwiseId | CustomerId) => Rule::May,
    }
}

/// The signatures that the terminals sent since the story began, as needles.
pub(crate) fn signatures(town: &Town) -> Result<Option<Needle>, SandboxError> {
    let sent = town.seen(Party::Terminal)?.stream(Direction::Sent, "");
    let marker = br#""signature":""#;
    let found = memmem::find_iter(&sent, marker).filter_map(|at| {
        let text = sent.get(at + marker.len()..)?;
        let end = memchr::memchr(b'"', text)?;
        STANDARD.decode(text.get(..end)?).ok()
    });
    let needles: Vec<_> = found.map(|octets| Needle::octets(Item::Signature, &octets)).collect();
    Ok((!needles.is_empty()).then(|| Needle::any(Item::Signature, needles)))
}

/// An item's name for people.
pub(crate) fn name(item: Item) -> Text {
    match item {
        Item::Serial => Text::new("シリアル番号", "serial number"),
        Item::SigningSerial => Text::new("署名用シリアル番号", "signing serial number"),
        Item::Certificate => Text::new("電子証明書", "certificate"),
        Item::Signature => Text::new("カードの署名", "card signature"),
        Item::Name => Text::new("氏名", "name"),
        Item::CardNumber => Text::new("カード番号", "card number"),
        Item::CompanyPin => Text::new("会社の暗証番号", "company PIN"),
        Item::CardPin => Text::new("マイナンバーカードの暗証番号", "My Number Card PIN"),
        Item::PairwiseId => Text::new("変換用ID", "pairwise ID"),
        Item::CustomerId => Text::new("顧客ID", "customer ID"),
        Item::Amount => Text::new("金額", "amount"),
    }
}

/// A party's name for people.
pub(crate) fn party(party: Party) -> Text {
    match party {
        Party::Terminal => Text::new("店の端末", "shop terminal"),
        Party::Relay => Text::new("中継(共通的PF)", "relay"),
        Party::CompanyA => Text::new("さくらカード(代行)", "Sakura Card (proxy)"),
        Party::CompanyB => Text::new("みなとカード(委託)", "Minato Card (entrusted)"),
        Party::Authority => Text::new("J-LIS(模擬)", "J-LIS (sandbox)"),
    }
}
