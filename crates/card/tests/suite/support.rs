//! Cards for the tests.

use std::sync::OnceLock;

use enishi_card::{
    CardImage, CardKey, CardParts, FaceParts, FaceSex, Filler, Form, KeyAlgorithm, KeyParts, SoftwareCard,
};
use enishi_jpki::{AuthPin, SigningPassword};

pub(crate) const SELECT_JPKI: &str = "00A4040C0AD392F000260100000001";
pub(crate) const SELECT_ISSUER: &str = "00A4040C07A0000001510000";
pub(crate) const SELECT_TEXT: &str = "00A4040C0AD3921000310001010408";
pub(crate) const AUTH_PIN: &str = "4071";
pub(crate) const SIGN_PASSWORD: &str = "TSUNAGU7";
pub(crate) const FACE_PIN: &str = "2580";
pub(crate) const CODE_B: &str = "55021720352285";

/// Whose card it is; each holder has keys and certificates of their own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holder {
    First,
    Second,
}

/// An RSA key costs tens of milliseconds, so the binary makes five.
fn keys() -> &'static [CardKey; 5] {
    static KEYS: OnceLock<[CardKey; 5]> = OnceLock::new();
    KEYS.get_or_init(|| std::array::from_fn(|_| CardKey::generate(KeyAlgorithm::Rsa2048).unwrap()))
}

pub(crate) fn auth_key(holder: Holder) -> CardKey {
    let [first, _, second, _, _] = keys();
    if holder == Holder::First { first.clone() } else { second.clone() }
}

pub(crate) fn sign_key(holder: Holder) -> CardKey {
    let [_, first, _, second, _] = keys();
    if holder == Holder::First { first.clone() } else { second.clone() }
}

pub(crate) fn face_key() -> CardKey {
    keys()[4].clone()
}

pub(crate) fn auth_certificate(holder: Holder) -> Vec<u8> {
    certificate(if holder == Holder::First { 0x11 } else { 0x12 }, &auth_key(holder))
}

pub(crate) fn sign_certificate(holder: Holder) -> Vec<u8> {
    certificate(if holder == Holder::First { 0x21 } else { 0x22 }, &sign_key(holder))
}

pub(crate) fn auth_ca() -> Vec<u8> {
    certificate(0x01, &face_key())
}

pub(crate) fn sign_ca() -> Vec<u8> {
    certificate(0x02, &face_key())
}

pub(crate) fn parts(holder: Holder) -> CardParts {
    CardParts {
        form: Form::Card,
        token_serial: "0000000090000001".to_owned(),
        authentication: KeyParts {
            key: auth_key(holder),
            certificate: auth_certificate(holder),
            secret: AuthPin::parse(AUTH_PIN).unwrap(),
        },
        signing: Some(KeyParts {
            key: sign_key(holder),
            certificate: sign_certificate(holder),
            secret: SigningPassword::parse(SIGN_PASSWORD).unwrap(),
        }),
        authentication_ca: auth_ca(),
        signing_ca: sign_ca(),
        filler: Filler::None,
        face: None,
    }
}

pub(crate) fn face_parts() -> FaceParts {
    FaceParts {
        name: "縁\u{3000}結子".to_owned(),
        address: "見本県見本市縁結町一丁目２番３号".to_owned(),
        birth_date: "19900401".to_owned(),
        sex: FaceSex::Female,
        pin: AuthPin::parse(FACE_PIN).unwrap(),
        code_b: Some(CODE_B.to_owned()),
        key: face_key(),
    }
}

pub(crate) fn image() -> CardImage {
    CardImage::new(parts(Holder::First)).unwrap()
}

pub(crate) fn card() -> SoftwareCard {
    SoftwareCard::in_memory(image())
}

pub(crate) fn card_of(parts: CardParts) -> SoftwareCard {
    SoftwareCard::in_memory(CardImage::new(parts).unwrap())
}

/// A card with the JPKI application selected.
pub(crate) fn jpki() -> SoftwareCard {
    let mut card = card();
    expect(&mut card, SELECT_JPKI, "9000");
    card
}

/// Sends a command in hex and returns the answer in hex.
pub(crate) fn send(card: &mut SoftwareCard, command: &str) -> String {
    hex::encode_upper(card.transmit(&hex::decode(command.replace(' ', "")).unwrap()))
}

/// Sends a command and insists on the answer.
#[track_caller]
pub(crate) fn expect(card: &mut SoftwareCard, command: &str, answer: &str) {
    assert_eq!(send(card, command), answer.replace(' ', ""), "answer to {command}");
}

/// A VERIFY of the PIN in the current file.
pub(crate) fn verify_command(value: &str) -> String {
    format!("00200080{:02X}{}", value.len(), hex::encode(value))
}

/// A whole certificate as far as its encoding goes; nobody signed it.
pub(crate) fn certificate(serial: u8, key: &CardKey) -> Vec<u8> {
    const SHA256_RSA: &str = "300D06092A864886F70D01010B0500";
    let algorithm = hex::decode(SHA256_RSA).unwrap();
    let name = tlv(
        0x30,
        &tlv(0x31, &tlv(0x30, &[&hex::decode("0603550403").unwrap()[..], &tlv(0x0C, b"sandbox")].concat())),
    );
    let validity = tlv(0x30, &[tlv(0x17, b"260101000000Z"), tlv(0x17, b"300401145959Z")].concat());
    // An extension of no meaning, so that a certificate is as long as real ones are: about 1,590 bytes.
    let extension = tlv(
        0x30,
        &[&hex::decode("060355 1D01".replace(' ', "")).unwrap()[..], &tlv(0x04, &[0x5A; 900])].concat(),
    );
    let body = [
        tlv(0xA0, &tlv(0x02, &[2])),
        tlv(0x02, &[serial]),
        algorithm.clone(),
        name.clone(),
        validity,
        name,
        key.public_key_der().unwrap(),
        tlv(0xA3, &tlv(0x30, &extension)),
    ]
    .concat();
    tlv(0x30, &[tlv(0x30, &body), algorithm, tlv(0x03, &[0; 257])].concat())
}

pub(crate) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let mut object = vec![tag];
    match u16::try_from(value.len()).unwrap().to_be_bytes() {
        [0, low] if low < 0x80 => object.push(low),
        [0, low] => object.extend([0x81, low]),
        [high, low] => object.extend([0x82, high, low]),
    }
    object.extend(value);
    object
}
