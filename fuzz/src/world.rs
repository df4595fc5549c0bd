//! What the targets stand on: an authority whose key signs damaged things, a holder, a card; see `bin/seeds.rs`.
#![expect(clippy::expect_used, reason = "without its fixtures no target can say anything")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair};
use enishi_card::{CardImage, CardKey, CardParts, FaceParts, FaceSex, Filler, Form, KeyAlgorithm, KeyParts};
use enishi_jpki::asn1::{encode, encode_all, tag};
use enishi_jpki::{AuthCertificate, AuthPin, CaCertificate, Profile, SigningPassword, oid};
use enishi_verify::{Anchors, OcspRequest};
use enishi_wire::AssertionKey;
use jiff::Timestamp;

/// The moment of every check.
const NOW: &str = "2026-11-20T03:00:00Z";
/// The one nonce of every OCSP request.
const OCSP_NONCE: [u8; 32] = [7; 32];
/// The software card's PINs; a dictionary for the fuzzer stands in the seeds.
pub const AUTH_PIN: &str = "4071";
/// Of the signing key.
pub const SIGNING_PASSWORD: &str = "TSUNAGU7";
/// Of the face application.
pub const FACE_PIN: &str = "2580";

/// The moment of every check.
#[must_use]
pub fn now() -> Timestamp {
    NOW.parse().expect("a timestamp")
}

/// Everything that is made once.
pub struct World {
    /// An authority of which this crate holds the key.
    pub authority: CaCertificate,
    /// The sandbox authority that issued the holder's certificate, and that evidence names.
    pub anchors: Anchors,
    /// Somebody's certificate.
    pub holder: AuthCertificate,
    /// The relay's key for assertions.
    pub assertion_key: AssertionKey,
    authority_key: EcdsaKeyPair,
    holder_der: Vec<u8>,
    signer_der: Vec<u8>,
    card_keys: [CardKey; 2],
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("World(…)")
    }
}

/// The one world of this process.
pub fn get() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::read)
}

/// Where `bin/seeds.rs` puts what [`get`] reads.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

/// The folders of seeds, one for each target.
#[must_use]
pub fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

impl World {
    fn read() -> Self {
        let read = |name: &str| fs::read(fixtures().join(name)).expect("a fixture");
        let authority =
            |name: &str| CaCertificate::parse(&read(name), &Profile::SANDBOX).expect("an authority");
        let key = |name: &str| CardKey::from_pkcs8(KeyAlgorithm::Rsa2048, &read(name)).expect("a card's key");
        let holder_der = read("holder.der");
        Self {
            authority: authority("signing-authority.der"),
            anchors: Anchors::new(vec![authority("authority.der")]).expect("one anchor"),
            holder: AuthCertificate::parse(&holder_der, &Profile::SANDBOX).expect("a holder's certificate"),
            assertion_key: AssertionKey::from_pkcs8(&read("assertion.pk8")).expect("the assertion key"),
            authority_key: EcdsaKeyPair::from_pkcs8(
                &ECDSA_P384_SHA384_ASN1_SIGNING,
                &read("signing-authority.pk8"),
            )
            .expect("the authority's key"),
            holder_der,
            signer_der: read("signer.der"),
            card_keys: [key("holder.pk8"), key("signer.pk8")],
        }
    }

    /// SEQUENCE { `to_be_signed`, ecdsa-with-SHA384, signature }: the shape of certificates, lists and OCSP answers.
    #[must_use]
    pub fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        let signature = self.authority_key.sign(&SystemRandom::new(), to_be_signed).expect("a signature");
        let algorithm = encode_all(tag::SEQUENCE, &[&encode(tag::OID, oid::ECDSA_WITH_SHA384.as_bytes())]);
        let bits = encode_all(tag::BIT_STRING, &[&[0], signature.as_ref()]);
        encode_all(tag::SEQUENCE, &[to_be_signed, &algorithm, &bits])
    }

    /// What the answers of the target answer.
    #[must_use]
    pub fn ocsp_request(&self) -> OcspRequest {
        OcspRequest::new(&self.holder, &self.authority, OCSP_NONCE)
    }

    /// A new card with full retry counters.
    #[must_use]
    pub fn card_image(&self) -> CardImage {
        let [authentication, signing] = &self.card_keys;
        let ca = self.authority.der().to_vec();
        let parts = CardParts {
            form: Form::Card,
            token_serial: "0000000090000001".to_owned(),
            authentication: KeyParts {
                key: authentication.clone(),
                certificate: self.holder_der.clone(),
                secret: AuthPin::parse(AUTH_PIN).expect("a PIN"),
            },
            signing: Some(KeyParts {
                key: signing.clone(),
                certificate: self.signer_der.clone(),
                secret: SigningPassword::parse(SIGNING_PASSWORD).expect("a password"),
            }),
            authentication_ca: ca.clone(),
            signing_ca: ca,
            filler: Filler::None,
            face: Some(FaceParts {
                name: "縁\u{3000}結子".to_owned(),
                address: "見本県見本市縁結町一丁目２番３号".to_owned(),
                birth_date: "19900401".to_owned(),
                sex: FaceSex::Female,
                pin: AuthPin::parse(FACE_PIN).expect("a PIN"),
                code_b: None,
                key: authentication.clone(),
            }),
        };
        CardImage::new(parts).expect("a card")
    }
}

/// OCSPResponse { successful, id-pkix-ocsp-basic, answer } (RFC 6960 §4.2.1).
#[must_use]
pub fn ocsp_response(basic: &[u8]) -> Vec<u8> {
    let kind = encode(tag::OID, oid::OCSP_BASIC.as_bytes());
    let bytes = encode_all(tag::SEQUENCE, &[&kind, &encode(tag::OCTET_STRING, basic)]);
    encode_all(tag::SEQUENCE, &[&[tag::ENUMERATED, 1, 0], &encode(tag::context_constructed(0), &bytes)])
}

/// A folder of this process, for what must be a file.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    FOLDER.get_or_init(|| tempfile::tempdir().expect("a temporary folder")).path()
}

/// Takes a file from all others; a card refuses to live in one that others can read.
#[must_use]
pub fn only_mine(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).is_ok()
}
