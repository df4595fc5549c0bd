//! The sandbox as it runs: every party on its own sockets, with its own capture; here, as tasks of this process.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enishi_card::{SoftwareCard, SoftwareReader};
use enishi_jpki::{AuthCertificate, Profile, Serial, SigningCertificate};
use enishi_party::{Clock, Entropy, Language};
use enishi_relay::{Event, Hop, Observer};
use enishi_server::{Machine, RelayService, RelaySockets};
use enishi_terminal::Terminal;
use enishi_transport::{SystemClock, SystemEntropy, Tap};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::identifier::of_certificate;
use super::parties::{Here, Parties};
use super::setup::{Issued, set_up};
use super::sockets::{Outside, sockets};
use super::{
    Account, AppClient, Blueprint, Cable, Capture, Company, Item, Needle, Party, Person, PersonKey, Places,
    RelayPlace, SandboxError, Seen, SetupOptions, Shop,
};
use crate::party::{AuthorityService, ProviderService, open_terminal};

/// How long the companies may take to be signed on to at the start.
const SIGN_ON_WAIT: Duration = Duration::from_secs(10);

/// What can be chosen for a town.
pub struct TownOptions {
    /// What is made.
    pub setup: SetupOptions,
    /// The language of receipts.
    pub language: Language,
    /// The first of thirteen ports in a row; none: the kernel chooses.
    pub port_base: Option<u16>,
    /// Who is told how long the relay's hops took.
    pub observer: Arc<dyn Observer>,
    /// Where the relay runs.
    pub relay: RelayPlace,
}

/// A running sandbox.
pub struct Town {
    /// Where everything lies and listens.
    pub plan: Blueprint,
    /// The shops' terminals, where they run in this process.
    pub terminals: HashMap<Shop, Terminal>,
    /// The language of receipts.
    pub language: Language,
    /// What went through each party's sockets.
    pub captures: HashMap<Party, Arc<Capture>>,
    /// The cable between the bookshop and the relay.
    pub books_cable: Cable,
    /// The cable between the relay and company A.
    pub company_a_cable: Cable,
    pub(super) parties: Parties,
    /// Where the terminals are processes of their own: none, the cards are in their files.
    pub(super) readers: HashMap<PersonKey, SoftwareReader>,
    needles: HashMap<PersonKey, Vec<Needle>>,
    serials: HashMap<PersonKey, Serial>,
    _cables: JoinSet<()>,
}

impl Town {
    /// Makes a sandbox in an empty folder and starts every party.
    ///
    /// # Errors
    /// [`SandboxError`]
    pub async fn start(root: &Path, options: TownOptions) -> Result<Self, SandboxError> {
        let outside = match options.relay {
            RelayPlace::InProcess => Outside::Nobody,
            RelayPlace::OwnProcess => Outside::Relay,
        };
        let (sockets, places) = sockets(options.port_base, outside, &SystemEntropy).await?;
        let (site, issued) =
            Site::make(root, places, options.setup, (sockets.books, sockets.company_a)).await?;
        let captures: Captures = Party::ALL.map(|party| (party, Arc::new(Capture::default()))).into();
        let tap = |party: Party| captures.get(&party).cloned().map(|capture| -> Arc<dyn Tap> { capture });
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);

