//! Who listens where: bound before anyone starts.

use enishi_party::Entropy;
use enishi_server::RelaySockets;
use tokio::net::TcpListener;

use super::{Places, SandboxError};
use crate::party::{AuthoritySockets, ProviderSockets};

/// The ports among which one is chosen for a relay that is started again and again: below the range from which the
/// kernel gives ports to callers, so that nobody takes it meanwhile.
const LASTING_PORTS: std::ops::Range<u16> = 20_000..32_000;
/// How many of them are tried.
const PORT_TRIES: usize = 64;

/// Where the relay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayPlace {
    /// Beside all others.
    InProcess,
    /// In a process that the caller starts, and kills, from [`Blueprint::relay`](super::Blueprint::relay).
    OwnProcess,
}

/// Who runs in another process than this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outside {
    Nobody,
    Relay,
    /// Every party, the terminals too.
    Everyone,
}

/// Everyone's sockets; those of a party in another process hold its ports until they are dropped.
pub(crate) struct Sockets {
    pub(crate) authority: AuthoritySockets,
    pub(crate) relay: Option<RelaySockets>,
    pub(crate) companies: [ProviderSockets; 2],
    pub(crate) books: TcpListener,
    pub(crate) company_a: TcpListener,
}

/// Binds every socket first, so that each party's configuration can name the others.
pub(crate) async fn sockets(
    base: Option<u16>,
    outside: Outside,
    entropy: &dyn Entropy,
) -> Result<(Sockets, Places), SandboxError> {
    let mut next = base;
    let mut bind = async || {
        if base.is_none() && outside == Outside::Everyone {
            return lasting_port(entropy).await;
        }
        let port = next.unwrap_or(0);
        next = next.and_then(|port| port.checked_add(1));
        TcpListener::bind(("127.0.0.1", port)).await
    };
    let (public, verifiers) = (bind().await?, bind().await?);
    let relay_socket = match (outside, base) {
        (Outside::Relay, None) => lasting_port(entropy).await?,
        _ => bind().await?,
    };
    let (iso_a, app_a, iso_b, app_b) = (bind().await?, bind().await?, bind().await?, bind().await?);
    let (books, company_a) = (bind().await?, bind().await?);
    let authority_ops = bind().await?;
    let relay_ops = match (outside, base) {
        (Outside::Relay, None) => lasting_port(entropy).await?,
        _ => bind().await?,
    };
    let (ops_a, ops_b) = (bind().await?, bind().await?);
    let places = Places {
        authority_public: public.local_addr()?,
        authority_verifiers: verifiers.local_addr()?,
        relay: relay_socket.local_addr()?,
        relay_for_books: books.local_addr()?,
        iso: [iso_a.local_addr()?, iso_b.local_addr()?],
        iso_a_for_relay: company_a.local_addr()?,
        app: [app_a.local_addr()?, app_b.local_addr()?],
        authority_ops: authority_ops.local_addr()?,
        relay_ops: relay_ops.local_addr()?,
        ops: [ops_a.local_addr()?, ops_b.local_addr()?],
    };
    let sockets = Sockets {
        authority: AuthoritySockets {
            public: Some(public),
            verifiers: Some(verifiers),
            ops: Some(authority_ops),
        },
        // Closed here, it waits for the relay's own process.
        relay: (outside == Outside::Nobody)
            .then_some(RelaySockets { service: Some(relay_socket), ops: Some(relay_ops) }),
        companies: [
            ProviderSockets { iso: Some(iso_a), app: Some(app_a), ops: Some(ops_a) },
            ProviderSockets { iso: Some(iso_b), app: Some(app_b), ops: Some(ops_b) },
        ],
        books,
        company_a,
    };
    Ok((sockets, places))
}

async fn lasting_port(entropy: &dyn Entropy) -> std::io::Result<TcpListener> {
    let mut tried = Err(std::io::ErrorKind::AddrInUse.into());
    for _ in 0..PORT_TRIES {
        let random = u16::from_be_bytes(entropy.octets());
        let width = LASTING_PORTS.end - LASTING_PORTS.start;
        tried = TcpListener::bind(("127.0.0.1", LASTING_PORTS.start + random % width)).await;
        if tried.is_ok() {
            break;
        }
    }
    tried
}
