//! The ways in which known clients read a certificate; each must end with the same bytes.

use enishi_card::{CardParts, Filler, SoftwareCard};

use crate::support::*;

fn read(card: &mut SoftwareCard, offset: usize, le: u8) -> Result<Vec<u8>, String> {
    let answer = send(card, &format!("00B0{offset:04X}{le:02X}"));
    let (data, word) = answer.split_at(answer.len() - 4);
    if word == "9000" { Ok(hex::decode(data).unwrap()) } else { Err(word.to_owned()) }
}

/// The length of a certificate from its first four bytes, as these clients compute it.
fn total(header: &[u8]) -> usize {
    assert_eq!(header[..2], [0x30, 0x82]);
    4 + usize::from(u16::from_be_bytes([header[2], header[3]]))
}

fn with_each_filler(recipe: impl Fn(&mut SoftwareCard) -> Vec<u8>) {
    for filler in [Filler::None, Filler::Ones, Filler::Zeros] {
        let mut card = card_of(CardParts { filler, ..parts(Holder::First) });
        expect(&mut card, SELECT_JPKI, "9000");
        expect(&mut card, "00A4020C02000A", "9000");
        let read = recipe(&mut card);
        let der = auth_certificate(Holder::First);
        assert_eq!(read[..der.len()], der);
    }
}

/// OpenSC: four bytes, then everything from the start in blocks of 256, the last with the exact length.
#[test]
fn a_header_of_four_bytes_then_blocks_from_the_start() {
    with_each_filler(|card| {
        let len = total(&read(card, 0, 4).unwrap());
        blocks(card, Vec::new(), len)
    });
}

/// jpki/myna: seven bytes, then the rest from offset seven.
#[test]
fn a_header_of_seven_bytes_then_blocks_from_there() {
    with_each_filler(|card| {
        let header = read(card, 0, 7).unwrap();
        let len = total(&header);
        blocks(card, header, len)
    });
}

/// jpki-cli: seven bytes, then from the start.
#[test]
fn a_header_of_seven_bytes_then_blocks_from_the_start() {
    with_each_filler(|card| {
        let len = total(&read(card, 0, 7).unwrap());
        blocks(card, Vec::new(), len)
    });
}

/// The crate myna-card: full blocks until one is short.
#[test]
fn full_blocks_until_one_is_short() {
    with_each_filler(|card| {
        let mut content = Vec::new();
        loop {
            match read(card, content.len(), 0) {
                Ok(block) => {
                    let last = block.len() < 256;
                    content.extend(block);
                    if last {
                        return content;
                    }
                }
                Err(word) => {
                    assert_eq!(word, "6B00");
                    return content;
                }
            }
        }
    });
}

/// pyjpki: Le FF until the card says 6B00.
#[test]
fn blocks_of_255_until_the_offset_is_refused() {
    with_each_filler(|card| {
        let mut content = Vec::new();
        loop {
            match read(card, content.len(), 0xFF) {
                Ok(block) => content.extend(block),
                Err(word) => {
                    assert_eq!(word, "6B00");
                    return content;
                }
            }
        }
    });
}

/// The crate myna 0.3: eight bytes, then Le FF up to the length.
#[test]
fn a_header_of_eight_bytes_then_blocks_of_255() {
    with_each_filler(|card| {
        let mut content = read(card, 0, 8).unwrap();
        let len = total(&content);
        while content.len() < len {
            content.extend(read(card, content.len(), 0xFF).unwrap());
        }
        content
    });
}

/// Continues in blocks of at most 256 bytes, the last with the exact length.
fn blocks(card: &mut SoftwareCard, mut content: Vec<u8>, len: usize) -> Vec<u8> {
    while content.len() < len {
        let le = (len - content.len()).min(256);
        let block = read(card, content.len(), u8::try_from(le % 256).unwrap()).unwrap();
        assert_eq!(block.len(), le);
        content.extend(block);
    }
    content
}

/// OpenSC's way from binding to a signature, as a log of it shows.
#[test]
fn opensc_binds_logs_in_and_signs() {
    let mut card = card();
    for probe in ["00A4040007627601FF000000", "00CADF3005", "00CB3FFF035C017E08"] {
        let answer = send(&mut card, probe);
        assert!(["6A82", "6A88", "6D00"].contains(&answer.as_str()), "{probe} -> {answer}");
    }
    for (command, answer) in [
        (SELECT_JPKI, "9000"),
        ("00A4020C020018", "9000"),
        ("00200080", "63C3"),
        ("00A4020C02001B", "9000"),
        ("00200080", "63C5"),
        ("00A4020C020018", "9000"),
        ("00200080", "63C3"),
        ("00A4020C020018", "9000"),
        ("0020008004 34303731", "9000"),
        ("00A4020C020017", "9000"),
    ] {
        expect(&mut card, command, answer);
    }
    let info = format!("3031300D060960864801650304020105000420{}", "5C".repeat(32));
    let signed = send(&mut card, &format!("802A0080 33 {info} 00"));
    assert!(signed.len() == 2 * 258 && signed.ends_with("9000"));
    expect(&mut card, SELECT_JPKI, "9000");
}