        let plan = &site.plan;
        let register_tap = tap(Party::Authority);
        let authority =
            AuthorityService::start(&plan.authority(), sockets.authority, clock.clone(), register_tap)
                .await?;
        let mut companies = Vec::new();
        for (company, sockets) in Company::ALL.into_iter().zip(sockets.companies) {
            let party = party_of(company);
            let file = plan.company(company);
            companies.push(
                ProviderService::start(&file, sockets, clock.clone(), entropy.clone(), tap(party)).await?,
            );
        }
        let watched = captures.get(&Party::Relay).cloned().unwrap_or_default();
        let machine = Machine {
            clock: clock.clone(),
            entropy: entropy.clone(),
            tap: tap(Party::Relay),
            observer: Arc::new(Watched { capture: watched, also: options.observer }),
        };
        let relay = match sockets.relay {
            Some(sockets) => Some(start_relay(plan, sockets, machine).await?),
            None => None,
        };
        let mut terminals = HashMap::new();
        for shop in Shop::ALL {
            let file = plan.terminal(shop);
            let terminal =
                open_terminal(&file, options.language, clock.clone(), entropy.clone(), tap(Party::Terminal))?;
            terminals.insert(shop, terminal);
        }
        let here = Here { authority, relay, companies, prepared: HashMap::new() };
        let mut town =
            Self::assemble(site, Parties::Here(Box::new(here)), captures, options.language, terminals);
        town.meet_all(issued)?;
        for person in Person::ALL {
            // Opened from the file, so that its counters persist as a card's do.
            let card = SoftwareCard::open(&town.plan.card(person.key))?;
            town.readers.insert(person.key, SoftwareReader::with_card(card));
        }
        Ok(town)
    }

    pub(super) fn assemble(
        site: Site,
        parties: Parties,
        captures: Captures,
        language: Language,
        terminals: HashMap<Shop, Terminal>,
    ) -> Self {
        Self {
            plan: site.plan,
            terminals,
            language,
            captures,
            books_cable: site.books_cable,
            company_a_cable: site.company_a_cable,
            parties,
            readers: HashMap::new(),
            needles: HashMap::new(),
            serials: HashMap::new(),
            _cables: site.cables,
        }
    }

    /// What identifies a citizen, for scans.
    #[must_use]
    pub fn needles(&self, person: PersonKey) -> &[Needle] {
        self.needles.get(&person).map(Vec::as_slice).unwrap_or_default()
    }

    /// The authentication serial of a citizen, for the authority alone.
    #[must_use]
    pub fn serial(&self, person: PersonKey) -> Option<&Serial> {
        self.serials.get(&person)
    }

    /// A shop's terminal.
    ///
    /// # Errors
    /// None of that name.
    pub fn terminal(&mut self, shop: Shop) -> Result<&mut Terminal, SandboxError> {
        self.terminals.get_mut(&shop).ok_or_else(|| SandboxError::Making(format!("{shop:?} has no terminal")))
    }

    /// Forgets what was captured.
    ///
    /// # Errors
    /// The record of a party that is a process of its own.
    pub fn clear_captures(&self) -> Result<(), SandboxError> {
        self.captures.values().try_for_each(|capture| capture.clear()).map_err(Into::into)
    }

    /// What went through a party's sockets since it was last forgotten.
    ///
    /// # Errors
    /// The record of a party that is a process of its own.
    pub fn seen(&self, party: Party) -> Result<Seen, SandboxError> {
        Ok(self.captures.get(&party).map(|capture| capture.seen()).transpose()?.unwrap_or_default())
    }

    /// A citizen's phone, logged in at the company of an account.
    ///
    /// # Errors
    /// [`super::AppError`]
    pub async fn app(&self, account: &Account) -> Result<AppClient, SandboxError> {
        let address = self.plan.places.app_of(account.company).to_string();
        Ok(AppClient::log_in(&address, account.customer, &account.password()).await?)
    }

    /// Lets go of cards and terminals, so that another process may use them; everything else stays up.
    pub async fn release(&mut self) {
        self.readers.clear();
        self.terminals.clear();
        if let Parties::Processes(elsewhere) = &mut self.parties {
            elsewhere.release_terminals().await;
        }
    }

    /// Stops every party in order; of parties in processes of their own, what did not end in order.
    pub async fn stop(self) -> Vec<String> {
        drop(self.terminals);
        self.parties.stop().await
    }

    pub(super) fn meet_all(&mut self, issued: Vec<Issued>) -> Result<(), SandboxError> {
        for Issued { person, certificates } in issued {
            self.meet(person, &certificates.auth_der, certificates.signing.map(|it| it.der))?;
        }
        Ok(())
    }

    fn meet(
        &mut self,
        key: PersonKey,
        auth_der: &[u8],
        signing_der: Option<Vec<u8>>,
    ) -> Result<(), SandboxError> {
        let making = |error: enishi_jpki::CertificateError| SandboxError::Making(error.to_string());
        let auth = AuthCertificate::parse(auth_der, &Profile::SANDBOX).map_err(making)?;
        let mut needles = vec![
            Needle::octets(Item::Serial, auth.serial().expose_der_content()),
            Needle::any(
                Item::Certificate,
                of_certificate(Item::Certificate, &auth)?.into_iter().chain([Needle::moment(
                    Item::Certificate,
                    auth.not_after(),
                )
                .called("expiry")]),
            ),
        ];
        if let Some(der) = signing_der {
            let signing = SigningCertificate::parse(&der, &Profile::SANDBOX).map_err(making)?;
            let serial = Needle::octets(Item::SigningSerial, signing.serial().expose_der_content());
            let others = of_certificate(Item::SigningSerial, &signing)?;
            needles
                .push(Needle::any(Item::SigningSerial, [serial.called("serial")].into_iter().chain(others)));
        }
        if let Some(person) = Person::of(key) {
            needles.push(Needle::text(Item::Name, person.name));
            let accounts = |item, text: fn(&Account) -> String| {
                Needle::any(
                    item,
                    person.accounts.iter().map(move |account| Needle::text(item, &text(account))),
                )
            };
            needles.push(accounts(Item::CardNumber, Account::pan));
            needles.push(accounts(Item::CompanyPin, |account| account.pin.to_owned()));
            needles.push(accounts(Item::CustomerId, |account| account.customer.to_owned()));
        }
        self.serials.insert(key, auth.serial().clone());
        self.needles.insert(key, needles);
        Ok(())
    }
}

