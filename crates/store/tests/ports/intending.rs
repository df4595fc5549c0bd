//! Intents and consents.

use std::sync::Arc;

use enishi_linkage::{AnyContract, Intent, IntentStage};
use tokio::task::JoinSet;

use crate::sample::{after, consent_record, consented, entrusted, intent, intent_id, link_id, proxy, start};
use crate::stores::Stores;

fn both() -> [(u64, AnyContract); 2] {
    [(1, entrusted("bank-y-cash")), (2, proxy("card-a-credit"))]
}

fn assert_same(read: &Intent, written: &Intent) {
    assert_eq!((read.id, &read.contract), (written.id, &written.contract));
    assert_eq!(read.customer, written.customer);
    assert_eq!(
        (&read.callback, &read.state, &read.label),
        (&written.callback, &written.state, &written.label)
    );
    assert_eq!((read.offer, read.expires_at), (written.offer, written.expires_at));
}

fn word(stage: &IntentStage) -> &'static str {
    match stage {
        IntentStage::Open => "open",
        IntentStage::Consented(_) => "consented",
        IntentStage::Redeemed(_) => "redeemed",
        IntentStage::Closed => "closed",
    }
}

pub(crate) async fn an_intent_of_either_model_reads_back(stores: &dyn Stores) {
    let intents = stores.open().intents;
    assert!(intents.get(intent_id(1)).await.unwrap().is_none());
    for (number, contract) in both() {
        let written = intent(&contract, number);
        intents.create(&written, start()).await.unwrap();
        let (read, stage) = intents.get(written.id).await.unwrap().unwrap();
        assert_same(&read, &written);
        assert_eq!(word(&stage), "open");
    }
}

pub(crate) async fn an_intent_goes_through_its_stages(stores: &dyn Stores) {
    let intents = stores.open().intents;
    for (number, contract) in both() {
        let id = intent_id(number);
        intents.create(&intent(&contract, number), start()).await.unwrap();
        assert_eq!(intents.redeem(id, after(1)).await, Ok(false), "nobody consented");
        let (consented, record) = (consented(number), consent_record(number));
        assert_eq!(intents.consent(id, &consented, &record, after(2)).await, Ok(true));
        let Some((_, IntentStage::Consented(read))) = intents.get(id).await.unwrap() else {
            panic!("not consented")
        };
        assert_eq!(read.code_sha256, consented.code_sha256);
        assert_eq!((read.code_expires_at, read.link), (consented.code_expires_at, consented.link));
        assert_eq!(read.sealed_answer, consented.sealed_answer);
        assert_eq!(intents.redeem(id, after(3)).await, Ok(true));
        let Some((_, IntentStage::Redeemed(link))) = intents.get(id).await.unwrap() else {
            panic!("not redeemed")
        };
        assert_eq!(link, link_id(number));
        assert_eq!(intents.redeem(id, after(4)).await, Ok(false));
        intents.close(id, after(5)).await.unwrap();
        assert_eq!(word(&intents.get(id).await.unwrap().unwrap().1), "closed");
        assert_eq!(intents.redeem(id, after(6)).await, Ok(false));
    }
}

pub(crate) async fn an_intent_is_consented_once_however_many_try(stores: &dyn Stores) {
    let intents = stores.open().intents;
    intents.create(&intent(&proxy("card-a-credit"), 1), start()).await.unwrap();
    let mut tasks = JoinSet::new();
    for number in 1..=100 {
        let intents = Arc::clone(&intents);
        tasks.spawn(async move {
            let (consented, record) = (consented(number), consent_record(number));
            intents.consent(intent_id(1), &consented, &record, after(1)).await.unwrap().then_some(number)
        });
    }
    let won: Vec<u64> = tasks.join_all().await.into_iter().flatten().collect();
    let Some((_, IntentStage::Consented(read))) = intents.get(intent_id(1)).await.unwrap() else {
        panic!("not consented")
    };
    assert_eq!(won.iter().map(|number| link_id(*number)).collect::<Vec<_>>(), [read.link]);
}

pub(crate) async fn a_code_is_redeemed_once_however_many_try(stores: &dyn Stores) {
    let intents = stores.open().intents;
    intents.create(&intent(&entrusted("bank-y-cash"), 1), start()).await.unwrap();
    intents.consent(intent_id(1), &consented(1), &consent_record(1), start()).await.unwrap();
    let mut tasks = JoinSet::new();
    for _ in 0..100 {
        let intents = Arc::clone(&intents);
        tasks.spawn(async move { intents.redeem(intent_id(1), after(1)).await.unwrap() });
    }
    assert_eq!(tasks.join_all().await.into_iter().filter(|redeemed| *redeemed).count(), 1);
}

pub(crate) async fn an_intent_is_found_by_its_link_between_redeeming_and_closing(stores: &dyn Stores) {
    let intents = stores.open().intents;
    for (number, contract) in both() {
        let (id, link) = (intent_id(number), link_id(number));
        intents.create(&intent(&contract, number), start()).await.unwrap();
        assert!(intents.of_link(link).await.unwrap().is_none());
        intents.consent(id, &consented(number), &consent_record(number), start()).await.unwrap();
        assert!(intents.of_link(link).await.unwrap().is_none(), "its code was not redeemed");
        intents.redeem(id, start()).await.unwrap();
        assert_same(&intents.of_link(link).await.unwrap().unwrap(), &intent(&contract, number));
        intents.close(id, start()).await.unwrap();
        assert!(intents.of_link(link).await.unwrap().is_none());
    }
}

pub(crate) async fn an_intent_closes_from_any_stage(stores: &dyn Stores) {
    let intents = stores.open().intents;
    let contract = entrusted("bank-y-cash");
    for stages in 0..4 {
        let number = stages + 1;
        let id = intent_id(number);
        intents.create(&intent(&contract, number), start()).await.unwrap();
        if stages > 0 {
            intents.consent(id, &consented(number), &consent_record(number), start()).await.unwrap();
        }
        if stages > 1 {
            intents.redeem(id, start()).await.unwrap();
        }
        if stages > 2 {
            intents.close(id, start()).await.unwrap();
        }
        intents.close(id, after(1)).await.unwrap();
        assert_eq!(word(&intents.get(id).await.unwrap().unwrap().1), "closed");
        let again = (consented(number + 100), consent_record(number + 100));
        assert_eq!(intents.consent(id, &again.0, &again.1, after(2)).await, Ok(false));
    }
    intents.close(intent_id(99), after(1)).await.unwrap();
}

pub(crate) async fn an_intent_is_created_once(stores: &dyn Stores) {
    let intents = stores.open().intents;
    for (number, contract) in both() {
        intents.create(&intent(&contract, number), start()).await.unwrap();
        assert!(intents.create(&intent(&contract, number), start()).await.is_err());
        let (read, _) = intents.get(intent_id(number)).await.unwrap().unwrap();
        assert_same(&read, &intent(&contract, number));
    }
}

pub(crate) async fn intents_survive_a_restart(stores: &dyn Stores) {
    let ports = stores.open();
    for (number, contract) in both() {
        ports.intents.create(&intent(&contract, number), start()).await.unwrap();
        ports
            .intents
            .consent(intent_id(number), &consented(number), &consent_record(number), start())
            .await
            .unwrap();
    }
    drop(ports);
    let intents = stores.open().intents;
    for (number, contract) in both() {
        let (read, stage) = intents.get(intent_id(number)).await.unwrap().unwrap();
        assert_same(&read, &intent(&contract, number));
        assert_eq!(word(&stage), "consented");
    }
}
