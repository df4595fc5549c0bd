//! Lists are put in each other's place while everybody looks up.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use enishi_authority::RevocationReason;
use enishi_linkage::{LookupMethod, RevocationSource};
use enishi_verify::Standing;

use crate::world::{KIND, World, now, seconds};

const CRL: LookupMethod = LookupMethod::Crl;
const LOOKERS: usize = 16;
const SWAPS: i64 = 24;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nobody_fails_while_lists_are_swapped_and_nobody_is_good_after_revoked() {
    let world = Arc::new(World::new());
    let server = world.honest().await;
    world.authority.publish(seconds(-600)).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let revocation = Arc::new(world.revocation_with_folder(&server.base, folder.path()));
    revocation.refresh().await;
    let (swapped, ended) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let looked = Arc::new(AtomicUsize::new(0));
    let mut lookers = tokio::task::JoinSet::new();
    for _ in 0..LOOKERS {
        let (world, revocation) = (Arc::clone(&world), Arc::clone(&revocation));
        let (swapped, ended, looked) = (Arc::clone(&swapped), Arc::clone(&ended), Arc::clone(&looked));
        lookers.spawn(async move {
            let profile = enishi_jpki::Profile::SANDBOX;
            let (card, issuer) = (world.certificate(), world.issuer());
            let other = enishi_jpki::AuthCertificate::parse(&world.other.auth_der, &profile).unwrap();
            let mut was_revoked = false;
            while !ended.load(Ordering::Acquire) {
                let must_be_revoked = was_revoked || swapped.load(Ordering::Acquire);
                let status = revocation.status(&card, &issuer, CRL, now()).await.unwrap();
                was_revoked = status.standing() != Standing::Good;
                assert!(was_revoked || !must_be_revoked, "good after revoked");
                let status = revocation.status(&other, &issuer, CRL, now()).await.unwrap();
                assert_eq!(status.standing(), Standing::Good);
                looked.fetch_add(1, Ordering::AcqRel);
                tokio::task::yield_now().await;
            }
            was_revoked
        });
    }
    for swap in 0..SWAPS {
        if swap == SWAPS / 2 {
            let reason = RevocationReason::KeyCompromise;
            world.authority.revoke(KIND, world.certificate().serial(), reason, seconds(-100)).unwrap();
        }
        world.authority.publish(seconds(swap - 100)).unwrap();
        for renewed in revocation.refresh().await {
            assert!(renewed.outcome.is_ok(), "{:?}", renewed.outcome);
        }
        swapped.store(swap >= SWAPS / 2, Ordering::Release);
        // Everybody has looked at this list, too.
        let seen = looked.load(Ordering::Acquire);
        while looked.load(Ordering::Acquire) < seen + 2 * LOOKERS && !lookers.is_empty() {
            tokio::task::yield_now().await;
            assert!(lookers.try_join_next().is_none(), "a look-up failed");
        }
    }
    ended.store(true, Ordering::Release);
    let mut all = Vec::new();
    while let Some(was_revoked) = lookers.join_next().await {
        all.push(was_revoked.unwrap());
    }
    assert_eq!(all, [true; LOOKERS]);
}
