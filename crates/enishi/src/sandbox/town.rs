//! The sandbox as it runs: every party in its own tasks, on its own sockets, with its own capture.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::Authority;
use enishi_card::{SoftwareCard, SoftwareReader};
use enishi_jpki::{AuthCertificate, Profile, Serial, SigningCertificate};
use enishi_party::{Clock, Entropy, Language};
use enishi_provider::LinkCallback;
use enishi_relay::Observer;
use enishi_server::{Machine, RelayService};
use enishi_terminal::{EnrolOutcome, EnrolReport, Holder, Terminal};
use enishi_transport::{SystemClock, SystemEntropy, Tap};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::identifier::of_certificate;
use super::setup::set_up;
use super::sockets::sockets;
use super::{
    Account, AppClient, Blueprint, Cable, Capture, Company, Item, Needle, Party, Person, PersonKey,
    RelayPlace, SandboxError, SetupOptions, Shop,
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
    /// The first of nine ports in a row; none: the kernel chooses.
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
    /// The authority.
    pub authority: AuthorityService,
    /// The shops' terminals.
    pub terminals: HashMap<Shop, Terminal>,
    /// The language of receipts.
    pub language: Language,
    /// What went through each party's sockets.
    pub captures: HashMap<Party, Arc<Capture>>,
    /// The cable between the bookshop and the relay.
    pub books_cable: Cable,
    /// The cable between the relay and company A.
    pub company_a_cable: Cable,
    relay: Option<RelayService>,
    companies: Vec<ProviderService>,
    readers: HashMap<PersonKey, SoftwareReader>,
    needles: HashMap<PersonKey, Vec<Needle>>,
    serials: HashMap<PersonKey, Serial>,
    _cables: JoinSet<()>,
}

/// What became of an enrolment.
#[derive(Debug)]
pub enum Enrolled {
    /// Linked, under the company's label.
    Linked(String),
    /// The relay or the company refused, with this code.
    Refused(String),
    /// The card or the holder did not go on.
    NotGiven(EnrolReport),
}

impl Town {
    /// Makes a sandbox in an empty folder and starts every party.
    ///
    /// # Errors
    /// [`SandboxError`]
    pub async fn start(root: &Path, options: TownOptions) -> Result<Self, SandboxError> {
        let (sockets, places) = sockets(options.port_base, options.relay, &SystemEntropy).await?;
        let plan = Blueprint { root: root.to_owned(), places };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
        let issued = set_up(&plan, options.setup, &*entropy, clock.now()).await?;
        let captures: HashMap<_, _> = Party::ALL.map(|party| (party, Arc::new(Capture::default()))).into();
        let tap = |party: Party| captures.get(&party).cloned().map(|capture| -> Arc<dyn Tap> { capture });

        let mut cables = JoinSet::new();
        let books_cable = Cable::lay(sockets.books, places.relay.to_string(), &mut cables)?;
        let company_a_cable =
            Cable::lay(sockets.company_a, places.iso_of(Company::A).to_string(), &mut cables)?;
        let authority = AuthorityService::start(
            &plan.authority(),
            sockets.authority,
            clock.clone(),
            tap(Party::Authority),
        )
        .await?;
        let mut companies = Vec::new();
        for (company, sockets) in Company::ALL.into_iter().zip(sockets.companies) {
            let party = party_of(company);
            let file = plan.company(company);
            companies.push(
                ProviderService::start(&file, sockets, clock.clone(), entropy.clone(), tap(party)).await?,
            );
        }
        let machine = Machine {
            clock: clock.clone(),
            entropy: entropy.clone(),
            tap: tap(Party::Relay),
            observer: options.observer,
        };
        let relay = match sockets.relay {
            Some(socket) => Some(start_relay(&plan, socket, machine).await?),
            None => None,
        };
        let mut terminals = HashMap::new();
        for shop in Shop::ALL {
            let file = plan.terminal(shop);
            let terminal =
                open_terminal(&file, options.language, clock.clone(), entropy.clone(), tap(Party::Terminal))?;
            terminals.insert(shop, terminal);
        }
        let mut town = Self {
            plan,
            authority,
            relay,
            terminals,
            language: options.language,
            captures,
            books_cable,
            company_a_cable,
            companies,
            readers: HashMap::new(),
            needles: HashMap::new(),
            serials: HashMap::new(),
            _cables: cables,
        };
        for issued in issued {
            town.meet(
                issued.person,
                &issued.certificates.auth_der,
                issued.certificates.signing.map(|it| it.der),
            )?;
        }
        Ok(town)
    }

