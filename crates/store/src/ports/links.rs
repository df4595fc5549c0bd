//! Links on the store: 代行 in the relay's file, 委託 in the contract's own.

use async_trait::async_trait;
use enishi_linkage::{AnyContract, AnyLink, BlindIndex, LinkStore, NewLink, SealedRoute, StoreFault};
use enishi_party::{ContractId, InstrumentRef, LinkId, Timestamp, VerifierModel};

use super::clock_value::micros;
use super::column::{all, as_count, run};
use super::link_row::{self, LinkRow};
use crate::database::Database;
use crate::fault::Fault;
use crate::session::{Session, Value};
use crate::store::Store;

/// Pending links that are to go.
#[derive(Clone, Copy)]
enum Leaving {
    /// The one of that name.
    Named(LinkId),
    /// Those that were pending before that moment.
    Before(Timestamp),
}

impl Leaving {
    /// A condition on `links`, and its one value; `?1` is the contract.
    fn condition(self) -> (&'static str, Value<'static>) {
        match self {
            Self::Named(link) => {
                ("contract = ?1 AND state = 'pending' AND id = ?2", Value::Text(link.to_string().into()))
            }
            Self::Before(before) => {
                ("contract = ?1 AND state = 'pending' AND since < ?2", Value::Number(micros(before)))
            }
        }
    }
}

impl Store {
    async fn take_away(&self, contract: &AnyContract, leaving: Leaving) -> Result<u64, StoreFault> {
        let id = contract.id().clone();
        match contract.model() {
            VerifierModel::Proxy => {
                self.relay.write(move |session| take_away_with_routes(session, &id, leaving)).await
            }
            VerifierModel::Entrusted => match self.partitions.standing(&id).await? {
                Some(partition) => self.take_away_from(&partition, id, leaving).await,
                None => Ok(0),
            },
        }
    }

    /// No transaction spans two files, so the link is marked first: from then on it is no link, and what a stopped process
    /// left marked is finished by the next call.
    async fn take_away_from(
        &self,
        partition: &Database,
        contract: ContractId,
        leaving: Leaving,
    ) -> Result<u64, StoreFault> {
        let marked = partition.write(move |session| mark(session, &contract, leaving)).await?;
        let gone = partition.read(marked_links).await?;
        let routes: Vec<Vec<u8>> = gone.iter().filter_map(|link| link.route.clone()).collect();
        if !routes.is_empty() {
            self.relay
                .write(move |session| routes.iter().try_for_each(|sealed| delete_route(session, sealed)))
                .await?;
        }
        if !gone.is_empty() {
            partition.write(move |session| delete_marked(session, &gone)).await?;
        }
        Ok(marked)
    }

    async fn links_of(&self, contract: &AnyContract) -> Result<Place<'_>, StoreFault> {
        Ok(match contract.model() {
            VerifierModel::Proxy => Place::Relay(&self.relay),
            VerifierModel::Entrusted => Place::Partition(self.partitions.of(contract.id()).await?),
        })
    }
}

/// A link that is marked as leaving.
struct Gone {
    id: String,
    route: Option<Vec<u8>>,
}

enum Place<'a> {
    Relay(&'a Database),
    Partition(Database),
}

impl Place<'_> {
    fn database(&self) -> &Database {
        match self {
            Self::Relay(relay) => relay,
            Self::Partition(partition) => partition,
        }
    }
}

fn take_away_with_routes(
    session: &dyn Session,
    contract: &ContractId,
    leaving: Leaving,
) -> Result<u64, Fault> {
    let (condition, value) = leaving.condition();
    let sql = format!("DELETE FROM links WHERE {condition} RETURNING route");
    let routes = all(session, &sql, (contract.as_str(), value), |row| row.get::<Option<Vec<u8>>>("route"))?;
    routes.iter().flatten().try_for_each(|sealed| delete_route(session, sealed))?;
    Ok(as_count(routes.len()))
}

fn mark(session: &dyn Session, contract: &ContractId, leaving: Leaving) -> Result<u64, Fault> {
    let (condition, value) = leaving.condition();
    let sql = format!("UPDATE links SET state = 'leaving' WHERE {condition}");
    run(session, &sql, (contract.as_str(), value)).map(as_count)
}

fn marked_links(session: &dyn Session) -> Result<Vec<Gone>, Fault> {
    all(session, "SELECT id, route FROM links WHERE state = 'leaving'", (), |row| {
        Ok(Gone { id: row.get("id")?, route: row.get("route")? })
    })
}

