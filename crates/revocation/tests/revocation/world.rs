//! An authority, two cards of its, a clock that stands still, and servers of every kind.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, IssuedCertificates,
    Municipality, RegisteredBirth, RegisteredText, SerialPlan, WithSigning, public_router,
};
use enishi_jpki::{AuthCertificate, CaCertificate, Carrier, CertKind, KeyId, Profile, Sex};
use enishi_linkage::{LookupMethod, RevocationSource};
use enishi_party::{Clock, Timestamp};
use enishi_revocation::{OcspUrls, Revocation, RevocationConfig, RevocationError};
use enishi_transport::{PlainHttpClient, SystemEntropy};
use enishi_verify::{Anchors, Limits, Standing};
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

pub(crate) const KIND: CertKind = CertKind::Authentication;

/// Short enough to wait for; nothing is asserted about it.
pub(crate) const SHORT: Duration = Duration::from_millis(300);

pub(crate) fn now() -> Timestamp {
    "2026-11-20T03:00:00Z".parse().unwrap()
}

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_second(now().as_second() + seconds).unwrap()
}

/// A clock that stands until it is set.
pub(crate) struct Standstill(Mutex<Timestamp>);

impl Standstill {
    pub(crate) fn set(&self, moment: Timestamp) {
        *self.0.lock().unwrap() = moment;
    }
}

impl Clock for Standstill {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct World {
    pub(crate) authority: Arc<Authority>,
    pub(crate) card: IssuedCertificates,
    pub(crate) other: IssuedCertificates,
    pub(crate) clock: Arc<Standstill>,
    _folder: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let mut config = AuthorityConfig::new("http://responder.invalid/ocsp");
        // Long numbers, which an error text cannot hold by chance.
        config.serials = SerialPlan::Random;
        let authority = Authority::create(folder.path(), config, now()).unwrap();
        let key = CardKey::generate().unwrap();
        let keys =
            CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Spki(key.spki_der()) };
        let issue = |citizen| authority.issue(&person(citizen), keys, Carrier::Card, seconds(-3600)).unwrap();
        let (card, other) = (issue("resident-1"), issue("resident-2"));
        let clock = Arc::new(Standstill(Mutex::new(now())));
        Self { authority: Arc::new(authority), card, other, clock, _folder: folder }
    }

    pub(crate) fn certificate(&self) -> AuthCertificate {
        AuthCertificate::parse(&self.card.auth_der, &Profile::SANDBOX).unwrap()
    }

    pub(crate) fn issuer(&self) -> CaCertificate {
        CaCertificate::parse(&self.card.auth_ca_der, &Profile::SANDBOX).unwrap()
    }

    pub(crate) fn key_id(&self) -> KeyId {
        self.issuer().subject_key_id().clone()
    }

    pub(crate) fn anchors(&self) -> Anchors {
        let all = self.authority.authority_certificates();
        let parse = |der: &[u8]| CaCertificate::parse(der, &Profile::SANDBOX).unwrap();
        Anchors::new(all.iter().map(|it| parse(&it.der)).collect()).unwrap()
    }

    /// The list that is published for the card's issuer.
    pub(crate) fn list(&self) -> Vec<u8> {
        self.authority.published_crl(KIND, &self.key_id()).unwrap().unwrap().der
    }

    pub(crate) fn revocation(&self, base: &str) -> Revocation {
        self.build(config(base)).unwrap()
    }

    pub(crate) fn revocation_with_folder(&self, base: &str, folder: &Path) -> Revocation {
        let mut config = config(base);
        config.lists.folder = Some(folder.to_owned());
        self.build(config).unwrap()
    }

    /// For servers that never answer.
    pub(crate) fn revocation_in_haste(&self, base: &str) -> Revocation {
        let mut config = config(base);
        config.ocsp_timeout = SHORT;
        (config.lists.lookup_timeout, config.lists.refresh_timeout) = (SHORT, SHORT);
        self.build(config).unwrap()
    }

    pub(crate) fn build(&self, config: RevocationConfig) -> Result<Revocation, RevocationError> {
        let client = PlainHttpClient::new(Duration::from_secs(30), None).unwrap();
        let (clock, entropy) = (Arc::clone(&self.clock), Arc::new(SystemEntropy));
        Revocation::new(config, client, self.anchors(), Limits::default(), clock, entropy)
    }

    /// The card's standing, or the reason why it is not known.
    pub(crate) async fn standing(
        &self,
        revocation: &Revocation,
        method: LookupMethod,
    ) -> Result<Standing, String> {
        let (certificate, issuer) = (self.certificate(), self.issuer());
        let status = revocation.status(&certificate, &issuer, method, self.clock.now()).await;
        status.map(|status| status.standing()).map_err(|error| {
            let text = format!("{error} {error:?}").to_lowercase();
            let hex: String =
                certificate.serial().expose_der_content().iter().map(|it| format!("{it:02x}")).collect();
            assert!(!text.contains(&hex) && !text.contains(&certificate.serial().expose_decimal()), "{text}");
            error.reason
        })
    }

    /// The honest authority on a socket, with the number of requests.
    pub(crate) async fn honest(&self) -> Server {
        let clock = Arc::clone(&self.clock);
        serve(public_router(Arc::clone(&self.authority), Arc::new(move || clock.now()))).await
    }
}

