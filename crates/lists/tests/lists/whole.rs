//! Whole lists: one call at a time, kept on the disk and nowhere else, there after a restart.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use enishi_lists::{Keeping, ListError};
use enishi_transport::FetchError;
use enishi_verify::{CrlError, ShelfError};

use crate::world::{Server, World, seconds};

fn path(world: &World) -> String {
    format!("/crl/auth/{}.crl", world.key_id())
}

#[tokio::test]
async fn a_list_at_hand_answers_until_its_end_and_is_told_as_it_is() {
    let (world, server) = (World::new(1), Server::start().await);
    let lists = world.by_whole(&server, Some(&world.lists_folder()));
    server.put(path(&world), world.whole(seconds(-600)));
    let first = lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    assert_eq!(lists.covering(&world.cards[0], seconds(0)).await.unwrap().number(), first.number());
    assert_eq!(server.asked(), [path(&world)]);
    let at_hand = lists.at_hand();
    assert!(at_hand.iter().all(|it| it.keeping == Keeping::Whole && it.lists.len() < 2));
    assert_eq!(at_hand.iter().map(|it| it.lists.len()).sum::<usize>(), 1);
    let end = first.fresh_until();
    server.clear();
    assert!(lists.covering(&world.cards[0], end).await.is_ok());
    let after = enishi_party::Timestamp::from_second(end.as_second() + 1).unwrap();
    world.clock.set(after);
    let refused = lists.covering(&world.cards[0], after).await;
    assert!(matches!(refused, Err(ListError::Fetch(FetchError::Status(_)))), "{refused:?}");
}

#[tokio::test]
async fn a_newer_list_is_fetched_where_one_is_asked_for_and_had() {
    let (world, server) = (World::new(1), Server::start().await);
    let lists = world.by_whole(&server, None);
    server.put(path(&world), world.whole(seconds(-600)));
    let first = lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    let same = lists.newer(&world.cards[0], &first, seconds(0)).await.unwrap();
    assert_eq!(same.number(), first.number());
    server.put(path(&world), world.whole(seconds(-300)));
    let newer = lists.newer(&world.cards[0], &first, seconds(0)).await.unwrap();
    assert!(newer.number() > first.number());
    assert_eq!(server.asked().len(), 3);
    lists.newer(&world.cards[0], &first, seconds(0)).await.unwrap();
    assert!(server.asked().is_empty(), "it is at hand already");
}

#[tokio::test]
async fn what_is_on_the_disk_is_the_accepted_list_alone() {
    let (world, server) = (World::new(1), Server::start().await);
    let folder = world.lists_folder();
    let lists = world.by_whole(&server, Some(&folder));
    let (older, list) = (world.whole(seconds(-600)), world.whole(seconds(-300)));
    let mut forged = world.whole(seconds(-200));
    let last = forged.len() - 1;
    forged[last] ^= 1;
    server.put(path(&world), list.clone());
    lists.covering(&world.cards[0], seconds(0)).await.unwrap();
    for refused in [older, forged, list[..list.len() - 1].to_vec(), Vec::new()] {
        server.put(path(&world), refused);
        lists.refresh().await;
        let files: Vec<_> = fs::read_dir(&folder).unwrap().map(Result::unwrap).collect();
        assert_eq!(files.len(), 1, "{files:?}");
        assert!(fs::read(files[0].path()).unwrap() == list);
        assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_list_in_memory_has_a_bound_that_a_folder_lifts() {
    let (world, server) = (World::new(1), Server::start().await);
    server.put(path(&world), vec![0x30; 65 * 1024 * 1024]);
    let refused = world.by_whole(&server, None).covering(&world.cards[0], seconds(0)).await.unwrap_err();
    assert_eq!(refused, ListError::Fetch(FetchError::TooLarge(64 * 1024 * 1024)));
    let kept = world.by_whole(&server, Some(&world.lists_folder()));
    let refused = kept.covering(&world.cards[0], seconds(0)).await.unwrap_err();
    assert!(matches!(refused, ListError::List(ShelfError::List(CrlError::Der(_)))), "{refused:?}");
}
