use enishi_jpki::asn1::{Reader, encode, encode_all, tag};
use enishi_jpki::{Criticality, Extension, Serial, oid};
use proptest::prelude::{Just, Strategy, any, prop, prop_assert_eq, proptest};

use super::{Entry, INVALIDITY_DATE, Number, Seen, USUAL_OCTETS, Usual, general, read, short, usual};
use crate::crl::{CrlError, Unsupported};
use crate::limits::{ENTRY_EXTENSIONS_MAX, ENTRY_OCTETS_MAX};
use crate::revocation::RevocationReason;

/// The same by the readers that certificates are read with, one step after the other.
fn slow(entry: &[u8]) -> Result<Entry, CrlError> {
    let mut parts = Reader::only(entry, tag::SEQUENCE)?.inside();
    let serial = Serial::from_der_content(parts.expect(tag::INTEGER)?.content())?;
    let at = parts.any()?.x509_time()?;
    let at = u32::try_from(at.as_second()).map_err(|_| CrlError::RevocationDate)?;
    let mut reason = None;
    if let Some(extensions) = parts.optional(tag::SEQUENCE)? {
        let mut reader = extensions.inside();
        if reader.is_empty() {
            return Err(extensions.error("empty list of extensions").into());
        }
        while !reader.is_empty() {
            let extension = Extension::read(&mut reader)?;
            if extension.oid == oid::CRL_REASON {
                let value = extension.value(tag::ENUMERATED)?;
                let &[code] = value.content() else {
                    return Err(value.error("reason of one octet expected").into());
                };
                RevocationReason::from_code(code).ok_or(Unsupported::Reason(code))?;
                if reason.replace(code).is_some() {
                    return Err(value.error("reason given twice").into());
                }
            } else if extension.oid == oid::CERTIFICATE_ISSUER {
                return Err(Unsupported::Indirect.into());
            } else if extension.oid == INVALIDITY_DATE {
                extension.value(tag::GENERALIZED_TIME)?.generalized_time()?;
            } else if extension.criticality == Criticality::Critical {
                return Err(Unsupported::EntryExtension(extension.oid).into());
            }
        }
    }
    parts.finish()?;
    Ok(Entry { number: Number::of(serial.expose_der_content()), at, reason: reason.unwrap_or(0) })
}

/// What the quick readers say of the first entry, and how many octets they give it.
fn quick(input: &[u8]) -> Option<(Entry, usize)> {
    if let Some(Usual { number, at, reason }) = input.first_chunk::<USUAL_OCTETS>().and_then(usual) {
        return Some((Entry { number: Number::Narrow(number), at, reason }, USUAL_OCTETS));
    }
    short(input)
}

/// Where an entry breaks several rules of DER, the readers may name different ones.
fn told(read: Result<Entry, CrlError>) -> Result<Entry, Option<CrlError>> {
    read.map_err(|error| if matches!(error, CrlError::Der(_)) { None } else { Some(error) })
}

fn agree(entry: &[u8]) {
    assert_eq!(told(read(entry)), told(slow(entry)), "{entry:02x?}");
    // With more entries behind it.
    let input = [entry, &[0x30; 40]].concat();
    if let Some((quick, octets)) = quick(&input) {
        assert_eq!(Ok(quick), slow(&input[..octets]), "{entry:02x?}");
    }
}

fn reason(code: u8) -> Vec<u8> {
    let value = encode(tag::OCTET_STRING, &[tag::ENUMERATED, 1, code]);
    encode_all(tag::SEQUENCE, &[&encode(tag::OID, oid::CRL_REASON.as_bytes()), &value])
}

fn entry(serial: &[u8], date: &[u8], extensions: &[Vec<u8>]) -> Vec<u8> {
    let extensions = if extensions.is_empty() { vec![] } else { encode(tag::SEQUENCE, &extensions.concat()) };
    encode_all(tag::SEQUENCE, &[&encode(tag::INTEGER, serial), date, &extensions])
}

fn date() -> Vec<u8> {
    encode(tag::UTC_TIME, b"260531123456Z")
}

#[test]
fn jpkis_form_is_read_by_comparison() {
    let usual = entry(&[6, 0xd1, 0x80, 6], &date(), &[reason(4)]);
    assert_eq!(usual.len(), USUAL_OCTETS);
    let read = Entry { number: Number::Narrow(0x06d1_8006), at: 1_780_230_896, reason: 4 };
    let expected = Usual { number: 0x06d1_8006, at: 1_780_230_896, reason: 4 };
    assert_eq!(super::usual(usual.first_chunk().unwrap()), Some(expected));
    assert_eq!((quick(&usual), slow(&usual)), (Some((read, USUAL_OCTETS)), Ok(read)));
}

