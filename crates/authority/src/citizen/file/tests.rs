use crate::{AuthorityError, CitizenRecord};

const PERSON: &str = r#"id = "RESIDENT-0007"
name = "見本田　五郎"
address = "東京都架空市見本町七丁目"
birth_date = "1990-05-05"
municipality = { code = "13221", prefecture = "Tokyo-to", name = "Kakuu-shi" }
"#;

#[test]
fn a_person_survives_the_register() {
    for change in [
        ("", ""),
        ("1990-05-05", "1990-05"),
        ("1990-05-05", "1990"),
        ("1990-05-05", "unknown"),
        ("name = ", "sex = \"female\"\ncarrier_expiry = \"2030-12-31\"\nname_substitutes = [0, 2]\nname = "),
    ] {
        let record = CitizenRecord::from_toml(&PERSON.replacen(change.0, change.1, 1)).unwrap();
        let json = record.to_json().unwrap();
        assert_eq!(CitizenRecord::from_json(&json).unwrap().to_json().unwrap(), json);
        assert_eq!(record.name.expose_text(), "見本田　五郎");
    }
}

#[test]
fn a_file_of_another_form_is_refused_by_line_and_never_repeated() {
    for (from, to, line) in [
        ("id =", "colour = \"red\"\nid =", 1),
        ("address =", "adress =", 3),
        ("birth_date = \"1990-05-05\"", "birth_date = 19900505", 4),
        ("}", "", 5),
    ] {
        let refused = CitizenRecord::from_toml(&PERSON.replacen(from, to, 1));
        let Err(AuthorityError::PersonFile { line: found, .. }) = refused else {
            panic!("{to}: {refused:?}")
        };
        assert_eq!(found, line, "{to}");
    }
    let told = CitizenRecord::from_toml(&PERSON.replace("birth_date", "見本")).unwrap_err().to_string();
    assert!(!told.contains("見本"), "{told}");
}

#[test]
fn a_field_that_breaks_its_rule_is_named() {
    for (from, to, field) in [
        ("RESIDENT-0007", "RESIDENT 7", "id"),
        ("見本田　五郎", "", "name"),
        ("1990-05-05", "1990-13", "birth_date"),
        ("1990-05-05", "1990-5", "birth_date"),
        ("1990-05-05", "05.05.1990", "birth_date"),
        ("1990-05-05", "-990", "birth_date"),
        ("13221", "1322", "municipality code"),
        ("name = \"見本田　五郎\"", "name = \"見本田\"\nname_substitutes = [3]", "substitution"),
        ("name = \"見本田　五郎\"", "name = \"見本田\"\ncarrier_expiry = \"soon\"", "carrier_expiry"),
    ] {
        let refused = CitizenRecord::from_toml(&PERSON.replacen(from, to, 1));
        let Err(AuthorityError::Citizen { field: found, .. }) = refused else { panic!("{to}: {refused:?}") };
        assert_eq!(found, field, "{to}");
    }
}
