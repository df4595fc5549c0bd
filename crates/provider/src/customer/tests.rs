use super::*;

fn customer() -> Customer {
    Customer {
        id: "C-1".parse().unwrap(),
        name: "縁 ガク子".parse().unwrap(),
        birth_date: "1990-02-28".parse().unwrap(),
        state: CustomerState::Active,
    }
}

#[test]
fn the_same_name_written_in_another_way_is_the_same_person() {
    for name in ["縁 ガク子", "縁ガク子", "縁\u{3000}ガク子", " 縁  ガク子 ", "縁 ｶﾞｸ子", "縁 カ\u{3099}ク子"]
    {
        assert!(customer().is_holder(name, "1990-02-28"), "{name}");
    }
}

#[test]
fn another_name_or_birth_date_is_another_person() {
    for (name, birth_date) in [
        ("縁 カク子", "1990-02-28"),
        ("縁 ガク", "1990-02-28"),
        ("", "1990-02-28"),
        ("縁 ガク子\0", "1990-02-28"),
        ("縁 ガク子", "1990-02-27"),
        ("縁 ガク子", "1990-02-30"),
        ("縁 ガク子", "19900228x"),
        ("縁 ガク子", ""),
    ] {
        assert!(!customer().is_holder(name, birth_date), "{name} {birth_date}");
    }
}

#[test]
fn a_name_is_bounded() {
    assert!("あ".repeat(200).parse::<PersonName>().is_ok());
    assert!("あ".repeat(201).parse::<PersonName>().is_err());
    assert!("\u{3000} ".parse::<PersonName>().is_err());
}

#[test]
fn a_customer_is_silent() {
    let shown = format!("{:?} {:?}", customer(), customer().name);
    assert_eq!(shown, "Customer(Active) PersonName(…)");
}
