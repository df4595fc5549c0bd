use crate::ResponseCode;

#[test]
fn named_codes_are_read_and_written_and_ascend() {
    let codes: Vec<&str> = ResponseCode::NAMED.iter().map(ResponseCode::as_str).collect();
    assert!(codes.is_sorted_by(|a, b| a < b));
    for (named, code) in ResponseCode::NAMED.iter().zip(codes) {
        assert_eq!(ResponseCode::parse(code), Ok(*named));
        assert!(!named.meaning_en().is_empty() && !named.meaning_ja().is_ascii());
    }
}

#[test]
fn only_00_approves() {
    let all = (0..100).map(|code| ResponseCode::parse(&format!("{code:02}")).unwrap());
    let approving: Vec<String> = all.filter(ResponseCode::is_approved).map(|code| code.to_string()).collect();
    assert_eq!(approving, ["00"]);
}

#[test]
fn other_codes_are_kept_as_they_came() {
    for code in ["01", "N7", "zz", "99"] {
        let read = ResponseCode::parse(code).unwrap();
        assert!(matches!(read, ResponseCode::Other(_)));
        assert_eq!(read.as_str(), code);
    }
}

#[test]
fn what_is_no_code_is_refused() {
    assert!(
        ["", "0", "000", "0 ", "é", "\u{0}0", "-1"].iter().all(|text| ResponseCode::parse(text).is_err())
    );
}
