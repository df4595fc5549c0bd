//! A card of the tests.

use std::sync::OnceLock;

use enishi_card::{
    CardImage, CardKey, CardParts, Filler, Form, KeyAlgorithm, KeyParts, SoftwareCard, SoftwareReader,
};
use enishi_jpki::{AuthPin, SigningPassword};

pub(super) const AUTH_PIN: &str = "4071";
pub(super) const SIGN_PASSWORD: &str = "TSUNAGU7";

/// An RSA key costs tens of milliseconds, so the binary makes two.
fn keys() -> &'static [CardKey; 2] {
    static KEYS: OnceLock<[CardKey; 2]> = OnceLock::new();
    KEYS.get_or_init(|| std::array::from_fn(|_| CardKey::generate(KeyAlgorithm::Rsa2048).unwrap()))
}

pub(super) fn auth_key() -> &'static CardKey {
    &keys()[0]
}

pub(super) fn sign_key() -> &'static CardKey {
    &keys()[1]
}

pub(super) fn auth_certificate() -> Vec<u8> {
    certificate(0x11, auth_key())
}

pub(super) fn sign_certificate() -> Vec<u8> {
    certificate(0x21, sign_key())
}

/// A reader with a new card in it, all tries left.
pub(super) fn reader() -> SoftwareReader {
    reader_with(auth_certificate())
}

/// The same keys under another certificate, which is what tells two cards apart.
pub(super) fn reader_of_somebody_else() -> SoftwareReader {
    reader_with(certificate(0x12, auth_key()))
}

fn reader_with(auth_certificate: Vec<u8>) -> SoftwareReader {
    let parts = CardParts {
        form: Form::Card,
        token_serial: "0000000090000001".to_owned(),
        authentication: KeyParts {
            key: auth_key().clone(),
            certificate: auth_certificate,
            secret: AuthPin::parse(AUTH_PIN).unwrap(),
        },
        signing: Some(KeyParts {
            key: sign_key().clone(),
            certificate: sign_certificate(),
            secret: SigningPassword::parse(SIGN_PASSWORD).unwrap(),
        }),
        authentication_ca: certificate(0x01, auth_key()),
        signing_ca: certificate(0x02, auth_key()),
        filler: Filler::None,
        face: None,
    };
    SoftwareReader::with_card(SoftwareCard::in_memory(CardImage::new(parts).unwrap()))
}

/// A certificate as far as its encoding goes; nobody signed it, and only the relay would look.
fn certificate(serial: u8, key: &CardKey) -> Vec<u8> {
    // sha256WithRSAEncryption with NULL, and commonName (RFC 5280, RFC 4055).
    let algorithm = tlv(
        0x30,
        &[&tlv(0x06, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B]), &[5, 0][..]].concat(),
    );
    let attribute = tlv(0x30, &[tlv(0x06, &[0x55, 0x04, 0x03]), tlv(0x0C, b"sandbox")].concat());
    let name = tlv(0x30, &tlv(0x31, &attribute));
    let validity = tlv(0x30, &[tlv(0x17, b"260101000000Z"), tlv(0x17, b"300401145959Z")].concat());
    let body = [
        tlv(0xA0, &tlv(0x02, &[2])),
        tlv(0x02, &[serial]),
        algorithm.clone(),
        name.clone(),
        validity,
        name,
        key.public_key_der().unwrap(),
    ]
    .concat();
    tlv(0x30, &[tlv(0x30, &body), algorithm, tlv(0x03, &[0; 257])].concat())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut object = vec![tag];
    match u16::try_from(value.len()).unwrap().to_be_bytes() {
        [0, low] if low < 0x80 => object.push(low),
        [0, low] => object.extend([0x81, low]),
        [high, low] => object.extend([0x82, high, low]),
    }
    object.extend(value);
    object
}
