//! Where the parties run, and what may be asked of them without knowing it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use enishi_authority::Authority;
use enishi_server::RelayService;
use enishi_terminal::Prepared;

use super::clerk::RemoteClerk;
use super::operator::{metric, ready};
use super::{Company, Processes, SandboxError, Shop, Town};
use crate::party::{AuthorityService, ProviderService};

/// How often it is looked whether something has come about.
const GLANCE: Duration = Duration::from_millis(20);

/// The parties but for the terminals of this process, which are [`Town::terminals`].
pub(crate) enum Parties {
    /// As tasks of this process.
    Here(Box<Here>),
    /// Each in a process of its own, the terminals too.
    Processes(Box<Elsewhere>),
}

/// The parties of this process.
pub(crate) struct Here {
    pub(crate) authority: AuthorityService,
    /// None: it runs in a process that the caller starts and kills.
    pub(crate) relay: Option<RelayService>,
    pub(crate) companies: Vec<ProviderService>,
    /// What was prepared last at each terminal.
    pub(crate) prepared: HashMap<Shop, Prepared>,
}

/// The parties as processes.
pub(crate) struct Elsewhere {
    pub(crate) running: Arc<Processes>,
    /// The authority's register as its operator opens it, beside the process that serves it.
    pub(crate) registry: Arc<Authority>,
    pub(crate) clerks: HashMap<Shop, RemoteClerk>,
}

impl Elsewhere {
    pub(crate) fn clerk(&mut self, shop: Shop) -> Result<&mut RemoteClerk, SandboxError> {
        self.clerks.get_mut(&shop).ok_or_else(|| SandboxError::Making(format!("{shop:?} has no terminal")))
    }

    /// The terminals end, so that other processes may use their folders.
    pub(crate) async fn release_terminals(&mut self) {
        self.clerks.clear();
        self.running.reap_silent().await;
    }
}

impl Parties {
    /// The relay's insides, where it runs in this process.
    pub(crate) fn relay(&self) -> Option<&RelayService> {
        match self {
            Self::Here(here) => here.relay.as_ref(),
            Self::Processes(_) => None,
        }
    }

    /// Stops all in order; what did not end in order.
    pub(crate) async fn stop(self) -> Vec<String> {
        match self {
            Self::Here(here) => {
                if let Some(relay) = here.relay {
                    relay.stop().await;
                }
                for company in here.companies {
                    company.stop().await;
                }
                here.authority.stop().await;
                Vec::new()
            }
            Self::Processes(elsewhere) => {
                // With the clerks their lines end, and with those the terminals.
                drop(elsewhere.clerks);
                elsewhere.running.stop().await
            }
        }
    }
}

impl Town {
    /// The authority, to issue and revoke; where it runs in a process of its own, its register beside it.
    #[must_use]
    pub fn registry(&self) -> Arc<Authority> {
        match &self.parties {
            Parties::Here(here) => here.authority.authority.clone(),
            Parties::Processes(elsewhere) => elsewhere.registry.clone(),
        }
    }

    /// The relay's insides.
    ///
    /// # Errors
    /// It runs in a process of its own.
    pub fn relay(&self) -> Result<&RelayService, SandboxError> {
        let elsewhere = || SandboxError::Making("the relay runs in a process of its own".to_owned());
        self.parties.relay().ok_or_else(elsewhere)
    }

    /// How many reversals no company has answered yet.
    ///
    /// # Errors
    /// The relay's journal, or its page of metrics.
    pub async fn pending_reversals(&self) -> Result<u64, SandboxError> {
        if let Some(relay) = self.parties.relay() {
            let pending = relay.reversals.pending().await;
            return pending.map_err(|fault| SandboxError::Making(fault.to_string()));
        }
        Ok(metric(self.plan.places.relay_ops, "enishi_relay_reversals_pending").await?)
    }

    /// Waits until the relay has signed on to every company; whether it has.
    pub async fn relay_signed_on(&self, limit: Duration) -> bool {
        if let Some(relay) = self.parties.relay() {
            return relay.connections.signed_on(limit).await.is_empty();
        }
        let companies = Company::ALL.map(|company| format!("provider:{}", company.id()));
        let ops = self.plan.places.relay_ops;
        within(limit, async || ready(ops, &companies).await).await
    }

    /// Waits until the relay works with the lists that the authority published last; whether it does.
    ///
    /// # Errors
    /// The authority's register.
    pub async fn relay_has_published_lists(&self, limit: Duration) -> Result<bool, SandboxError> {
        if let Some(relay) = self.parties.relay() {
            relay.revocation.refresh().await;
        }
        let registry = self.registry();
        let mut published = Vec::new();
        for authority in registry.authority_certificates() {
            published.extend(registry.published_crl(authority.kind, &authority.key_id)?.map(|list| list.der));
        }
        // A list is kept as soon as it serves, never before.
        let folder = self.plan.root.join("relay/store/lists");
        Ok(within(limit, async || {
            let kept = lists_in(&folder).unwrap_or_default();
            !published.is_empty() && published.iter().all(|list| kept.contains(list))
        })
        .await)
    }
}

/// Looks again and again until something holds; whether it did in time.
pub(crate) async fn within(limit: Duration, mut holds: impl AsyncFnMut() -> bool) -> bool {
    let deadline = tokio::time::Instant::now() + limit;
    loop {
        if holds().await {
            return true;
        }
        if tokio::time::Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(GLANCE).await;
    }
}

fn lists_in(folder: &Path) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lists = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "crl") {
            lists.push(std::fs::read(path)?);
        }
    }
    Ok(lists)
}
