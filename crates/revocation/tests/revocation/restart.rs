//! What a restart has: the lists that were accepted, and the numbers below which none comes back.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use axum::http::StatusCode;
use enishi_linkage::LookupMethod;
use enishi_revocation::{ListError, RevocationError};
use enishi_verify::Standing;
use tempfile::TempDir;

use crate::world::{World, answering, config, down, now, seconds};

const CRL: LookupMethod = LookupMethod::Crl;
const LIST: &str = "application/pkix-crl";
const HOUR: i64 = 3600;

#[tokio::test]
async fn a_restart_has_the_lists_without_asking_anyone() {
    let (world, folder) = (World::new(), TempDir::new().unwrap());
    let lists = folder.path().join("lists");
    let server = world.honest().await;
    world.authority.publish(now()).unwrap();
    world.revocation_with_folder(&server.base, &lists).refresh().await;
    let files: Vec<_> = fs::read_dir(&lists).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 6, "one for each authority, nothing half written");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::metadata(&lists).unwrap().permissions().mode() & 0o777, 0o700);

    let again = world.revocation_with_folder(&down().await, &lists);
    assert_eq!(world.standing(&again, CRL).await, Ok(Standing::Good));
    world.clock.set(seconds(25 * HOUR));
    assert!(world.standing(&again, CRL).await.is_err(), "a kept list ends as any other");
}

#[tokio::test]
async fn an_older_list_does_not_come_back_after_a_restart() {
    let (world, folder) = (World::new(), TempDir::new().unwrap());
    world.authority.publish(seconds(-600)).unwrap();
    let before = world.list();
    world.authority.publish(seconds(-60)).unwrap();
    let server = world.honest().await;
    world.revocation_with_folder(&server.base, folder.path()).refresh().await;

    let replaying = answering(move |_| (StatusCode::OK, LIST, before.clone())).await;
    let again = world.revocation_with_folder(&replaying.base, folder.path());
    for outcome in again.refresh().await {
        assert!(outcome.outcome.is_err(), "{:?} {}", outcome.kind, outcome.key_id);
    }
    assert_eq!(world.standing(&again, CRL).await, Ok(Standing::Good));
    assert_eq!(again.fresh_until(crate::world::KIND, &world.key_id()), Some(seconds(24 * HOUR - 60)));
}

#[tokio::test]
async fn a_damaged_file_is_passed_over_and_replaced() {
    let (world, folder) = (World::new(), TempDir::new().unwrap());
    world.authority.publish(now()).unwrap();
    let file = folder.path().join(format!("auth-{}.crl", world.key_id()));
    let list = world.list();
    for content in [b"".as_slice(), b"rubbish", &list[..200], &vec![0x30; 70_000]] {
        fs::write(&file, content).unwrap();
        let alone = world.revocation_with_folder(&down().await, folder.path());
        assert!(world.standing(&alone, CRL).await.is_err());
    }
    let server = world.honest().await;
    let revocation = world.revocation_with_folder(&server.base, folder.path());
    assert_eq!(world.standing(&revocation, CRL).await, Ok(Standing::Good));
    assert_eq!(fs::read(&file).unwrap(), list);
}

#[tokio::test]
async fn a_list_under_another_authoritys_name_is_passed_over() {
    let (world, folder) = (World::new(), TempDir::new().unwrap());
    world.authority.publish(now()).unwrap();
    let file = folder.path().join(format!("sign-{}.crl", world.key_id()));
    fs::write(file, world.list()).unwrap();
    let revocation = world.revocation_with_folder(&down().await, folder.path());
    assert!(world.standing(&revocation, CRL).await.is_err());
}

#[test]
fn a_folder_that_cannot_be_used_stops_the_start() {
    let (world, folder) = (World::new(), TempDir::new().unwrap());
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut config = config("http://127.0.0.1:9");
    config.lists.folder = Some(file.join("lists"));
    let refused = world.build(config);
    assert!(matches!(refused, Err(RevocationError::List(ListError::Folder { .. }))));
}
