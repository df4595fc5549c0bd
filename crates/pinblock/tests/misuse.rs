//! Code that must not compile: a PIN, a block or a key never leaves by formatting, serialising or copying.

#[test]
fn secrets_cannot_be_printed_serialised_copied_or_compared() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
