//! Revocation lists and OCSP answers, as they come and signed again.

use enishi_verify::{Crl, Limits, check_ocsp};

use crate::{Reading, world};

/// The input as it is, and as the signed part of a list of the authority's.
pub(crate) fn list(data: &[u8]) -> Reading {
    let mut understood = false;
    let limits = Limits { crl_octets_max: 1 << 20, crl_entries_max: 1 << 12, ..Limits::default() };
    let world = world::get();
    for der in [data.to_vec(), world.sign(data)] {
        let Ok(list) = Crl::accept(&der, &world.authority, None, &limits, world::now()) else { continue };
        understood = true;
        assert!(list.this_update() <= list.next_update(), "a list that ends before it begins");
        let _ = list.status(world.holder.serial());
        // The same list again is no step back, and no step forward either.
        drop(Crl::accept(&der, &world.authority, Some(&list), &limits, world::now()));
    }
    Reading::of(understood)
}

/// The input as it is, and as the signed part of an answer of the authority's own.
pub(crate) fn answer(data: &[u8]) -> Reading {
    let limits = Limits::default();
    let world = world::get();
    let request = world.ocsp_request();
    let answers = [data.to_vec(), world::ocsp_response(&world.sign(data))];
    let checked =
        answers.map(|der| check_ocsp(&der, &request, &world.authority, &limits, world::now()).is_ok());
    Reading::of(checked.contains(&true))
}