    /// A citizen's card in the reader of whatever terminal it is tapped on.
    ///
    /// # Errors
    /// Nobody of that name.
    pub fn reader(&self, person: PersonKey) -> Result<SoftwareReader, SandboxError> {
        self.readers
            .get(&person)
            .cloned()
            .ok_or_else(|| SandboxError::Making(format!("{person:?} has no card")))
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

    /// The relay's insides.
    ///
    /// # Errors
    /// It runs in a process of its own.
    pub fn relay(&self) -> Result<&RelayService, SandboxError> {
        let elsewhere = || SandboxError::Making("the relay runs in a process of its own".to_owned());
        self.relay.as_ref().ok_or_else(elsewhere)
    }

    /// The authority, to issue and revoke.
    #[must_use]
    pub fn registry(&self) -> Arc<Authority> {
        self.authority.authority.clone()
    }

    /// Forgets what was captured.
    pub fn clear_captures(&self) {
        for capture in self.captures.values() {
            capture.clear();
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
        let reader = self.reader(card)?;
        let report = self.terminal(Shop::Coffee)?.enrol(|| reader.connect(), started.intent, holder).await?;
        let answer = match report.outcome {
            EnrolOutcome::Enrolled(answer) => answer,
            EnrolOutcome::Refused { problem } => return Ok(Enrolled::Refused(problem.code)),
            _ => return Ok(Enrolled::NotGiven(report)),
        };
        let callback = LinkCallback { state: answer.state, code: answer.code };
        match app.finish_link(&callback).await {
            Ok(linked) => Ok(Enrolled::Linked(linked.label)),
            Err(super::AppError::Refused { code, .. }) => Ok(Enrolled::Refused(code)),
            Err(error) => Err(error.into()),
        }
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
    pub fn release(&mut self) {
        self.readers.clear();
        self.terminals.clear();
    }

    /// Stops every party in order.
    pub async fn stop(self) {
        drop(self.terminals);
        if let Some(relay) = self.relay {
            relay.stop().await;
        }
        for company in self.companies {
            company.stop().await;
        }
        self.authority.stop().await;
    }

    fn meet(
        &mut self,
        key: PersonKey,
        auth_der: &[u8],
        signing_der: Option<Vec<u8>>,
    ) -> Result<(), SandboxError> {
        let making = |error: enishi_jpki::CertificateError| SandboxError::Making(error.to_string());
        let file = self.plan.card(key);
        // Opened from the file, so that its counters persist as a card's do.
        let card = SoftwareCard::open(&file)?;
        self.readers.insert(key, SoftwareReader::with_card(card));
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

/// Starts the relay and waits until it has signed on to every company.
async fn start_relay(
    plan: &Blueprint,
    socket: TcpListener,
    machine: Machine,
) -> Result<RelayService, SandboxError> {
    let relay = RelayService::start(&plan.relay(), Some(socket), machine)
        .await
        .map_err(crate::party::PartyError::from)?;
    match relay.connections.signed_on(SIGN_ON_WAIT).await.first() {
        None => Ok(relay),
        Some(company) => {
            Err(SandboxError::Making(format!("{company} did not sign on within {SIGN_ON_WAIT:?}")))
        }
    }
}

/// Whose capture a company's is.
pub(crate) const fn party_of(company: Company) -> Party {
    match company {
        Company::A => Party::CompanyA,
        Company::B => Party::CompanyB,
    }
}
