//! The look-up meter; what it counted is read by each backend's own tests.

use enishi_linkage::{Lookup, LookupMethod, Purpose};

use crate::sample::{provider, start};
use crate::stores::Stores;

pub(crate) async fn look_ups_are_taken(stores: &dyn Stores) {
    let meter = stores.open().meter;
    for method in [LookupMethod::Crl, LookupMethod::Ocsp] {
        for purpose in [Purpose::Payment, Purpose::Enrolment] {
            let lookup = Lookup { verifier: provider("bank-y"), purpose, method };
            assert_eq!(meter.record(&lookup, start()).await, Ok(()));
            assert_eq!(meter.record(&lookup, start()).await, Ok(()));
        }
    }
}
