//! Identities, servers, raw TLS ends and a proxy that cuts.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use enishi_party::{Environment, PartyRole, PartyUri, Timestamp};
use enishi_transport::{CancellationToken, Direction, Identity, SandboxCa, Tap, TrustedCa};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, SanType};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// Long enough that only a hang reaches it, and shorter than the library's own time-outs, which must not stand in for ours.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// Short enough to wait for; nothing is asserted about it.
pub(crate) const SHORT: Duration = Duration::from_millis(100);

#[expect(
    clippy::disallowed_methods,
    reason = "the TLS library holds certificates against the machine's clock"
)]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) fn party(role: PartyRole, name: &str) -> PartyUri {
    PartyUri::new(Environment::Sandbox, role, name).unwrap()
}

pub(crate) fn relay() -> PartyUri {
    party(PartyRole::Relay, "relay-1")
}

pub(crate) fn bank() -> PartyUri {
    party(PartyRole::Provider, "bank-a")
}

pub(crate) fn terminal() -> PartyUri {
    party(PartyRole::Terminal, "4980000000012")
}

/// A sandbox: one CA.
pub(crate) struct World {
    pub(crate) ca: SandboxCa,
}

impl World {
    pub(crate) fn new() -> Self {
        Self { ca: SandboxCa::create(now()).unwrap() }
    }

    pub(crate) fn identity(&self, party: &PartyUri) -> Identity {
        self.ca.issue(party, &["localhost"], now()).unwrap()
    }

    pub(crate) fn trusted(&self) -> TrustedCa {
        self.ca.trusted().unwrap()
    }
}

pub(crate) async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A server task and the way to end it.
pub(crate) struct Running {
    pub(crate) address: SocketAddr,
    pub(crate) shutdown: CancellationToken,
    pub(crate) task: tokio::task::JoinHandle<()>,
}

impl Running {
    pub(crate) async fn stop(self) {
        self.shutdown.cancel();
        self.task.await.unwrap();
    }
}

/// A tap that keeps everything.
#[derive(Default)]
pub(crate) struct Recorder(pub(crate) Mutex<Vec<(Direction, String, Vec<u8>)>>);

impl Recorder {
    pub(crate) fn shared(self: &Arc<Self>) -> Arc<dyn Tap> {
        Arc::<Self>::clone(self)
    }

    pub(crate) fn all(&self, wanted: Direction) -> Vec<u8> {
        let seen = self.0.lock().unwrap();
        seen.iter()
            .filter(|(direction, ..)| *direction == wanted)
            .flat_map(|(.., bytes)| bytes.clone())
            .collect()
    }
}

impl Tap for Recorder {
    fn saw(&self, direction: Direction, peer: &str, bytes: &[u8]) {
        self.0.lock().unwrap().push((direction, peer.to_owned(), bytes.to_vec()));
    }
}

struct Pems {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

fn pems(identity: &Identity) -> Pems {
    let folder = tempfile::tempdir().unwrap();
    identity.save(folder.path()).unwrap();
    let chain = CertificateDer::pem_file_iter(folder.path().join("party.crt.pem"))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.path().join("party.key.pem")).unwrap();
    Pems { chain, key }
}

fn roots(world: &World) -> Arc<RootCertStore> {
    let folder = tempfile::tempdir().unwrap();
    world.ca.save(folder.path()).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(folder.path().join("ca.crt.pem")).unwrap()).unwrap();
    Arc::new(roots)
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

/// A client that is not ours: it checks host names, takes tickets, and shows whatever certificate it is given, or none.
pub(crate) fn raw_config(world: &World, identity: Option<&Identity>) -> Arc<ClientConfig> {
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(world));
    Arc::new(match identity.map(pems) {
        Some(Pems { chain, key }) => builder.with_client_auth_cert(chain, key).unwrap(),
        None => builder.with_no_client_auth(),
    })
}

