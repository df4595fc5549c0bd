//! Links and routes.

use enishi_linkage::{AnyContract, AnyLink, LinkState, LinkStore};
use enishi_party::InstrumentRef;

use crate::sample::{
    DAY, after, entrusted, index, joint_link, link_id, new_link, octets, proxy, route, shape, start,
};
use crate::stores::Stores;

fn both() -> [AnyContract; 2] {
    [entrusted("bank-y-cash"), proxy("card-a-credit")]
}

fn instrument(number: u64) -> InstrumentRef {
    InstrumentRef::from_random(octets(number))
}

async fn ids(links: &dyn LinkStore, contract: &AnyContract, number: u64) -> Vec<enishi_party::LinkId> {
    links.find(contract, &index(number)).await.unwrap().iter().map(AnyLink::id).collect()
}

pub(crate) async fn a_link_of_either_model_reads_back(stores: &dyn Stores) {
    let links = stores.open().links;
    for (number, contract) in [(1, entrusted("bank-y-cash")), (2, proxy("card-a-credit"))] {
        let new = joint_link(&contract, number, 9);
        links.insert(&contract, new.clone(), start()).await.unwrap();
        let found = links.find(&contract, &index(number)).await.unwrap();
        assert_eq!(found.iter().map(shape).collect::<Vec<_>>(), [shape(&new.link)]);
        let one = links.get(&contract, link_id(number)).await.unwrap().unwrap();
        assert_eq!(shape(&one), shape(&new.link));
        assert!(links.get(&contract, link_id(99)).await.unwrap().is_none());
        assert!(links.find(&contract, &index(99)).await.unwrap().is_empty());
    }
    assert_eq!(links.routes(&index(9)).await, Ok(vec![route(1), route(2)]));
    assert_eq!(links.routes(&index(1)).await, Ok(vec![]), "a contract's index is not the platform's");
}

pub(crate) async fn contracts_never_see_each_others_links(stores: &dyn Stores) {
    let links = stores.open().links;
    let contracts =
        [entrusted("bank-y-cash"), entrusted("clinic-z"), proxy("card-a-credit"), proxy("shop-b-points")];
    for (number, contract) in (1..).zip(&contracts) {
        let mut new = new_link(contract, number);
        new.index = index(7);
        links.insert(contract, new, start()).await.unwrap();
    }
    for (number, contract) in (1..).zip(&contracts) {
        assert_eq!(ids(&*links, contract, 7).await, [link_id(number)]);
        for other in (1..=4).filter(|other| *other != number) {
            assert!(links.get(contract, link_id(other)).await.unwrap().is_none());
            assert_eq!(links.activate(contract, link_id(other), instrument(other), start()).await, Ok(false));
            assert_eq!(links.roll_back(contract, link_id(other), start()).await, Ok(false));
        }
    }
    assert_eq!(links.expire_pending(&contracts[0], after(1)).await, Ok(1));
    for (number, contract) in (2..).zip(&contracts[1..]) {
        assert_eq!(ids(&*links, contract, 7).await, [link_id(number)], "another contract's links expired");
    }
}

pub(crate) async fn a_pending_link_is_activated_once(stores: &dyn Stores) {
    let links = stores.open().links;
    for (number, contract) in (1..).zip(both()) {
        links.insert(&contract, new_link(&contract, number), start()).await.unwrap();
        assert_eq!(links.activate(&contract, link_id(number), instrument(5), after(1)).await, Ok(true));
        assert_eq!(links.activate(&contract, link_id(number), instrument(6), after(2)).await, Ok(false));
        assert_eq!(links.activate(&contract, link_id(99), instrument(6), after(2)).await, Ok(false));
        let link = links.get(&contract, link_id(number)).await.unwrap().unwrap();
        assert_eq!(*link.state(), LinkState::Active(instrument(5)));
    }
}

pub(crate) async fn of_a_cards_pending_links_in_one_contract_one_becomes_active(stores: &dyn Stores) {
    let links = stores.open().links;
    for (first, contract) in [1, 11].into_iter().zip(both()) {
        for number in [first, first + 1] {
            let mut new = new_link(&contract, number);
            new.index = index(first);
            links.insert(&contract, new, start()).await.unwrap();
        }
        links.insert(&contract, new_link(&contract, first + 2), start()).await.unwrap();
        assert_eq!(links.activate(&contract, link_id(first), instrument(5), after(1)).await, Ok(true));
        assert_eq!(links.activate(&contract, link_id(first + 1), instrument(6), after(2)).await, Ok(false));
        let other_card = links.activate(&contract, link_id(first + 2), instrument(7), after(2)).await;
        assert_eq!(other_card, Ok(true));
        assert_eq!(links.roll_back(&contract, link_id(first + 1), after(3)).await, Ok(true), "it is pending");
    }
}

