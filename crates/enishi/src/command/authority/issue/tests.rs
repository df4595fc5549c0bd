use enishi_authority::AuthorityConfig;
use enishi_card::SoftwareCard;

use super::super::counter::put_on;
use super::*;

const PERSON: &str = r#"id = "RESIDENT-0007"
name = "見本田　五郎"
address = "東京都架空市見本町七丁目"
birth_date = "1990-05-05"
municipality = { code = "13221", prefecture = "Tokyo-to", name = "Kakuu-shi" }
"#;

#[test]
fn certificates_that_reach_no_card_keep_nobody_from_getting_a_card() {
    let folder = tempfile::tempdir().unwrap();
    let now = SystemClock.now();
    let config = AuthorityConfig::new("http://127.0.0.1:1/ocsp");
    let authority = Authority::create(&folder.path().join("register"), config, now).unwrap();
    let person = CitizenRecord::from_toml(PERSON).unwrap();
    let (former, newer, last) = (key().unwrap(), key().unwrap(), key().unwrap());
    let issued = authority.issue(&person, keys(&former), Carrier::Card, now).unwrap();
    let cards = folder.path().join("cards");
    fs::create_dir(&cards).unwrap();
    let path = cards.join("goro.card");
    let pins = Pins { pin: pin("1234").unwrap(), password: None };
    write_card(&path, &former, None, &issued, pins).unwrap();
    let mut card = SoftwareCard::open(&path).unwrap();

    let renewed = authority.renew(&issued.auth_serial, &person, keys(&newer), now).unwrap();
    fs::remove_dir_all(&cards).unwrap();
    put_on(&authority, &mut card, &newer, None, &renewed).unwrap_err();

    authority.issue(&person, keys(&last), Carrier::Card, now).unwrap();
}

fn keys(key: &CardKey) -> CarrierKeys<'_> {
    CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Without }
}
