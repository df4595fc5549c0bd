//! What the stories are played on.

use std::time::Duration;

use enishi_iso8583::{Message, japan_credit};
use enishi_party::{ContractId, Money, PaymentType, Text, VerifierModel};
use enishi_terminal::Sale;
use enishi_wire::AmountBinding;
use memchr::memmem;

use super::citizen::Citizen;
use super::hops;
use super::screen::Screen;
use super::sight::{self, Sight};
use crate::sandbox::{
    CARD_AUTH_PIN, Company, Enrolled, Item, Needle, Party, Person, PersonKey, Recording, SandboxError, Shop,
    Sold, Town,
};

/// How long the stage waits for something that must come about by itself.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it looks.
const GLANCE: Duration = Duration::from_millis(20);

pub(crate) struct Stage {
    pub(crate) town: Town,
    /// How many hops were told of since the story began, before the last purchase.
    hops_before: usize,
    pairwise: Vec<Needle>,
}

impl Stage {
    pub(crate) const fn new(town: Town) -> Self {
        Self { town, hops_before: 0, pairwise: Vec::new() }
    }

    /// A new story: nothing was seen yet.
    pub(crate) fn begin(&mut self) -> Result<(), SandboxError> {
        self.hops_before = 0;
        self.town.clear_captures()
    }

    /// Every account of every citizen but Sachi's is linked, through the calls that anyone would use.
    pub(crate) async fn enrol_everyone(&mut self, screen: &mut Screen<'_>) -> Result<(), SandboxError> {
        screen.heading(&Text::new(
            "登録: 見本の市民に代わって、デモが同意し暗証番号を入力します。",
            "Enrolment: the demo consents and enters PINs for the sample citizens.",
        ))?;
        for person in Person::ALL.iter().filter(|person| person.key != PersonKey::Sachi) {
            for account in person.accounts {
                self.town.clear_captures()?;
                let mut citizen = Citizen::new();
                let enrolled = self.town.enrol(account, person.key, &mut citizen).await?;
                let company = account.company.name();
                match enrolled {
                    Enrolled::Linked(label) => {
                        let (name, en) = (person.name, person.name_en);
                        screen.note(&Text::new(
                            format!("{name} さんのカードを{}に登録しました({label})", company.ja),
                            format!("{en}'s card is linked at {} ({label})", company.en),
                        ))?;
                    }
                    other => {
                        return Err(SandboxError::Making(format!(
                            "enrolment of {:?}: {other:?}",
                            person.key
                        )));
                    }
                }
                if person.key == PersonKey::Taro {
                    self.pairwise = self.pairwise_of_company_a()?;
                }
            }
        }
        Ok(())
    }

    /// The pairwise ID that company A was just given, as it stood on its wire.
    fn pairwise_of_company_a(&self) -> Result<Vec<Needle>, SandboxError> {
        let received = self.town.seen(Party::CompanyA)?.stream(enishi_transport::Direction::Received, "");
        let found = memmem::find(&received, b"cnv_").and_then(|at| received.get(at..at + 36));
        // In the assertion it is text as well: CBOR strings are UTF-8.
        let text = found.and_then(|text| std::str::from_utf8(text).ok());
        Ok(text.map(|text| Needle::text(Item::PairwiseId, text)).into_iter().collect())
    }

    /// A purchase.
    pub(crate) async fn pay(
        &mut self,
        shop: Shop,
        person: PersonKey,
        sale: Sale,
        citizen: &mut Citizen,
    ) -> Result<Sold, SandboxError> {
        self.town.refill(shop).await?;
        self.pay_without_refill(shop, person, sale, citizen).await
    }

    /// A purchase with the tickets at hand.
    pub(crate) async fn pay_without_refill(
        &mut self,
        shop: Shop,
        person: PersonKey,
        sale: Sale,
        citizen: &mut Citizen,
    ) -> Result<Sold, SandboxError> {
        self.hops_before = self.town.seen(Party::Relay)?.hops().len();
        self.town.pay(shop, person, sale, citizen).await
    }

    /// How many debits of an amount stand on a person's statement at a company, reversals taken off.
    pub(crate) async fn debits(
        &self,
        person: PersonKey,
        company: Company,
        yen: u64,
    ) -> Result<usize, SandboxError> {
        let accounts = Person::of(person).map(|person| person.accounts).unwrap_or_default();
        let account = accounts.iter().find(|account| account.company == company);
        let account =
            account.ok_or_else(|| SandboxError::Making(format!("{person:?} has no account there")))?;
        let statement = self.town.app(account).await?.statement().await?;
        let of = |kind: &str| {
            statement.entries.iter().filter(|entry| entry.kind == kind && entry.amount.minor() == yen).count()
        };
        Ok(of("purchase").saturating_sub(of("reversal")))
    }