/// Everything at one place.
pub(crate) fn config(base: &str) -> RevocationConfig {
    let ocsp = format!("{base}/ocsp");
    let lists = format!("{base}/crl/{{kind}}/{{key_id}}.crl").parse().unwrap();
    let mut config = RevocationConfig::new(OcspUrls { auth: ocsp.clone(), sign: ocsp }, lists);
    config.lists.list_bytes = 64 * 1024;
    config
}

/// A server and how often it was asked.
pub(crate) struct Server {
    pub(crate) base: String,
    calls: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

pub(crate) async fn serve(router: Router) -> Server {
    let (listener, base) = listen().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let router = router.layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            counter.fetch_add(1, Ordering::SeqCst);
            next.run(request)
        },
    ));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Server { base, calls }
}

/// A server that gives this answer to whatever is asked.
pub(crate) async fn answering(
    answer: impl Fn(&[u8]) -> (StatusCode, &'static str, Vec<u8>) + Clone + Send + Sync + 'static,
) -> Server {
    serve(Router::new().fallback(move |body: Bytes| {
        let (status, media_type, body) = answer(&body);
        async move { (status, [(header::CONTENT_TYPE, media_type)], body).into_response() }
    }))
    .await
}

/// A port that nobody listens on.
pub(crate) async fn down() -> String {
    let (listener, base) = listen().await;
    drop(listener);
    base
}

/// How a server ends a connection, after the first octets of a request.
#[derive(Clone, Copy)]
pub(crate) enum Raw {
    /// Not at all, and says nothing.
    Silent,
    /// By a reset, nothing said.
    Reset,
    /// Orderly, nothing said.
    Closed,
    /// Orderly, in the middle of the body.
    CutShort,
}

pub(crate) async fn raw(behaviour: Raw) -> String {
    let (listener, base) = listen().await;
    tokio::spawn(async move {
        let mut kept = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            drop(stream.read(&mut [0; 16]).await);
            match behaviour {
                Raw::Silent => kept.push(stream),
                // Closing with octets unread makes the kernel reset the connection.
                Raw::Reset => drop(stream),
                Raw::Closed => {
                    drain(&mut stream).await;
                }
                Raw::CutShort => {
                    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n0";
                    tokio::io::AsyncWriteExt::write_all(&mut stream, head).await.unwrap();
                    drain(&mut stream).await;
                }
            }
        }
    });
    base
}

/// Reads what has come, without waiting for more.
async fn drain(stream: &mut tokio::net::TcpStream) {
    let mut octets = [0; 4096];
    drop(tokio::time::timeout(Duration::from_millis(20), stream.read(&mut octets)).await);
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    (listener, format!("http://{address}"))
}

/// An invented person of an existing municipality.
fn person(id: &str) -> CitizenRecord {
    CitizenRecord {
        id: CitizenId::parse(id).unwrap(),
        name: RegisteredText::name("架空\u{3000}花").unwrap(),
        address: RegisteredText::address("東京都清瀬市架空町一丁目２番３号").unwrap(),
        birth_date: RegisteredBirth::Known("1980-02-17".parse().unwrap()),
        sex: Sex::Female,
        municipality: Municipality::new("13221", "Tokyo-to", "Kiyose-shi").unwrap(),
        carrier_expiry: None,
    }
}
