//! An authority with cards of several municipalities, partitions of its lists, and a server that gives out what it is told.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use axum::Router;
use axum::http::{StatusCode, Uri, header};
use axum::response::IntoResponse;
use enishi_authority::{
    Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, Municipality,
    RegisteredBirth, RegisteredText, WithSigning,
};
use enishi_jpki::asn1::{Reader, encode, encode_all, tag};
use enishi_jpki::{AuthCertificate, CaCertificate, Carrier, CertKind, KeyId, Profile, Sex, oid};
use enishi_lists::{Lists, ListsConfig};
use enishi_party::{Clock, Timestamp};
use enishi_transport::PlainHttpClient;
use enishi_verify::{Anchors, Limits, ListUrl};
use tempfile::TempDir;
use tokio::net::TcpListener;

pub(crate) const KIND: CertKind = CertKind::Authentication;

pub(crate) fn seconds(seconds: i64) -> Timestamp {
    let now: Timestamp = "2026-11-20T03:00:00Z".parse().unwrap();
    Timestamp::from_second(now.as_second() + seconds).unwrap()
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
    pub(crate) authority: Authority,
    pub(crate) cards: Vec<AuthCertificate>,
    pub(crate) clock: Arc<Standstill>,
    key: RsaKeyPair,
    folder: TempDir,
}

impl World {
    /// With a card of each of so many municipalities.
    pub(crate) fn new(cards: usize) -> Self {
        let folder = TempDir::new().unwrap();
        let register = folder.path().join("register");
        let config = AuthorityConfig::new("http://responder.invalid/ocsp");
        let authority = Authority::create(&register, config, seconds(0)).unwrap();
        let key = CardKey::generate().unwrap();
        let keys = CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Without };
        let issue = |number| {
            let issued = authority.issue(&person(number), keys, Carrier::Card, seconds(-3600)).unwrap();
            AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap()
        };
        let cards = (0..cards).map(issue).collect();
        let pkcs8 = std::fs::read(register.join("keys/authca03.p8")).unwrap();
        let key = RsaKeyPair::from_pkcs8(&pkcs8).unwrap();
        let clock = Arc::new(Standstill(Mutex::new(seconds(0))));
        Self { authority, cards, clock, key, folder }
    }

    pub(crate) fn key_id(&self) -> KeyId {
        self.cards[0].issuer_key_id().clone()
    }

    pub(crate) fn point(&self, card: usize) -> &[u8] {
        self.cards[card].crl_distribution_point().unwrap()
    }

    pub(crate) fn lists_folder(&self) -> std::path::PathBuf {
        self.folder.path().join("lists")
    }

    /// The whole list, published at a moment.
    pub(crate) fn whole(&self, moment: Timestamp) -> Vec<u8> {
        self.authority.publish(moment).unwrap();
        self.authority.published_crl(KIND, &self.key_id()).unwrap().unwrap().der
    }

    /// The list of one card's municipality, published at a moment: the whole one that says what it is complete for.
    pub(crate) fn partition(&self, card: usize, moment: Timestamp) -> Vec<u8> {
        let whole = self.whole(moment);
        let mut outer = Reader::only(&whole, tag::SEQUENCE).unwrap().inside();
        let (mut fields, algorithm) = (outer.expect(tag::SEQUENCE).unwrap().inside(), outer.any().unwrap());
        let mut parts = Vec::new();
        while !fields.is_empty() {
            parts.push(fields.any().unwrap());
        }
        let extensions = parts.pop().unwrap().only_inside(tag::SEQUENCE).unwrap();
        let wrapped = |tag, content: &[u8]| encode(tag::context_constructed(tag), content);
        let point = encode(tag::SEQUENCE, &wrapped(0, &wrapped(0, &wrapped(4, self.point(card)))));
        let point = encode_all(
            tag::SEQUENCE,
            &[
                &encode(tag::OID, oid::ISSUING_DISTRIBUTION_POINT.as_bytes()),
                &encode(tag::BOOLEAN, &[0xff]),
                &encode(tag::OCTET_STRING, &point),
            ],
        );
        let extensions = encode_all(tag::SEQUENCE, &[extensions.content(), &point]);
        let fields: Vec<u8> = parts.iter().flat_map(|part| part.raw().to_vec()).collect();
        let body = encode_all(tag::SEQUENCE, &[&fields, &wrapped(0, &extensions)]);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), &body, &mut signature).unwrap();
        let signature = encode_all(tag::BIT_STRING, &[&[0], &signature]);
        encode_all(tag::SEQUENCE, &[&body, algorithm.raw(), &signature])
    }

    /// Where one card's partition is served.
    pub(crate) fn path_of(&self, card: usize) -> String {
        format!("/crl/auth/{}/{}.crl", self.key_id(), ListUrl::partition_word(self.point(card)))
    }

    pub(crate) fn by_partition(&self, server: &Server, folder: Option<&Path>) -> Lists {
        self.open(&format!("{}/crl/{{kind}}/{{key_id}}/{{partition}}.crl", server.base), folder)
    }

    pub(crate) fn by_whole(&self, server: &Server, folder: Option<&Path>) -> Lists {
        self.open(&format!("{}/crl/{{kind}}/{{key_id}}.crl", server.base), folder)
    }

    fn open(&self, url: &str, folder: Option<&Path>) -> Lists {
        let mut config = ListsConfig::new(url.parse().unwrap());
        if let Some(folder) = folder {
            config = config.kept_in(folder);
        }
        let client = PlainHttpClient::new(Duration::from_secs(30), None).unwrap();
        let parse = |der: &[u8]| CaCertificate::parse(der, &Profile::SANDBOX).unwrap();
        let anchors = self.authority.authority_certificates().iter().map(|its| parse(&its.der)).collect();
        let clock: Arc<dyn Clock> = Arc::<Standstill>::clone(&self.clock);
        Lists::open(config, client, Anchors::new(anchors).unwrap(), Limits::default(), clock).unwrap()
    }
}