pub(crate) async fn unconfirmed_links_expire_with_their_routes(stores: &dyn Stores) {
    let links = stores.open().links;
    for (contract, first) in [(entrusted("bank-y-cash"), 1), (proxy("card-a-credit"), 11)] {
        let (old, new) = (first, first + 1);
        links.insert(&contract, joint_link(&contract, old, first), start()).await.unwrap();
        links.insert(&contract, joint_link(&contract, new, first), after(10)).await.unwrap();
        assert_eq!(links.expire_pending(&contract, start()).await, Ok(0), "not before, but at that moment");
        assert_eq!(links.expire_pending(&contract, after(10)).await, Ok(1));
        assert_eq!(ids(&*links, &contract, old).await, []);
        assert!(links.get(&contract, link_id(old)).await.unwrap().is_none());
        assert_eq!(ids(&*links, &contract, new).await, [link_id(new)]);
        assert_eq!(links.routes(&index(first)).await, Ok(vec![route(new)]));
        assert_eq!(links.expire_pending(&contract, after(10)).await, Ok(0));
    }
    assert_eq!(links.expire_pending(&entrusted("never-seen"), after(10)).await, Ok(0));
}

pub(crate) async fn rolling_back_takes_the_link_and_its_route(stores: &dyn Stores) {
    let links = stores.open().links;
    for (contract, first) in [(entrusted("bank-y-cash"), 1), (proxy("card-a-credit"), 11)] {
        links.insert(&contract, joint_link(&contract, first, first), start()).await.unwrap();
        links.insert(&contract, joint_link(&contract, first + 1, first), start()).await.unwrap();
        assert_eq!(links.roll_back(&contract, link_id(first), after(1)).await, Ok(true));
        assert_eq!(links.roll_back(&contract, link_id(first), after(1)).await, Ok(false));
        assert!(links.get(&contract, link_id(first)).await.unwrap().is_none());
        assert_eq!(links.routes(&index(first)).await, Ok(vec![route(first + 1)]));
        assert_eq!(links.activate(&contract, link_id(first), instrument(1), after(2)).await, Ok(false));
    }
}

pub(crate) async fn an_active_link_is_neither_rolled_back_nor_expired(stores: &dyn Stores) {
    let links = stores.open().links;
    for (number, contract) in (1..).zip(both()) {
        links.insert(&contract, joint_link(&contract, number, number), start()).await.unwrap();
        links.activate(&contract, link_id(number), instrument(number), after(1)).await.unwrap();
        assert_eq!(links.roll_back(&contract, link_id(number), after(2)).await, Ok(false));
        assert_eq!(links.expire_pending(&contract, after(DAY)).await, Ok(0));
        assert_eq!(ids(&*links, &contract, number).await, [link_id(number)]);
        assert_eq!(links.routes(&index(number)).await, Ok(vec![route(number)]));
    }
}

pub(crate) async fn a_link_of_another_model_or_contract_is_refused(stores: &dyn Stores) {
    let links = stores.open().links;
    let (entrusted_to_bank, card) = (entrusted("bank-y-cash"), proxy("card-a-credit"));
    let (clinic, shop) = (entrusted("clinic-z"), proxy("shop-b-points"));
    for (contract, other) in [
        (&entrusted_to_bank, &card),
        (&card, &entrusted_to_bank),
        (&clinic, &entrusted_to_bank),
        (&shop, &card),
    ] {
        assert!(links.insert(contract, new_link(other, 1), start()).await.is_err());
        assert!(links.find(contract, &index(1)).await.unwrap().is_empty());
    }
    let mut active = new_link(&card, 1);
    if let AnyLink::Proxy(link) = &mut active.link {
        link.state = LinkState::Active(instrument(1));
    }
    assert!(links.insert(&card, active, start()).await.is_err(), "a link begins as pending");
}

pub(crate) async fn of_confirming_and_rolling_back_at_once_one_wins(stores: &dyn Stores) {
    let links = stores.open().links;
    for contract in both() {
        for number in 1..=50 {
            let number = if matches!(contract, AnyContract::Proxy(_)) { number + 100 } else { number };
            links.insert(&contract, joint_link(&contract, number, number), start()).await.unwrap();
            let confirm = links.activate(&contract, link_id(number), instrument(number), after(1));
            let back = links.roll_back(&contract, link_id(number), after(1));
            let (confirmed, back) = if number % 2 == 0 {
                tokio::join!(confirm, back)
            } else {
                let (back, confirmed) = tokio::join!(back, confirm);
                (confirmed, back)
            };
            let (confirmed, back) = (confirmed.unwrap(), back.unwrap());
            assert_ne!(confirmed, back);
            let routes = links.routes(&index(number)).await.unwrap();
            assert_eq!(routes.len(), usize::from(confirmed), "a route stands exactly where its link does");
            assert_eq!(links.get(&contract, link_id(number)).await.unwrap().is_some(), confirmed);
        }
    }
}

pub(crate) async fn links_survive_a_restart(stores: &dyn Stores) {
    let ports = stores.open();
    for (number, contract) in (1..).zip(both()) {
        ports.links.insert(&contract, joint_link(&contract, number, 9), start()).await.unwrap();
        ports.links.activate(&contract, link_id(number), instrument(number), after(1)).await.unwrap();
    }
    drop(ports);
    let links = stores.open().links;
    for (number, contract) in (1..).zip(both()) {
        let link = links.get(&contract, link_id(number)).await.unwrap().unwrap();
        assert_eq!(*link.state(), LinkState::Active(instrument(number)));
    }
    assert_eq!(links.routes(&index(9)).await.unwrap().len(), 2);
}
