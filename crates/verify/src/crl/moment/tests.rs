use enishi_jpki::asn1::{Reader, encode, tag};
use proptest::prelude::{any, prop, prop_assert_eq, proptest};

use super::{generalized_time, utc_time};

/// The same by the reader that certificates are read with.
fn slow(der: &[u8]) -> Option<u32> {
    u32::try_from(Reader::new(der).any().unwrap().x509_time().ok()?.as_second()).ok()
}

fn fast(der: &[u8]) -> Option<u32> {
    let head = u64::from_le_bytes(der[..8].try_into().unwrap());
    // What lies behind the date does not matter.
    let tail = u64::from_le_bytes([&der[8..15], &[0x30]].concat().try_into().unwrap());
    utc_time(head, tail)
}

fn utc(text: &str) -> Vec<u8> {
    encode(tag::UTC_TIME, text.as_bytes())
}

#[test]
fn every_day_of_every_year_is_read_as_by_the_slow_reader() {
    for year in 0..100 {
        for month in 0..=13 {
            for day in 0..=32 {
                let der = utc(&format!("{year:02}{month:02}{day:02}235959Z"));
                assert_eq!(fast(&der), slow(&der), "{year} {month} {day}");
            }
        }
    }
}

#[test]
fn every_time_of_day_is_read_as_by_the_slow_reader() {
    for (hour, minute, second) in (0..=25)
        .flat_map(|hour| (0..=61).flat_map(move |minute| (0..=61).map(move |second| (hour, minute, second))))
    {
        let der = utc(&format!("260228{hour:02}{minute:02}{second:02}Z"));
        assert_eq!(fast(&der), slow(&der), "{hour} {minute} {second}");
    }
}

#[test]
fn years_from_2050_are_read_until_the_seconds_end() {
    for year in 2049..2110 {
        for month in 0..=13 {
            for day in [0, 1, 28, 29, 30, 31, 32] {
                let text = format!("{year}{month:02}{day:02}062815Z");
                let der = encode(tag::GENERALIZED_TIME, text.as_bytes());
                assert_eq!(generalized_time(text.as_bytes()), slow(&der), "{text}");
            }
        }
    }
}

proptest! {
    #[test]
    fn any_octets_are_read_as_by_the_slow_reader(octets in prop::array::uniform13(any::<u8>())) {
        let der = encode(tag::UTC_TIME, &octets);
        prop_assert_eq!(fast(&der), slow(&der));
    }

    #[test]
    fn one_wrong_octet_is_seen(at in 0_usize..15, octet in any::<u8>()) {
        let mut der = utc("240229115930Z");
        der[at] = octet;
        let slow = if der[..2] == [tag::UTC_TIME, 13] { slow(&der) } else { None };
        prop_assert_eq!(fast(&der), slow);
    }

    #[test]
    fn one_wrong_octet_of_a_late_year_is_seen(at in 0_usize..15, octet in any::<u8>()) {
        let mut text = *b"20560229115930Z";
        text[at] = octet;
        prop_assert_eq!(generalized_time(&text), slow(&encode(tag::GENERALIZED_TIME, &text)));
    }
}
