//! One register, several processes: operators' commands beside the service.

use std::{collections::BTreeSet, path::Path, thread};

use enishi_authority::{Authority, AuthorityError, RevocationReason};
use enishi_jpki::{AuthCertificate, Carrier, CertKind, Profile};

use crate::{
    partitions::point_sha256,
    responder::{basic, request, sha1},
    world::{NOW, World, at, keys, person},
};

const AUTH: CertKind = CertKind::Authentication;
/// Certificates that each issues.
const EACH: usize = 12;

#[test]
fn numbers_and_lists_stay_in_one_line_when_four_work_on_one_register() {
    let world = World::new();
    let (_, key_id) = world.issuer(AUTH);
    let workers: Vec<_> = (0..4)
        .map(|worker| {
            let folder = world.folder().to_owned();
            thread::spawn(move || {
                // A connection of its own, as another process has; SQLite locks the file, not the process.
                let authority = Authority::open(&folder).unwrap();
                let key_id = issuer(&authority);
                let mut serials = Vec::new();
                let mut lists = Vec::new();
                for number in 0..EACH {
                    let citizen = person(&format!("resident-{worker}-{number}"));
                    let issued = authority.issue(&citizen, keys(worker % 3), Carrier::Card, at(NOW)).unwrap();
                    authority
                        .revoke(AUTH, &issued.auth_serial, RevocationReason::KeyCompromise, at(NOW))
                        .unwrap();
                    authority.publish_if_due(at(NOW)).unwrap();
                    authority.publish(at(NOW)).unwrap();
                    lists.push(authority.published_crl(AUTH, &key_id).unwrap().unwrap().number);
                    serials.push(issued.auth_serial);
                }
                assert!(lists.is_sorted_by(|one, next| one < next), "{lists:?}");
                serials
            })
        })
        .collect();
    let serials: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    let different: BTreeSet<_> = serials.iter().map(|serial| serial.expose_der_content().to_vec()).collect();
    assert_eq!(different.len(), 4 * EACH, "no number twice");
    // Nothing is left that the last list would not say.
    world.authority.publish(at(NOW)).unwrap();
    let list = world.authority.published_crl(AUTH, &key_id).unwrap().unwrap();
    for serial in &serials {
        let content = serial.expose_der_content();
        assert!(list.der.windows(content.len()).any(|octets| octets == content));
    }
}

/// The newest key's identifier.
fn issuer(authority: &Authority) -> enishi_jpki::KeyId {
    let newest = authority.authority_certificates().into_iter().rfind(|its| its.kind == AUTH).unwrap();
    newest.key_id
}

/// What the first two schemas had where the third has partitions and a key for each responder's certificate.
const BACK_TO_THE_SECOND: &str = "
    CREATE TABLE responders (
        kind INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        not_after INTEGER NOT NULL,
        der BLOB NOT NULL,
        PRIMARY KEY (kind, generation)
    ) STRICT;
    INSERT INTO responders SELECT kind, generation, not_before, not_after, der FROM delegates;
    DROP TABLE delegates;
    DROP TABLE partitions;
    ALTER TABLE certificates DROP COLUMN point;
    DROP TABLE points;
    UPDATE settings SET schema = 2;";

/// Four open it at once, and all go on.
fn open_by_four(folder: &Path) {
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.to_owned();
            thread::spawn(move || Authority::open(&folder).map(drop))
        })
        .collect();
    for opened in opened {
        opened.join().unwrap().unwrap();
    }
}

#[test]
fn a_register_of_the_first_schema_is_brought_to_this_one_by_whoever_comes_first() {
    let world = World::new();
    let issued = world.card("resident-1");
    let (folder, world) = world.closed();
    let file = rusqlite::Connection::open(folder.join("authority.sqlite")).unwrap();
    file.execute_batch(BACK_TO_THE_SECOND).unwrap();
    file.execute_batch("DROP TABLE citizens; UPDATE settings SET schema = 1").unwrap();
    drop(file);
    open_by_four(&folder);
    let world = world.opened();
    let refused = world.authority.citizen_of(&issued.auth_serial);
    assert!(matches!(refused, Err(AuthorityError::NoRecord)), "{refused:?}");
    let known = world.card("resident-2");
    assert!(world.authority.citizen_of(&known.auth_serial).is_ok());
    let unknown = world.authority.citizen_of(&known.signing.unwrap().serial);
    assert!(matches!(unknown, Err(AuthorityError::NeverIssued(_))), "{unknown:?}");
}

#[test]
fn a_register_of_the_second_schema_keeps_its_responder_and_learns_its_certificates_points() {
    let world = World::new();
    let issued = world.card("resident-1");
    let question = request(&[sha1(&issued.auth_ca_der, &issued.auth_serial)], &[]);
    let delegate = |world: &World| {
        let answer = basic(&world.authority.answer_ocsp(&question, at(NOW)));
        answer.certificates.unwrap().remove(0)
    };
    let before = delegate(&world);
    let (_, key_id) = world.issuer(AUTH);
    let (folder, world) = world.closed();
    let file = rusqlite::Connection::open(folder.join("authority.sqlite")).unwrap();
    file.execute_batch(BACK_TO_THE_SECOND).unwrap();
    drop(file);
    open_by_four(&folder);
    let world = world.opened();
    assert_eq!(delegate(&world), before);
    world.authority.revoke(AUTH, &issued.auth_serial, RevocationReason::KeyCompromise, at(NOW)).unwrap();
    world.authority.publish(at(NOW)).unwrap();
    let certificate = AuthCertificate::parse(&issued.auth_der, &Profile::SANDBOX).unwrap();
    let word = point_sha256(&certificate);
    let list = world.authority.published_partition(AUTH, &key_id, &word).unwrap().unwrap();
    let content = issued.auth_serial.expose_der_content();
    assert!(list.der.windows(content.len()).any(|octets| octets == content));
}
