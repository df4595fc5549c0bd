//! Our own software at the desk: a reader through PC/SC, and a shop whose terminal has it.

use std::path::Path;
use std::time::Duration;

use enishi_card::{
    CardError, PcscConnection, PcscReader, PcscReaders, PinKind, Session, SoftwareCard, Tries,
};
use enishi_party::{Money, PaymentType};
use enishi_provider::LinkCallback;
use enishi_sandbox::demo::{Citizen, of_outcome};
use enishi_sandbox::sandbox::{Account, Company, Person, PersonKey, Shop, Town};
use enishi_terminal::{EnrolOutcome, Holder, Outcome, PayReport, Sale};
use enishi_wire::AmountBinding;

use crate::cards::options;
use crate::pcscd::Pcscd;

/// How long our reader may wait for a card; none takes near as long.
const PATIENCE: Duration = Duration::from_secs(20);
/// No purchase may hang; one takes well under a second.
const NEVER: Duration = Duration::from_secs(60);
/// Whose card it is: a customer of company A.
const CUSTOMER: PersonKey = PersonKey::Taro;

/// The first slot, as our programs open it.
pub(crate) fn reader() -> PcscReader {
    PcscReaders::new().unwrap().open(Pcscd::FIRST.reader).unwrap()
}

/// Waits for a card in the reader and connects to it.
pub(crate) fn connect(reader: &PcscReader) -> Result<PcscConnection, CardError> {
    reader.wait_for_card(PATIENCE)?;
    reader.connect()
}

/// How many tries our reading says are left.
pub(crate) fn tries(kind: PinKind) -> Tries {
    let mut session = Session::open(connect(&reader()).unwrap()).unwrap();
    let tries = session.tries_left(kind).unwrap();
    session.close().unwrap();
    tries
}

/// A sandbox, whose bookshop has the reader on its desk.
pub(crate) struct Books {
    pub(crate) town: Town,
    account: &'static Account,
}

impl Books {
    /// Opens the shop; nobody is linked yet.
    pub(crate) async fn open(folder: &Path) -> Self {
        let town = Town::start(&folder.join("town"), options()).await.unwrap();
        let person = Person::of(CUSTOMER).unwrap();
        let account = person.accounts.iter().find(|account| account.company == Company::A).unwrap();
        Self { town, account }
    }

    /// The customer's card, out of the sandbox's own reader.
    pub(crate) fn card(&self) -> SoftwareCard {
        self.town.reader(CUSTOMER).unwrap().remove().unwrap()
    }

    /// The file behind that card.
    pub(crate) fn card_file(&self) -> std::path::PathBuf {
        self.town.plan.card(CUSTOMER)
    }

    /// Links the card in `reader` to the customer's account, by the calls that anyone would use.
    pub(crate) async fn enrol(&mut self, reader: &PcscReader) {
        let app = self.town.app(self.account).await.unwrap();
        let intent = app.start_link(self.account.offer_jointly).await.unwrap().intent;
        let terminal = self.town.terminal(Shop::Books).unwrap();
        let report = terminal.enrol(|| connect(reader), intent, &mut Citizen::new()).await.unwrap();
        let EnrolOutcome::Enrolled(answer) = report.outcome else { panic!("{:?}", report.outcome) };
        app.finish_link(&LinkCallback { state: answer.state, code: answer.code }).await.unwrap();
    }

    /// Sells for that many yen to whoever's card is in `reader`.
    pub(crate) async fn sell(&mut self, reader: &PcscReader, yen: u64, holder: &mut dyn Holder) -> PayReport {
        self.sell_by(|| connect(reader), yen, holder).await
    }

    /// The same, with another way to the card.
    pub(crate) async fn sell_by(
        &mut self,
        connect: impl FnMut() -> Result<PcscConnection, CardError>,
        yen: u64,
        holder: &mut dyn Holder,
    ) -> PayReport {
        let terminal = self.town.terminal(Shop::Books).unwrap();
        let sold = terminal.pay(connect, Self::sale(yen), holder);
        tokio::time::timeout(NEVER, sold).await.expect("a purchase hangs").unwrap()
    }

    /// Sells, and checks that it is approved.
    pub(crate) async fn sell_well(&mut self, reader: &PcscReader, yen: u64) -> PayReport {
        let report = self.sell(reader, yen, &mut Citizen::new()).await;
        assert_eq!(of_outcome(&report.outcome), "approved", "{yen}");
        let Outcome::Approved { receipt } = &report.outcome else { unreachable!() };
        assert_eq!(receipt.amount, Money::yen(yen).unwrap());
        report
    }

    /// Something for that many yen, on company A's card.
    pub(crate) fn sale(yen: u64) -> Sale {
        Sale {
            amount: Money::yen(yen).unwrap(),
            payment_type: PaymentType::LumpSum,
            product_code: "990".to_owned(),
            contract: Some(Company::A.contract().parse().unwrap()),
            amount_binding: AmountBinding::Bound,
        }
    }

    /// The amounts on the customer's statement, the latest last.
    pub(crate) async fn statement(&self) -> Vec<u64> {
        let app = self.town.app(self.account).await.unwrap();
        let mut entries = app.statement().await.unwrap().entries;
        assert!(entries.iter().all(|entry| entry.kind == "purchase"), "a reversal is on the statement");
        entries.sort_by(|one, other| one.at.cmp(&other.at));
        entries.iter().map(|entry| entry.amount.minor()).collect()
    }
}