/// What captures are kept in.
pub(super) type Captures = HashMap<Party, Arc<Capture>>;

/// A sandbox on disk, and the cables within it.
pub(super) struct Site {
    pub(super) plan: Blueprint,
    books_cable: Cable,
    company_a_cable: Cable,
    cables: JoinSet<()>,
}

impl Site {
    /// Makes everything under a root and lays the cables, from their two ends.
    pub(super) async fn make(
        root: &Path,
        places: Places,
        setup: SetupOptions,
        (books, company_a): (TcpListener, TcpListener),
    ) -> Result<(Self, Vec<Issued>), SandboxError> {
        let plan = Blueprint { root: root.to_owned(), places };
        let issued = set_up(&plan, setup, &SystemEntropy, SystemClock.now()).await?;
        let mut cables = JoinSet::new();
        let books_cable = Cable::lay(books, places.relay.to_string(), &mut cables)?;
        let company_a_cable = Cable::lay(company_a, places.iso_of(Company::A).to_string(), &mut cables)?;
        Ok((Self { plan, books_cable, company_a_cable, cables }, issued))
    }
}

/// The relay's capture hears the hops as well, whoever else does.
struct Watched {
    capture: Arc<Capture>,
    also: Arc<dyn Observer>,
}

impl Observer for Watched {
    fn hop(&self, hop: Hop, took: Duration) {
        self.capture.hop(hop, took);
        self.also.hop(hop, took);
    }

    fn event(&self, event: &Event<'_>) {
        self.also.event(event);
    }
}

/// Starts the relay and waits until it has signed on to every company.
async fn start_relay(
    plan: &Blueprint,
    sockets: RelaySockets,
    machine: Machine,
) -> Result<RelayService, SandboxError> {
    let relay =
        RelayService::start(&plan.relay(), sockets, machine).await.map_err(crate::party::PartyError::from)?;
    match relay.connections.signed_on(SIGN_ON_WAIT).await.first() {
        None => Ok(relay),
        Some(company) => {
            Err(SandboxError::Making(format!("{company} did not sign on within {SIGN_ON_WAIT:?}")))
        }
    }
}

/// Whose capture a company's is.
pub(super) const fn party_of(company: Company) -> Party {
    match company {
        Company::A => Party::CompanyA,
        Company::B => Party::CompanyB,
    }
}
