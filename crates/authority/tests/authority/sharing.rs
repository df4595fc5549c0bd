//! One register, several processes: operators' commands beside the service.

use std::{collections::BTreeSet, thread};

use enishi_authority::{Authority, AuthorityError, RevocationReason};
use enishi_jpki::{Carrier, CertKind};

use crate::world::{NOW, World, at, keys, person};

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

#[test]
fn a_register_of_the_first_schema_is_brought_to_the_second_by_whoever_comes_first() {
    let world = World::new();
    let issued = world.card("resident-1");
    let folder = world.folder().to_owned();
    let file = rusqlite::Connection::open(folder.join("authority.sqlite")).unwrap();
    file.execute_batch("DROP TABLE citizens; UPDATE settings SET schema = 1").unwrap();
    drop(file);
    let opened: Vec<_> = (0..4)
        .map(|_| {
            let folder = folder.clone();
            thread::spawn(move || Authority::open(&folder).map(drop))
        })
        .collect();
    for opened in opened {
        opened.join().unwrap().unwrap();
    }
    let refused = world.authority.citizen_of(&issued.auth_serial);
    assert!(matches!(refused, Err(AuthorityError::NoRecord)), "{refused:?}");
    let known = world.card("resident-2");
    assert!(world.authority.citizen_of(&known.auth_serial).is_ok());
    let unknown = world.authority.citizen_of(&known.signing.unwrap().serial);
    assert!(matches!(unknown, Err(AuthorityError::NeverIssued(_))), "{unknown:?}");
}
