//! Sample customers: read strictly, stored whole or not at all.

use std::num::NonZeroU32;

use enishi_provider::{PinVerificationKey, Register};
use enishi_provider_store::{ProviderStore, SampleBook, StoreError};
use enishi_transport::SystemEntropy;

use crate::world::customer;

const GOOD: &str = r#"
[[customers]]
id = "C-1"
name = "縁 花子"
birth_date = "1990-02-28"
password = "long enough"
cards = [
  { pan = "4111111111111111", label = "A", credit_limit_yen = 10, transaction_limit_yen = 5, pin = "1234" },
]
"#;

async fn load(store: &ProviderStore, text: &str) -> Result<usize, StoreError> {
    let key = PinVerificationKey::from_octets(&[1; 32]);
    let book = SampleBook::from_toml(text)?;
    store.load_sample(&book, &key, NonZeroU32::MIN, &SystemEntropy).await
}

#[tokio::test]
async fn samples_are_loaded_once() {
    let store = ProviderStore::open_in_memory().unwrap();
    assert_eq!(load(&store, GOOD).await.unwrap(), 1);
    assert_eq!(load(&store, GOOD).await.unwrap(), 0);
    let cards = store.cards(&customer("C-1")).await.unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].pan.expose(), "4111111111111111");
    assert_eq!(store.customer(&customer("C-2")).await.unwrap(), None);
}

#[tokio::test]
async fn a_sample_that_breaks_a_rule_is_named_by_place_and_stores_nothing() {
    let store = ProviderStore::open_in_memory().unwrap();
    for (good, bad) in [
        ("4111111111111111", "4111111111111112"),
        ("\"1234\"", "\"123\""),
        ("1990-02-28", "1990-02-30"),
        ("long enough", "short"),
        ("縁 花子", ""),
        ("credit_limit_yen = 10", "credit_limit_yen = 0"),
    ] {
        let error = load(&store, &GOOD.replace(good, bad)).await.unwrap_err();
        assert!(matches!(error, StoreError::Sample { place: 1, .. }), "{error}");
        assert!(!format!("{error} {error:?}").contains("4111"), "{error}");
    }
    let twice = format!("{GOOD}{}", GOOD.replace("C-1", "C-2"));
    assert!(matches!(load(&store, &twice).await, Err(StoreError::Sqlite(_))), "one number on two cards");
    assert_eq!(store.customer(&customer("C-1")).await.unwrap(), None);
}

#[test]
fn unknown_keys_are_refused_without_repeating_the_file() {
    let text = GOOD.replace("pin = ", "cvv = \"847\", pin = ");
    let error = SampleBook::from_toml(&text).unwrap_err();
    assert!(matches!(error, StoreError::SampleForm { line } if line > 1), "{error}");
    assert!(!format!("{error} {error:?}").contains("847"));
    assert!(!format!("{:?}", SampleBook::from_toml(GOOD).unwrap()).contains("1234"));
}
