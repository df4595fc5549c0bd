//! How a link is found without a serial number.

use enishi_linkage::{BlindIndex, IndexKeys, SealedRoute};
use enishi_party::{ContractId, LinkId};
use enishi_testkit::{Counting, Town, Who};
use proptest::prelude::*;

fn contract(name: &str) -> ContractId {
    name.parse().unwrap()
}

fn keys(master: u8) -> IndexKeys {
    IndexKeys::derived(&[master; 32], &[contract("sakura-credit"), contract("minato-credit")])
}

fn index_of(master: u8, name: &str, who: Who) -> BlindIndex {
    keys(master).in_contract(&contract(name), &Town::get().card(who).certificate()).unwrap()
}

#[test]
fn contracts_cards_and_masters_give_indexes_that_cannot_be_joined() {
    let mut seen = vec![];
    for master in [1, 2] {
        for who in [Who::First, Who::Second] {
            for name in ["sakura-credit", "minato-credit"] {
                seen.push(index_of(master, name, who));
            }
            seen.push(keys(master).on_platform(&Town::get().card(who).certificate()));
        }
    }
    let different: std::collections::HashSet<_> = seen.iter().collect();
    assert_eq!(different.len(), seen.len());
}

#[test]
fn one_card_has_one_index_in_a_contract_whenever_it_is_computed() {
    assert_eq!(index_of(1, "sakura-credit", Who::First), index_of(1, "sakura-credit", Who::First));
    // Also beside other contracts: each key follows from the master and the contract's name alone.
    let alone = IndexKeys::derived(&[1; 32], &[contract("sakura-credit")]);
    let card = Town::get().card(Who::First).certificate();
    assert_eq!(
        alone.in_contract(&contract("sakura-credit"), &card),
        Some(index_of(1, "sakura-credit", Who::First))
    );
    assert_eq!(alone.in_contract(&contract("minato-credit"), &card), None);
}

#[test]
fn no_contract_gets_the_platforms_key_by_its_name() {
    let named = IndexKeys::derived(&[1; 32], &[contract("platform"), contract("routes")]);
    let card = Town::get().card(Who::First).certificate();
    for name in ["platform", "routes"] {
        assert_ne!(named.in_contract(&contract(name), &card), Some(named.on_platform(&card)));
    }
}

#[test]
fn an_index_is_not_the_serial_number_nor_its_plain_hash() {
    use aws_lc_rs::digest::{SHA256, digest};
    let card = Town::get().card(Who::First).certificate();
    let serial = card.serial().expose_der_content();
    let index = index_of(1, "sakura-credit", Who::First);
    assert!(!index.as_octets().windows(serial.len()).any(|window| window == serial));
    assert_ne!(index.as_octets().as_slice(), digest(&SHA256, serial).as_ref());
    assert_eq!(format!("{index:?}{:?}", keys(1)), "BlindIndex(…)IndexKeys(…)");
}

#[test]
fn a_route_opens_where_it_was_put_and_nowhere_else() {
    let (keys, entropy) = (keys(1), Counting::default());
    let (name, link) = (contract("sakura-credit"), LinkId::from_random([9; 16]));
    let at = keys.on_platform(&Town::get().card(Who::First).certificate());
    let elsewhere = keys.on_platform(&Town::get().card(Who::Second).certificate());
    let route = keys.seal_route(&at, &name, link, &entropy).unwrap();
    assert_eq!(keys.open_route(&at, &route), Ok((name.clone(), link)));
    assert!(keys.open_route(&elsewhere, &route).is_err(), "a moved row");
    assert!(self::keys(2).open_route(&at, &route).is_err(), "another platform's row");
    let again = keys.seal_route(&at, &name, link, &entropy).unwrap();
    assert_ne!(again, route, "equal pointers do not look equal");
    assert_eq!(format!("{route:?}"), "SealedRoute(…)");
}

#[test]
fn a_changed_or_cut_route_does_not_open() {
    let (keys, entropy) = (keys(1), Counting::default());
    let at = BlindIndex::from_octets([3; 32]);
    let link = LinkId::from_random([9; 16]);
    let whole = keys.seal_route(&at, &contract("sakura-credit"), link, &entropy).unwrap();
    for place in 0..whole.as_octets().len() {
        let mut changed = whole.as_octets().to_vec();
        changed[place] ^= 1;
        assert!(keys.open_route(&at, &SealedRoute::from_octets(changed)).is_err(), "{place}");
        let cut = whole.as_octets()[..place].to_vec();
        assert!(keys.open_route(&at, &SealedRoute::from_octets(cut)).is_err(), "{place}");
    }
}

proptest! {
    #[test]
    fn no_octets_are_taken_for_a_route(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
        let at = BlindIndex::from_octets([3; 32]);
        prop_assert!(keys(1).open_route(&at, &SealedRoute::from_octets(octets)).is_err());
    }
}
