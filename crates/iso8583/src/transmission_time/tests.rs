use crate::{Error, TransmissionTime};

#[test]
fn time_of_the_calendar_is_read_and_written() {
    for text in ["0101000000", "1231235959", "0229120000", "0430000000"] {
        assert_eq!(TransmissionTime::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn everything_else_is_refused() {
    for text in [
        "",
        "010100000",
        "01010000000",
        "0001000000",
        "1301000000",
        "0100000000",
        "0132000000",
        "0931000000",
        "0230000000",
        "0101240000",
        "0101006000",
        "0101000060",
        "01010000 0",
        "+101000000",
        "０101000",
    ] {
        assert!(matches!(TransmissionTime::parse(text), Err(Error::Value { .. })), "{text}");
    }
}
