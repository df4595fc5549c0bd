use enishi_jpki::{AuthCertificate, Profile};

use super::*;
use crate::SerialIndexKey;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn act(card: u8, ticket: u8, name: &str, customer: &str, instrument: u8) -> Act {
    Act {
        card: SerialIndex::of_octets([card; 32]),
        ticket_sha256: [ticket; 32],
        until: at(1_000),
        name: name.to_owned(),
        customer: customer.parse().unwrap(),
        instrument: InstrumentRef::from_random([instrument; 16]),
    }
}

fn link() -> LinkId {
    LinkId::from_random([4; 16])
}

async fn enrolled() -> SerialRows {
    let rows = SerialRows::open_in_memory().unwrap();
    rows.record(act(1, 1, "lnk", "tanuki", 7), link(), at(0)).await.unwrap();
    rows
}

#[tokio::test]
async fn a_card_carries_acts_of_its_own_customer_and_instrument_only() {
    let rows = enrolled().await;
    rows.carry(act(1, 2, "asr-1", "tanuki", 7), at(1)).await.unwrap();
    let refused = rows.carry(act(2, 3, "asr-2", "tanuki", 7), at(1)).await;
    assert!(matches!(refused, Err(EvidenceRefused::UnknownCard)));
    let refused = rows.carry(act(1, 3, "asr-2", "kitsune", 7), at(1)).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherCustomer)));
    let refused = rows.carry(act(1, 3, "asr-2", "tanuki", 8), at(1)).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherInstrument)));
    // What was refused used nothing up.
    rows.carry(act(1, 3, "asr-2", "tanuki", 7), at(1)).await.unwrap();
}

#[tokio::test]
async fn a_tap_carries_one_act_and_that_one_again() {
    let rows = enrolled().await;
    for _ in 0..2 {
        rows.carry(act(1, 2, "asr-1", "tanuki", 7), at(1)).await.unwrap();
    }
    let refused = rows.carry(act(1, 2, "asr-2", "tanuki", 7), at(1)).await;
    assert!(matches!(refused, Err(EvidenceRefused::Reused)));
    let refused = rows.carry(act(1, 1, "asr-2", "tanuki", 7), at(1)).await;
    assert!(matches!(refused, Err(EvidenceRefused::Reused)), "the enrolment's own tap");
}

#[tokio::test]
async fn used_taps_are_kept_until_their_evidence_is_too_old() {
    let rows = enrolled().await;
    rows.carry(act(1, 2, "asr-1", "tanuki", 7), at(1)).await.unwrap();
    assert!(rows.carry(act(1, 2, "asr-2", "tanuki", 7), at(1_000)).await.is_err());
    rows.carry(act(1, 3, "asr-2", "tanuki", 7), at(1_001)).await.unwrap();
    let taps: u32 = rows
        .run(|transaction| Ok(transaction.query_row("SELECT count(*) FROM used_tap", [], |row| row.get(0))?))
        .await
        .unwrap();
    assert_eq!(taps, 1);
}

#[tokio::test]
async fn a_card_is_recorded_for_one_customer_until_its_row_is_forgotten() {
    let rows = enrolled().await;
    rows.record(act(1, 1, "lnk", "tanuki", 7), link(), at(5)).await.unwrap();
    rows.record(act(1, 2, "lnk-2", "tanuki", 8), link(), at(5)).await.unwrap();
    let refused = rows.record(act(1, 3, "lnk-3", "kitsune", 9), link(), at(5)).await;
    assert!(matches!(refused, Err(EvidenceRefused::OtherCustomer)));
    assert_eq!(rows.forget(InstrumentRef::from_random([7; 16])).await.unwrap(), 1);
    assert!(rows.record(act(1, 3, "lnk-3", "kitsune", 9), link(), at(5)).await.is_err());
    assert_eq!(rows.forget(InstrumentRef::from_random([8; 16])).await.unwrap(), 1);
    rows.record(act(1, 3, "lnk-3", "kitsune", 9), link(), at(5)).await.unwrap();
}

#[tokio::test]
async fn rows_and_taps_survive_a_restart_in_a_private_file() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("serials.sqlite");
    let rows = SerialRows::open(&file).unwrap();
    rows.record(act(1, 1, "lnk", "tanuki", 7), link(), at(0)).await.unwrap();
    rows.carry(act(1, 2, "asr-1", "tanuki", 7), at(1)).await.unwrap();
    drop(rows);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        assert_eq!(entry.unwrap().metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    let rows = SerialRows::open(&file).unwrap();
    assert!(matches!(rows.carry(act(1, 2, "asr-2", "tanuki", 7), at(1)).await, Err(EvidenceRefused::Reused)));
    rows.carry(act(1, 3, "asr-3", "tanuki", 7), at(1)).await.unwrap();
}

#[test]
fn files_of_others_are_left_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("other.sqlite");
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE dish (name TEXT)").unwrap();
    assert!(matches!(SerialRows::open(&file), Err(RowsError::Foreign)));
    let newer = folder.path().join("newer.sqlite");
    drop(SerialRows::open(&newer).unwrap());
    Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(SerialRows::open(&newer), Err(RowsError::Foreign)));
    let text = folder.path().join("text");
    std::fs::write(&text, "no database, but long enough to be taken for the header of one").unwrap();
    assert!(SerialRows::open(&text).is_err());
}

#[test]
fn an_index_depends_on_key_and_card_and_shows_neither() {
    let profile = Profile::SANDBOX;
    let folder = tempfile::TempDir::new().unwrap();
    let (one, two) = certificates(folder.path());
    let (one, two) =
        (AuthCertificate::parse(&one, &profile).unwrap(), AuthCertificate::parse(&two, &profile).unwrap());
    let (key, other) = (SerialIndexKey::from_octets([1; 32]), SerialIndexKey::from_octets([2; 32]));
    assert_eq!(key.index(&one), key.index(&one));
    assert_ne!(key.index(&one), key.index(&two));
    assert_ne!(key.index(&one), other.index(&one));
    assert_eq!(format!("{key:?} {:?}", key.index(&one)), "SerialIndexKey(…) SerialIndex(…)");
}

fn certificates(folder: &Path) -> (Vec<u8>, Vec<u8>) {
    use enishi_authority::{
        Authority, AuthorityConfig, CardKey, CarrierKeys, CitizenId, CitizenRecord, Municipality,
        RegisteredBirth, RegisteredText, WithSigning,
    };
    let now = at(1_790_000_000);
    let authority = Authority::create(folder, AuthorityConfig::new("http://j/ocsp"), now).unwrap();
    let key = CardKey::generate().unwrap();
    let keys = CarrierKeys { authentication_spki: key.spki_der(), signing: WithSigning::Without };
    let issue = |id| {
        let person = CitizenRecord {
            id: CitizenId::parse(id).unwrap(),
            name: RegisteredText::name("架空\u{3000}花").unwrap(),
            address: RegisteredText::address("東京都清瀬市架空町一丁目").unwrap(),
            birth_date: RegisteredBirth::Known("1980-02-17".parse().unwrap()),
            sex: enishi_jpki::Sex::Female,
            municipality: Municipality::new("13221", "Tokyo-to", "Kiyose-shi").unwrap(),
            carrier_expiry: None,
        };
        authority.issue(&person, keys, enishi_jpki::Carrier::Card, now).unwrap().auth_der
    };
    (issue("resident-1"), issue("resident-2"))
}
