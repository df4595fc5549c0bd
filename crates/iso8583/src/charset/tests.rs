use crate::Charset;

#[test]
fn first_character_that_is_not_admitted_is_found() {
    for (charset, value, at) in [
        (Charset::Numeric, "0123456789", None),
        (Charset::Numeric, "01a3", Some(2)),
        (Charset::Alnum, "azAZ09", None),
        (Charset::Alnum, "AB CD", Some(2)),
        (Charset::Ans, " ~ !", None),
        (Charset::Ans, "ok\u{7f}", Some(2)),
        (Charset::Ans, "a\nb", Some(1)),
        (Charset::SignedNumeric, "C00000001", None),
        (Charset::SignedNumeric, "D1D", Some(2)),
        (Charset::SignedNumeric, "X1", Some(0)),
        (Charset::Track, "123=29D0", None),
        (Charset::Track, "12E", Some(2)),
        (Charset::Numeric, "", None),
        (Charset::SignedNumeric, "", None),
    ] {
        assert_eq!(charset.first_refused(value.as_bytes()), at, "{charset:?} {value:?}");
    }
}