    /// A purchase up to the point where it would be sent.
    pub(crate) async fn prepare(
        &mut self,
        shop: Shop,
        person: PersonKey,
        sale: &Sale,
    ) -> Result<Recording, SandboxError> {
        self.town.prepare(shop, person, sale, &mut Citizen::new()).await
    }

    /// The hops of the last purchase.
    pub(crate) fn hops(&self, sold: &Sold) -> Result<Vec<(Text, Duration)>, SandboxError> {
        let mut all = vec![(Text::new("①カード", "① card"), sold.card)];
        let seen = self.town.seen(Party::Relay)?;
        all.extend(seen.hops().iter().skip(self.hops_before).map(|(hop, took)| (hops::name(*hop), *took)));
        let whole: Duration = sold.relay.iter().sum();
        all.push((Text::new("中継との往復", "round trip to relay"), whole));
        Ok(all)
    }

    /// Who saw what of one person since the story began.
    pub(crate) fn sight(
        &self,
        person: PersonKey,
        model: VerifierModel,
        amount: Money,
    ) -> Result<Sight, SandboxError> {
        let amount = Needle::any(
            Item::Amount,
            [
                // As JSON says it, and as DE 4 does.
                Needle::text(Item::Amount, &format!("\"minor\":{}", amount.minor())),
                Needle::text(Item::Amount, &format!("{:012}", amount.minor())),
            ],
        );
        let verify = [&[0x00, 0x20, 0x00, 0x80, 0x04], CARD_AUTH_PIN.as_bytes()].concat();
        let mut extra = vec![amount, Needle::octets(Item::CardPin, &verify)];
        extra.extend(sight::signatures(&self.town)?);
        if let (VerifierModel::Proxy, Some(needle)) = (model, self.pairwise.first()) {
            extra.push(needle.clone());
        }
        Sight::of(&self.town, person, &extra, model)
    }

    /// Waits until something holds; whether it came about.
    pub(crate) async fn until(
        &self,
        mut holds: impl AsyncFnMut() -> Result<bool, SandboxError>,
    ) -> Result<bool, SandboxError> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        while tokio::time::Instant::now() < deadline {
            if holds().await? {
                return Ok(true);
            }
            tokio::time::sleep(GLANCE).await;
        }
        Ok(false)
    }

    /// Waits until the relay has no reversal left; whether it came about.
    pub(crate) async fn reversals_acknowledged(&self) -> Result<bool, SandboxError> {
        self.until(async || Ok(self.town.pending_reversals().await? == 0)).await
    }

    /// Whether a needle went through the sockets of any party since the story began.
    pub(crate) fn passed_anywhere(&self, needle: &Needle) -> Result<bool, SandboxError> {
        for party in Party::ALL {
            if self.town.seen(party)?.holds(needle) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// How often a message of that type reached company A since the story began.
    pub(crate) fn heard_by_company_a(&self, mti: &str) -> Result<usize, SandboxError> {
        let received =
            self.town.seen(Party::CompanyA)?.stream(enishi_transport::Direction::Received, "relay");
        Ok(frames(&received).filter(|message| message.starts_with(mti.as_bytes())).count())
    }

    /// The messages of that type that the relay sent to company A since the story began, arrived or not.
    pub(crate) fn said_to_company_a(&self, mti: &str) -> Result<Vec<Message>, SandboxError> {
        let sent = self.town.seen(Party::Relay)?.stream(enishi_transport::Direction::Sent, Company::A.id());
        Ok(frames(&sent)
            .filter(|message| message.starts_with(mti.as_bytes()))
            .filter_map(|message| Message::decode(japan_credit(), message).ok())
            .collect())
    }
}

/// The messages in a stream of two-octet length prefixes; what is not of that form (the company's HTTPS answers lie in
/// the same capture) is passed over.
fn frames(mut stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        loop {
            let [high, low, rest @ ..] = stream else { return None };
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            match rest.split_at_checked(length) {
                Some((message, after)) if (20..8192).contains(&length) && message.starts_with(b"0") => {
                    stream = after;
                    return Some(message);
                }
                _ => stream = stream.get(1..)?,
            }
        }
    })
}

/// A sale at once.
pub(crate) fn sale(yen: u64, company: Option<Company>) -> Result<Sale, SandboxError> {
    let contract = company.map(|company| company.contract().parse::<ContractId>()).transpose()?;
    Ok(Sale {
        amount: Money::yen(yen)?,
        payment_type: PaymentType::LumpSum,
        product_code: "990".to_owned(),
        contract,
        amount_binding: AmountBinding::Bound,
    })
}

/// The receipt of an approved purchase.
pub(crate) fn receipt(sold: &Sold, language: enishi_party::Language) -> Option<String> {
    sold.receipt.as_ref().map(|receipt| receipt.of(language).to_owned())
}