fn delete_marked(session: &dyn Session, gone: &[Gone]) -> Result<(), Fault> {
    gone.iter().try_for_each(|Gone { id, .. }| {
        run(session, "DELETE FROM links WHERE id = ?1 AND state = 'leaving'", [id]).map(|_| ())
    })
}

fn insert_route(
    session: &dyn Session,
    index: &BlindIndex,
    sealed: &SealedRoute,
    now: Timestamp,
) -> Result<(), Fault> {
    run(
        session,
        "INSERT INTO routes (platform_index, sealed, since) VALUES (?1, ?2, ?3)",
        (index.as_octets(), sealed.as_octets(), micros(now)),
    )
    .map(|_| ())
}

fn delete_route(session: &dyn Session, sealed: &[u8]) -> Result<(), Fault> {
    run(session, "DELETE FROM routes WHERE sealed = ?1", [sealed]).map(|_| ())
}

fn activate(
    session: &dyn Session,
    contract: &ContractId,
    link: LinkId,
    instrument: InstrumentRef,
) -> Result<bool, Fault> {
    let changed = run(
        session,
        "UPDATE links SET state = 'active', instrument = ?3
         WHERE contract = ?1 AND id = ?2 AND state = 'pending' AND NOT EXISTS
             (SELECT 1 FROM links AS standing
              WHERE standing.contract = ?1 AND standing.blind_index = links.blind_index AND standing.state = 'active')",
        (contract.as_str(), link.to_string(), instrument.to_string()),
    )?;
    Ok(changed == 1)
}

#[async_trait]
impl LinkStore for Store {
    async fn find(&self, contract: &AnyContract, index: &BlindIndex) -> Result<Vec<AnyLink>, StoreFault> {
        let (place, contract, index) = (self.links_of(contract).await?, contract.clone(), *index);
        place.database().read(move |session| link_row::of_card(session, &contract, &index)).await
    }

    async fn get(&self, contract: &AnyContract, link: LinkId) -> Result<Option<AnyLink>, StoreFault> {
        let (place, contract) = (self.links_of(contract).await?, contract.clone());
        place.database().read(move |session| link_row::get(session, &contract, link)).await
    }

    async fn routes(&self, index: &BlindIndex) -> Result<Vec<SealedRoute>, StoreFault> {
        let index = *index;
        let read = move |session: &dyn Session| {
            let sql = "SELECT sealed FROM routes WHERE platform_index = ?1 ORDER BY id";
            all(session, sql, [index.as_octets()], |row| Ok(SealedRoute::from_octets(row.get("sealed")?)))
        };
        self.relay.read(read).await
    }

    /// Under 委託 the link is written before its route: a route always has its link, and what fails between the two is
    /// pending and expires.
    async fn insert(&self, contract: &AnyContract, new: NewLink, now: Timestamp) -> Result<(), StoreFault> {
        let link = LinkRow::new(contract, &new)?;
        let route = new.route;
        match contract.model() {
            VerifierModel::Proxy => {
                let write = move |session: &dyn Session| {
                    if let Some((index, sealed)) = &route {
                        insert_route(session, index, sealed, now)?;
                    }
                    link.insert(session, now)
                };
                self.relay.write(write).await
            }
            VerifierModel::Entrusted => {
                let partition = self.partitions.of(contract.id()).await?;
                partition.write(move |session| link.insert(session, now)).await?;
                match route {
                    Some((index, sealed)) => {
                        self.relay.write(move |session| insert_route(session, &index, &sealed, now)).await
                    }
                    None => Ok(()),
                }
            }
        }
    }

    async fn activate(
        &self,
        contract: &AnyContract,
        link: LinkId,
        instrument: InstrumentRef,
        _now: Timestamp,
    ) -> Result<bool, StoreFault> {
        let (place, contract) = (self.links_of(contract).await?, contract.id().clone());
        place.database().write(move |session| activate(session, &contract, link, instrument)).await
    }

    async fn expire_pending(&self, contract: &AnyContract, before: Timestamp) -> Result<u64, StoreFault> {
        self.take_away(contract, Leaving::Before(before)).await
    }

    async fn roll_back(
        &self,
        contract: &AnyContract,
        link: LinkId,
        _now: Timestamp,
    ) -> Result<bool, StoreFault> {
        self.take_away(contract, Leaving::Named(link)).await.map(|gone| gone > 0)
    }
}