#[test]
fn short_forms_of_every_width_are_read_quickly() {
    for width in 1..=20 {
        for extensions in [vec![], vec![reason(1)]] {
            let entry = entry(&vec![0x5a; width], &date(), &extensions);
            assert_eq!(quick(&entry), Some((slow(&entry).unwrap(), entry.len())), "{width}");
        }
    }
}

#[test]
fn every_single_octet_of_an_entry_counts() {
    let unknown =
        encode_all(tag::SEQUENCE, &[&encode(tag::OID, &[0x55, 0x1d, 0x63]), &[tag::OCTET_STRING, 0]]);
    let late = encode(tag::GENERALIZED_TIME, b"20560531123456Z");
    for original in [
        entry(&[6, 0xd1, 0x80, 6], &date(), &[reason(4)]),
        entry(&[0, 0xd1, 0x80, 6], &date(), &[]),
        entry(&[0x41; 16], &date(), &[reason(0), unknown]),
        entry(&[9], &late, &[]),
    ] {
        for at in 0..original.len() {
            for octet in 0..=u8::MAX {
                let mut damaged = original.clone();
                damaged[at] = octet;
                agree(&damaged);
            }
        }
    }
}

#[test]
fn entries_and_their_extensions_are_bounded() {
    let unknown = |octets| {
        let value = encode(tag::OCTET_STRING, &vec![0; octets]);
        encode_all(tag::SEQUENCE, &[&encode(tag::OID, &[0x55, 0x1d, 0x63]), &value])
    };
    let with = |count| read(&entry(&[9], &date(), &vec![unknown(1); count])).map(drop);
    assert_eq!(with(ENTRY_EXTENSIONS_MAX), Ok(()));
    assert!(matches!(with(ENTRY_EXTENSIONS_MAX + 1), Err(CrlError::Der(_))));
    let long = |octets| {
        let entry = entry(&[9], &date(), &[unknown(octets)]);
        (entry.len(), general(&entry, 7).map(|seen| matches!(seen, Seen::Whole(..))))
    };
    let (octets, _) = long(ENTRY_OCTETS_MAX - 100);
    let most = ENTRY_OCTETS_MAX - 100 + (ENTRY_OCTETS_MAX - octets);
    assert_eq!(long(most), (ENTRY_OCTETS_MAX, Ok(true)));
    assert!(matches!(long(most + 1), (_, Err(CrlError::Der(error))) if error.at == 7));
}

/// Extensions right and wrong, known and unknown, as they might stand in an entry.
fn extension() -> impl Strategy<Value = Vec<u8>> {
    let name = proptest::prop_oneof![
        Just(oid::CRL_REASON.as_bytes().to_vec()),
        Just(INVALIDITY_DATE.as_bytes().to_vec()),
        Just(oid::CERTIFICATE_ISSUER.as_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    let value = proptest::prop_oneof![
        (0_u8..9).prop_map(|code| vec![tag::ENUMERATED, 1, code]),
        Just(encode(tag::GENERALIZED_TIME, b"20260101000000Z")),
        prop::collection::vec(any::<u8>(), 0..140),
    ];
    let critical = proptest::prop_oneof![Just(vec![]), Just(vec![1, 1, 0xff]), Just(vec![1, 1, 0])];
    (name, critical, value).prop_map(|(name, critical, value)| {
        let parts = [encode(tag::OID, &name), critical, encode(tag::OCTET_STRING, &value)];
        encode(tag::SEQUENCE, &parts.concat())
    })
}

proptest! {
    #[test]
    fn entries_of_any_parts_are_read_as_by_the_slow_reader(
        serial in prop::collection::vec(any::<u8>(), 0..23),
        year in 0_u16..100, rest in "[0-9]{10}Z",
        extensions in prop::collection::vec(extension(), 0..4),
        late in any::<bool>(),
    ) {
        let date = if late {
            encode(tag::GENERALIZED_TIME, format!("20{year:02}{rest}").as_bytes())
        } else {
            encode(tag::UTC_TIME, format!("{year:02}0{}", &rest[1..]).as_bytes())
        };
        agree(&entry(&serial, &date, &extensions));
    }

    #[test]
    fn random_octets_are_read_as_by_the_slow_reader(octets in prop::collection::vec(any::<u8>(), 0..80)) {
        agree(&octets);
    }

    #[test]
    fn numbers_are_told_apart_by_their_value(content in prop::collection::vec(any::<u8>(), 1..=20)) {
        if let Ok(serial) = Serial::from_der_content(&content) {
            let mut padded = vec![0; 20 - content.len()];
            padded.extend(&content);
            let number = Number::of(serial.expose_der_content());
            prop_assert_eq!(number.padded().to_vec(), padded.clone());
            prop_assert_eq!(matches!(number, Number::Narrow(_)), padded[..16] == [0; 16]);
        }
    }
}