/// As [`raw_config`], with a certificate that the world's CA would not have issued.
pub(crate) fn forged_config(world: &World, uris: &[&str]) -> Arc<ClientConfig> {
    let folder = tempfile::tempdir().unwrap();
    world.ca.save(folder.path()).unwrap();
    let ca_key =
        KeyPair::from_pem(&std::fs::read_to_string(folder.path().join("ca.key.pem")).unwrap()).unwrap();
    let mut ca_params = CertificateParams::default();
    ca_params.distinguished_name.remove(DnType::CommonName);
    ca_params.distinguished_name.push(DnType::OrganizationName, "Enishi sandbox");
    ca_params.distinguished_name.push(DnType::CommonName, "Enishi sandbox mutual TLS CA");
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::default();
    params.subject_alt_names = uris.iter().map(|uri| SanType::URI((*uri).try_into().unwrap())).collect();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&key, &Issuer::new(ca_params, ca_key)).unwrap();
    let builder = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots(world));
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    Arc::new(builder.with_client_auth_cert(vec![certificate.der().clone()], key).unwrap())
}

pub(crate) async fn raw_connect(
    config: &Arc<ClientConfig>,
    address: SocketAddr,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let tcp = TcpStream::connect(address).await?;
    TlsConnector::from(Arc::clone(config)).connect(ServerName::try_from("localhost").unwrap(), tcp).await
}

pub(crate) async fn raw_client(
    world: &World,
    identity: Option<&Identity>,
    address: SocketAddr,
) -> std::io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    raw_connect(&raw_config(world, identity), address).await
}

/// Accepts one connection as a server that is not ours and asks for no certificate.
pub(crate) async fn raw_accept(
    listener: &TcpListener,
    identity: &Identity,
) -> tokio_rustls::server::TlsStream<TcpStream> {
    try_raw_accept(listener, identity).await.unwrap()
}

pub(crate) async fn try_raw_accept(
    listener: &TcpListener,
    identity: &Identity,
) -> std::io::Result<tokio_rustls::server::TlsStream<TcpStream>> {
    let Pems { chain, key } = pems(identity);
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let (tcp, _) = listener.accept().await.unwrap();
    TlsAcceptor::from(Arc::new(config)).accept(tcp).await
}

/// Everything until the other end closes; errors count as the end.
pub(crate) async fn read_to_close(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> Vec<u8> {
    let mut all = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) =
        tokio::time::timeout(LONG, stream.read(&mut piece)).await.expect("closed by the other end")
    {
        all.extend_from_slice(&piece[..read]);
    }
    all
}

/// Stands between a client and a server and lets everything through until told to cut.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    cut: CancellationToken,
    /// Bytes that still may pass from the server to the client after `starve`.
    allowance: Arc<Mutex<Option<usize>>>,
}

impl Proxy {
    pub(crate) async fn before(server: SocketAddr) -> Self {
        let (listener, address) = listen().await;
        let (cut, allowance) = (CancellationToken::new(), Arc::new(Mutex::new(None)));
        let (cut_here, allowance_here) = (cut.clone(), Arc::clone(&allowance));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (cut, allowance) = (cut_here.clone(), Arc::clone(&allowance_here));
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(server).await else { return };
                    tokio::select! {
                        () = pass(client, server, allowance) => {}
                        () = cut.cancelled() => {}
                    }
                });
            }
        });
        Self { address, cut, allowance }
    }

    /// Ends all connections and refuses to carry any more.
    pub(crate) fn cut(&self) {
        self.cut.cancel();
    }

    /// Lets so many bytes more through to the client, then cuts.
    pub(crate) fn cut_after(&self, bytes: usize) {
        *self.allowance.lock().unwrap() = Some(bytes);
    }
}

async fn pass(client: TcpStream, server: TcpStream, allowance: Arc<Mutex<Option<usize>>>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let up = async move {
        let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
        let _ = to_server.shutdown().await;
        std::future::pending::<()>().await;
    };
    let down = async move {
        let mut piece = [0; 4096];
        while let Ok(read @ 1..) = from_server.read(&mut piece).await {
            let (send, last) = match allowance.lock().unwrap().as_mut() {
                Some(left) => {
                    let send = read.min(*left);
                    *left -= send;
                    (send, *left == 0)
                }
                None => (read, false),
            };
            if to_client.write_all(&piece[..send]).await.is_err() || last {
                return;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

/// Waits for something that another task brings about.
pub(crate) async fn until(what: impl Fn() -> bool) {
    let waiting = async {
        while !what() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(LONG, waiting).await.expect("it never happened");
}

pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