/// Gives out what lies at a path; 404 for everything else.
pub(crate) struct Server {
    pub(crate) base: String,
    files: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (files, asked) = (Arc::<Mutex<HashMap<_, Vec<u8>>>>::default(), Arc::<Mutex<Vec<_>>>::default());
        let (shelf, log) = (Arc::clone(&files), Arc::clone(&asked));
        let router = Router::new().fallback(move |uri: Uri| {
            log.lock().unwrap().push(uri.path().to_owned());
            let file = shelf.lock().unwrap().get(uri.path()).cloned();
            async move {
                match file {
                    Some(file) => ([(header::CONTENT_TYPE, "application/pkix-crl")], file).into_response(),
                    None => StatusCode::NOT_FOUND.into_response(),
                }
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { base, files, asked }
    }

    pub(crate) fn put(&self, path: String, file: Vec<u8>) {
        self.files.lock().unwrap().insert(path, file);
    }

    pub(crate) fn clear(&self) {
        self.files.lock().unwrap().clear();
    }

    /// What was asked for since the last look.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

/// An invented person of an existing municipality.
fn person(number: usize) -> CitizenRecord {
    const TOWNS: [(&str, &str); 5] = [
        ("13221", "Kiyose-shi"),
        ("13222", "Higashikurume-shi"),
        ("13223", "Musashimurayama-shi"),
        ("13224", "Tama-shi"),
        ("13225", "Inagi-shi"),
    ];
    let (code, town) = TOWNS[number];
    CitizenRecord {
        id: CitizenId::parse(&format!("resident-{number}")).unwrap(),
        name: RegisteredText::name("架空\u{3000}花").unwrap(),
        address: RegisteredText::address("東京都架空市見本町一丁目２番３号").unwrap(),
        birth_date: RegisteredBirth::Known("1980-02-17".parse().unwrap()),
        sex: Sex::Female,
        municipality: Municipality::new(code, "Tokyo-to", town).unwrap(),
        carrier_expiry: None,
    }
}
