use proptest::prelude::*;

use crate::samples::{self, any_message, de};
use crate::{De, Message, Mti, ResponseCode, ascii_1987, describe, japan_credit};

#[test]
fn purchase_is_described_without_its_secrets() {
    insta::assert_snapshot!(describe(japan_credit(), &samples::purchase()), @r"
    0200 financial request
        2 surrogate account number            [16]
        3 processing code                     000000
        4 amount, transaction                 000000001500
        7 transmission date and time          1130010203
       11 system trace audit number           000042
       32 acquiring institution (KID)         12345
       37 retrieval reference number          000000000042
       41 terminal number                     1234567890123
       42 merchant                            KITTE 12
       48 additional data                     [28]
        04 payment type and count             6103
        06 slip number                        00123
        07 goods code                         9900
       49 currency, transaction               392
      125 PIN block, ISO 9564 format 4        [16]
      126 assertion (COSE)                    [15]
    ");
}

#[test]
fn answer_is_described_with_the_meaning_of_its_code() {
    let answer = samples::purchase().answer(ResponseCode::IncorrectPin).unwrap();
    insta::assert_snapshot!(describe(japan_credit(), &answer), @r"
    0210 financial response
        3 processing code                     000000
        4 amount, transaction                 000000001500
        7 transmission date and time          1130010203
       11 system trace audit number           000042
       32 acquiring institution (KID)         12345
       37 retrieval reference number          000000000042
       39 response code                       55 incorrect PIN
       41 terminal number                     1234567890123
       42 merchant                            KITTE 12
       49 currency, transaction               392
    ");
}

#[test]
fn reversal_repeat_is_described_as_such() {
    insta::assert_snapshot!(describe(japan_credit(), &samples::reversal().repeat().unwrap()), @r"
    0421 reversal advice, repeat
        3 processing code                     000000
        4 amount, transaction                 000000001500
        7 transmission date and time          1130010213
       11 system trace audit number           000043
       32 acquiring institution (KID)         12345
       37 retrieval reference number          000000000042
       41 terminal number                     1234567890123
       49 currency, transaction               392
       90 original data elements              020000004211300102030000001234500000000000
       95 replacement amounts                 000000000000000000000000C00000000C00000000
    ");
}

#[test]
fn what_the_dialect_would_not_write_is_not_shown() {
    let mut message = Message::new(Mti::FINANCIAL_REQUEST);
    message.set(De::STAN, "1\n2 00").set(De::MERCHANT, "\u{1b}[31m").set(de(35), "9999990000000014=29");
    message.set(De::ADDITIONAL_DATA, "040041000x9999990000000014");
    let text = describe(japan_credit(), &message);
    assert!(!text.contains('\u{1b}') && !text.contains("99999") && !text.contains("1\n2"));
    insta::assert_snapshot!(text, @r"
    0200 financial request
       11 system trace audit number           [6]
       35 not in the dialect                  [19]
       42 merchant                            [5]
       48 additional data                     [26]
    ");
}

#[test]
fn pin_block_and_account_number_are_in_no_form_of_the_description() {
    let text = describe(japan_credit(), &samples::purchase()).to_lowercase();
    for secret in [samples::SURROGATE, "0014", "deadbeef", "pin block ", "d284", "not ascii"] {
        let found = text.matches(secret).count();
        // The name of the element says "PIN block" itself.
        assert_eq!(found, 0, "{secret}");
    }
}

proptest! {
    #[test]
    fn description_has_a_line_for_each_element_and_hides_account_numbers(
        message in any_message(ascii_1987()), pan in "[1-9][0-9]{15}",
    ) {
        let mut message = message;
        message.set(De::PAN, &pan).set(de(35), format!("{pan}=2912")).set(de(102), &pan);
        let text = describe(ascii_1987(), &message);
        prop_assert_eq!(text.lines().count(), 1 + message.numbers().count());
        prop_assert!(!text.contains(&pan));
        prop_assert!(text.chars().all(|char| char == '\n' || !char.is_control()));
    }
}
