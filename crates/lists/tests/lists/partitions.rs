//! Lists by municipality: fetched when first needed, renewed with the others, never taken for each other.

use std::collections::BTreeSet;

use enishi_lists::{Keeping, ListError};
use enishi_transport::FetchError;
use enishi_verify::{CrlError, RevocationStatus, ShelfError, Standing};

use crate::world::{KIND, Server, World, seconds};

#[tokio::test]
async fn a_partition_is_fetched_when_it_is_first_needed_and_renewed_with_the_others() {
    let (world, server) = (World::new(2), Server::start().await);
    let lists = world.by_partition(&server, None);
    lists.refresh().await;
    assert!(server.asked().is_empty(), "nobody needed any");
    server.put(world.path_of(0), world.partition(0, seconds(-600)));
    let list = lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    let status = RevocationStatus::from_crl(&list, &world.cards[0], seconds(0)).unwrap();
    assert_eq!(status.standing(), Standing::Good);
    assert!(RevocationStatus::from_crl(&list, &world.cards[1], seconds(0)).is_err(), "another town's");
    lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    assert_eq!(server.asked(), [world.path_of(0)], "once");

    server.put(world.path_of(0), world.partition(0, seconds(-300)));
    for renewed in lists.refresh().await {
        assert!(renewed.outcome.is_ok());
    }
    assert_eq!(server.asked(), [world.path_of(0)], "what was needed, and nothing else");
    let newer = lists.newest_covering(&world.cards[0]).unwrap();
    assert!(newer.number() > list.number());
    let at_hand = lists.at_hand();
    assert!(at_hand.iter().all(|it| it.keeping == Keeping::Partitions));
    assert_eq!(at_hand.iter().map(|it| it.lists.len()).sum::<usize>(), 1);
}

#[tokio::test]
async fn a_list_of_another_scope_in_its_place_is_refused() {
    let (world, server) = (World::new(2), Server::start().await);
    let lists = world.by_partition(&server, None);
    for stranger in [world.whole(seconds(-600)), world.partition(1, seconds(-500))] {
        server.put(world.path_of(0), stranger);
        let refused = lists.covering(&world.cards[0], seconds(0)).await;
        assert_eq!(refused.unwrap_err(), ListError::List(ShelfError::OtherPartition));
        assert!(lists.newest_covering(&world.cards[0]).is_none());
    }
    let whole = world.by_whole(&server, None);
    server.put(format!("/crl/auth/{}.crl", world.key_id()), world.partition(0, seconds(-400)));
    let refused = whole.covering(&world.cards[0], seconds(0)).await;
    assert_eq!(refused.unwrap_err(), ListError::List(ShelfError::Partition));
}

#[tokio::test]
async fn an_older_partition_is_refused_also_after_a_restart() {
    let (world, server) = (World::new(1), Server::start().await);
    let folder = world.lists_folder();
    let older = world.partition(0, seconds(-600));
    server.put(world.path_of(0), world.partition(0, seconds(-300)));
    let lists = world.by_partition(&server, Some(&folder));
    lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    server.put(world.path_of(0), older);
    let again = world.by_partition(&server, Some(&folder));
    for lists in [lists, again] {
        let outcomes = lists.refresh().await;
        let rolled_back = |it: &Result<_, ListError>| {
            matches!(it, Err(ListError::List(ShelfError::List(CrlError::RolledBack { .. }))))
        };
        assert_eq!(outcomes.iter().filter(|it| rolled_back(&it.outcome)).count(), 1, "{outcomes:?}");
        assert!(lists.covering(&world.cards[0], seconds(0)).await.is_ok(), "the newer one serves");
    }
}

#[tokio::test]
async fn a_restart_has_the_partitions_without_asking_anyone_and_ended_ones_keep_older_out() {
    let (world, server) = (World::new(2), Server::start().await);
    let folder = world.lists_folder();
    let older = world.partition(0, seconds(-600));
    for card in [0, 1] {
        server.put(world.path_of(card), world.partition(card, seconds(-300)));
    }
    let lists = world.by_partition(&server, Some(&folder));
    for card in &world.cards {
        lists.covering(card, seconds(0)).await.unwrap();
    }
    server.clear();
    server.asked();
    let again = world.by_partition(&server, Some(&folder));
    for card in &world.cards {
        assert!(again.covering(card, seconds(0)).await.is_ok());
    }
    assert!(server.asked().is_empty());

    world.clock.set(seconds(30 * 3600));
    let late = world.by_partition(&server, Some(&folder));
    let refused = late.covering(&world.cards[0], seconds(30 * 3600)).await;
    assert!(matches!(refused, Err(ListError::Fetch(FetchError::Status(_)))), "{refused:?}");
    assert!(late.newest_covering(&world.cards[0]).is_some(), "it still tells who was revoked");
    world.clock.set(seconds(0));
    server.put(world.path_of(0), older);
    let outcomes = late.refresh().await;
    let of_cards = outcomes.iter().find(|it| it.kind == KIND && it.key_id == world.key_id()).unwrap();
    assert!(of_cards.outcome.is_err());
}

#[tokio::test]
async fn a_round_in_which_nothing_comes_is_given_up_and_the_next_one_goes_on() {
    let (world, server) = (World::new(5), Server::start().await);
    let lists = world.by_partition(&server, None);
    for card in 0..5 {
        server.put(world.path_of(card), world.partition(card, seconds(-600)));
        lists.covering(&world.cards[card], seconds(0)).await.unwrap();
    }
    server.clear();
    let all: BTreeSet<_> = server.asked().into_iter().collect();
    assert_eq!(all.len(), 5);
    lists.refresh().await;
    let mut asked = server.asked();
    assert_eq!(asked.len(), 3, "three in a row that fail");
    lists.refresh().await;
    asked.extend(server.asked());
    assert_eq!(asked.into_iter().collect::<BTreeSet<_>>(), all);
    for card in &world.cards {
        assert!(lists.covering(card, seconds(0)).await.is_ok(), "those before serve");
    }
}
