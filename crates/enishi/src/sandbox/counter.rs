//! What happens at a shop's counter, wherever its terminal runs.

use enishi_card::{SoftwareCard, SoftwareReader};
use enishi_party::IntentId;
use enishi_provider::LinkCallback;
use enishi_terminal::{Holder, Sale};

use super::clerk::{Clerk, Registered};
use super::parties::Parties;
use super::{Account, AppError, PersonKey, Recording, SandboxError, Shop, Sold, Town};

/// What became of an enrolment.
#[derive(Debug)]
pub enum Enrolled {
    /// Linked, under the company's label.
    Linked(String),
    /// The relay or the company refused, with this code.
    Refused(String),
    /// The card or the holder did not go on.
    NotGiven(String),
}

impl Town {
    /// A citizen's card in the reader of whatever terminal of this process it is tapped on. Where the terminals are
    /// processes of their own, the card is in this reader only until it is dropped.
    ///
    /// # Errors
    /// Nobody of that name.
    pub fn reader(&self, person: PersonKey) -> Result<SoftwareReader, SandboxError> {
        match self.parties {
            Parties::Here(_) => {
                let none = || SandboxError::Making(format!("{person:?} has no card"));
                self.readers.get(&person).cloned().ok_or_else(none)
            }
            Parties::Processes(_) => {
                Ok(SoftwareReader::with_card(SoftwareCard::open(&self.plan.card(person))?))
            }
        }
    }

    /// Fetches tickets before the customer comes, so that no message of the relay stands between tap and proof.
    ///
    /// # Errors
    /// No tickets are to be had.
    pub async fn refill(&mut self, shop: Shop) -> Result<(), SandboxError> {
        match &mut self.parties {
            Parties::Here(_) => Clerk { terminal: self.terminal(shop)? }.refill().await,
            Parties::Processes(elsewhere) => elsewhere.clerk(shop)?.refill().await,
        }
    }

    /// A purchase.
    ///
    /// # Errors
    /// What keeps the terminal from asking at all.
    pub async fn pay(
        &mut self,
        shop: Shop,
        person: PersonKey,
        sale: Sale,
        holder: &mut dyn Holder,
    ) -> Result<Sold, SandboxError> {
        match &mut self.parties {
            Parties::Here(_) => {
                let reader = self.reader(person)?;
                Clerk { terminal: self.terminal(shop)? }.pay(|| reader.connect(), sale, holder).await
            }
            Parties::Processes(elsewhere) => {
                elsewhere.clerk(shop)?.pay(self.plan.card(person), &sale, holder).await
            }
        }
    }

    /// A purchase up to the point where it would be sent.
    ///
    /// # Errors
    /// The card gives no proof.
    pub async fn prepare(
        &mut self,
        shop: Shop,
        person: PersonKey,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Recording, SandboxError> {
        match &mut self.parties {
            Parties::Here(_) => {
                let reader = self.reader(person)?;
                let terminal = self.terminal(shop)?;
                let prepared = Clerk { terminal }.prepare(|| reader.connect(), sale, holder).await?;
                let recording = (&prepared).into();
                if let Parties::Here(here) = &mut self.parties {
                    here.prepared.insert(shop, prepared);
                }
                Ok(recording)
            }
            Parties::Processes(elsewhere) => {
                elsewhere.clerk(shop)?.prepare(self.plan.card(person), sale, holder).await
            }
        }
    }

    /// The terminal sends what was prepared last, once; what the relay answers, in a word.
    ///
    /// # Errors
    /// Nothing was prepared there.
    pub async fn submit(&mut self, shop: Shop) -> Result<String, SandboxError> {
        match &mut self.parties {
            Parties::Here(here) => {
                let prepared = here.prepared.get(&shop).cloned();
                let prepared =
                    prepared.ok_or_else(|| SandboxError::Making("nothing was prepared".to_owned()))?;
                Ok(Clerk { terminal: self.terminal(shop)? }.submit(&prepared).await)
            }
            Parties::Processes(elsewhere) => elsewhere.clerk(shop)?.submit().await,
        }
    }

    /// Links a citizen's account through the same calls that anyone would use: the company's app, the terminal, and
    /// the app again. `card` is whose card is tapped.
    ///
    /// # Errors
    /// What keeps the sandbox from asking; refusals are an [`Enrolled`].
    pub async fn enrol(
        &mut self,
        account: &Account,
        card: PersonKey,
        holder: &mut dyn Holder,
    ) -> Result<Enrolled, SandboxError> {
        let app = self.app(account).await?;
        let started = app.start_link(account.offer_jointly).await?;
        let (state, code) = match self.register(Shop::Coffee, card, started.intent, holder).await? {
            Registered::Given { state, code } => (state, code),
            Registered::Refused(code) => return Ok(Enrolled::Refused(code)),
            Registered::NotGiven(what) => return Ok(Enrolled::NotGiven(what)),
        };
        match app.finish_link(&LinkCallback { state, code }).await {
            Ok(linked) => Ok(Enrolled::Linked(linked.label)),
            Err(AppError::Refused { code, .. }) => Ok(Enrolled::Refused(code)),
            Err(error) => Err(error.into()),
        }
    }

    async fn register(
        &mut self,
        shop: Shop,
        person: PersonKey,
        intent: IntentId,
        holder: &mut dyn Holder,
    ) -> Result<Registered, SandboxError> {
        match &mut self.parties {
            Parties::Here(_) => {
                let reader = self.reader(person)?;
                Clerk { terminal: self.terminal(shop)? }.enrol(|| reader.connect(), intent, holder).await
            }
            Parties::Processes(elsewhere) => {
                elsewhere.clerk(shop)?.enrol(self.plan.card(person), intent, holder).await
            }
        }
    }
}
