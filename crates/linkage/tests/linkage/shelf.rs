//! A store that holds what it is given, also what no real store would.

use std::sync::Mutex;

use async_trait::async_trait;
use enishi_linkage::{AnyContract, AnyLink, BlindIndex, LinkStore, NewLink, SealedRoute, StoreFault};
use enishi_party::{ContractId, InstrumentRef, LinkId, Timestamp};

#[derive(Default)]
pub(crate) struct Shelf(Mutex<State>);

#[derive(Default)]
struct State {
    rows: Vec<(ContractId, NewLink)>,
    lookups: usize,
    broken: bool,
}

impl Shelf {
    /// Puts a link under the name of a contract, whatever the link says.
    pub(crate) fn put(&self, contract: &ContractId, new: NewLink) {
        self.0.lock().unwrap().rows.push((contract.clone(), new));
    }

    /// How often links or routes were looked for.
    pub(crate) fn lookups(&self) -> usize {
        self.0.lock().unwrap().lookups
    }

    pub(crate) fn fails(&self) {
        self.0.lock().unwrap().broken = true;
    }

    pub(crate) fn len(&self) -> usize {
        self.0.lock().unwrap().rows.len()
    }

    /// The rows as they are kept.
    pub(crate) fn rows(&self) -> Vec<NewLink> {
        self.0.lock().unwrap().rows.iter().map(|(_, new)| new.clone()).collect()
    }

    /// Moves a card's routes to another card's index, as a person with a shell could.
    pub(crate) fn move_routes(&self, to: BlindIndex) {
        for (_, new) in &mut self.0.lock().unwrap().rows {
            if let Some((at, _)) = &mut new.route {
                *at = to;
            }
        }
    }

    fn seen<T>(&self, read: impl Fn(&(ContractId, NewLink)) -> Option<T>) -> Result<Vec<T>, StoreFault> {
        let mut state = self.0.lock().unwrap();
        state.lookups += 1;
        if state.broken {
            return Err(StoreFault { reason: "the shelf fell down".to_owned() });
        }
        Ok(state.rows.iter().filter_map(read).collect())
    }
}

#[async_trait]
impl LinkStore for Shelf {
    async fn find(&self, contract: &AnyContract, index: &BlindIndex) -> Result<Vec<AnyLink>, StoreFault> {
        self.seen(|(of, new)| (of == contract.id() && new.index == *index).then(|| new.link.clone()))
    }

    async fn get(&self, contract: &AnyContract, link: LinkId) -> Result<Option<AnyLink>, StoreFault> {
        let found =
            self.seen(|(of, new)| (of == contract.id() && new.link.id() == link).then(|| new.link.clone()))?;
        Ok(found.into_iter().next())
    }

    async fn routes(&self, index: &BlindIndex) -> Result<Vec<SealedRoute>, StoreFault> {
        self.seen(|(_, new)| {
            new.route.as_ref().filter(|(at, _)| at == index).map(|(_, sealed)| sealed.clone())
        })
    }

    async fn insert(&self, contract: &AnyContract, new: NewLink, _: Timestamp) -> Result<(), StoreFault> {
        self.put(contract.id(), new);
        Ok(())
    }

    async fn activate(
        &self,
        _: &AnyContract,
        _: LinkId,
        _: InstrumentRef,
        _: Timestamp,
    ) -> Result<bool, StoreFault> {
        Ok(false)
    }

    async fn expire_pending(&self, _: &AnyContract, _: Timestamp) -> Result<u64, StoreFault> {
        Ok(0)
    }

    async fn roll_back(&self, _: &AnyContract, _: LinkId, _: Timestamp) -> Result<bool, StoreFault> {
        Ok(false)
    }
}
