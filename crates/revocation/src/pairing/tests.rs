use proptest::prelude::*;

use super::*;

#[test]
fn only_an_authentication_serial_is_an_answer() {
    let good = br#"{"kind":"authentication","serial":"00ff01"}"#;
    assert_eq!(read(good).unwrap().expose_der_content(), [0, 0xff, 1]);
    let long = format!(r#"{{"kind":"authentication","serial":"{}"}}"#, "01".repeat(21));
    for bad in [
        "",
        "{}",
        "null",
        r#"{"kind":"signing","serial":"0102"}"#,
        r#"{"kind":"authentication","serial":""}"#,
        r#"{"kind":"authentication","serial":"ff"}"#,
        r#"{"kind":"authentication","serial":"0102","more":1}"#,
        r#"{"kind":"authentication","serial":"0102x"}"#,
        r#"{"kind":"authentication","serial":"0102"}{}"#,
        &long,
    ] {
        let refused = read(bad.as_bytes()).unwrap_err();
        assert_eq!(refused.reason, "the answer is not of the interface's form", "{bad}");
    }
}

#[test]
fn only_the_authoritys_own_word_means_that_there_is_no_pairing() {
    assert!(is_no_pairing(br#"{"type":"about:blank","code":"no_pairing","status":404}"#));
    assert!(!is_no_pairing(br#"{"code":"not_found"}"#));
    assert!(!is_no_pairing(b"<html>404</html>"));
    assert!(!is_no_pairing(b""));
}

proptest! {
    #[test]
    fn no_body_makes_reading_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(read(&body).is_err());
        prop_assert!(!is_no_pairing(&body));
    }
}
