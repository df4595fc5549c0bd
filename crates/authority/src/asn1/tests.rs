use super::{generalized_time, named_bits, octet_string, time, unsigned_integer};

#[test]
fn lengths_take_the_shortest_form() {
    for (length, head) in [
        (0_usize, vec![0x04, 0x00]),
        (127, vec![0x04, 0x7f]),
        (128, vec![0x04, 0x81, 0x80]),
        (255, vec![0x04, 0x81, 0xff]),
        (256, vec![0x04, 0x82, 0x01, 0x00]),
        (65_536, vec![0x04, 0x83, 0x01, 0x00, 0x00]),
    ] {
        let encoding = octet_string(&vec![0xaa; length]);
        assert!(encoding.starts_with(&head), "length {length}");
        assert_eq!(encoding.len(), head.len() + length);
    }
}

#[test]
fn integers_are_minimal_and_positive() {
    assert_eq!(unsigned_integer(&[]), [2, 1, 0]);
    assert_eq!(unsigned_integer(&[0, 0, 0]), [2, 1, 0]);
    assert_eq!(unsigned_integer(&[0x7f]), [2, 1, 0x7f]);
    assert_eq!(unsigned_integer(&[0x80]), [2, 2, 0, 0x80]);
    assert_eq!(unsigned_integer(&[0, 1, 0xff]), [2, 2, 1, 0xff]);
}

#[test]
fn named_bits_drop_their_trailing_zeros() {
    // The three key usages of the profile.
    assert_eq!(named_bits(0x06), [3, 2, 1, 0x06]);
    assert_eq!(named_bits(0x80), [3, 2, 7, 0x80]);
    assert_eq!(named_bits(0xc0), [3, 2, 6, 0xc0]);
}

#[test]
fn a_time_changes_its_form_in_2050() {
    assert_eq!(time("2049-12-31T23:59:59Z".parse().unwrap()), b"\x17\x0d491231235959Z");
    assert_eq!(time("2050-01-01T00:00:00Z".parse().unwrap()), b"\x18\x0f20500101000000Z");
    assert_eq!(generalized_time("2026-02-03T04:05:06.7Z".parse().unwrap()), b"\x18\x0f20260203040506Z");
}
