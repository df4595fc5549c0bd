use super::InvitationCode;
use crate::IntentId;

fn code(octets: [u8; 16]) -> String {
    InvitationCode::of(IntentId::from_random(octets)).to_string()
}

#[test]
fn a_code_reads_back_as_its_intent_however_it_is_typed() {
    for octets in [[0; 16], [0xff; 16], *b"0123456789abcdef"] {
        let intent = IntentId::from_random(octets);
        let code = code(octets);
        assert_eq!(code.len(), 34, "{code}");
        let sloppy = code.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        for typed in [code.clone(), code.replace('-', ""), sloppy] {
            assert_eq!(typed.parse::<InvitationCode>().map(InvitationCode::intent), Ok(intent), "{typed}");
        }
    }
}

#[test]
fn a_wrong_sign_or_two_exchanged_are_noticed() {
    let good: Vec<char> = code(*b"0123456789abcdef").replace('-', "").chars().collect();
    for at in 0..good.len() {
        for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ".chars().filter(|sign| *sign != good[at]) {
            let mut typed = good.clone();
            typed[at] = sign;
            let typed: String = typed.into_iter().collect();
            assert!(typed.parse::<InvitationCode>().is_err(), "{typed}");
        }
        for other in at + 1..good.len() {
            if good[at] != good[other] {
                let mut typed = good.clone();
                typed.swap(at, other);
                let typed: String = typed.into_iter().collect();
                assert!(typed.parse::<InvitationCode>().is_err(), "{typed}");
            }
        }
    }
}

#[test]
fn another_length_or_sign_is_refused() {
    let good = code([7; 16]);
    for typed in [
        String::new(),
        good[..good.len() - 1].to_owned(),
        format!("{good}0"),
        good.replacen(char::is_alphanumeric, "U", 1),
        good.replacen(char::is_alphanumeric, "Z", 1),
        "-".repeat(34),
        "0".repeat(1000),
        good.replacen(char::is_alphanumeric, "é", 1),
    ] {
        assert!(typed.parse::<InvitationCode>().is_err(), "{typed}");
    }
}
