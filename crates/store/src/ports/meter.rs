//! Look-ups of revocation, counted in the right of the verifier that answers for them (slides 13 and 17).

use async_trait::async_trait;
use enishi_linkage::{Lookup, LookupMethod, Meter, StoreFault};
use enishi_party::Timestamp;

use super::clock_value::hour;
use super::column::run;
use crate::session::Session;
use crate::store::Store;

#[async_trait]
impl Meter for Store {
    async fn record(&self, lookup: &Lookup, now: Timestamp) -> Result<(), StoreFault> {
        let lookup = lookup.clone();
        let write = move |session: &dyn Session| {
            let method = match lookup.method {
                LookupMethod::Crl => "crl",
                LookupMethod::Ocsp => "ocsp",
            };
            run(
                session,
                "INSERT INTO lookups (verifier, hour, purpose, method, count) VALUES (?1, ?2, ?3, ?4, 1)
                 ON CONFLICT (verifier, hour, purpose, method) DO UPDATE SET count = lookups.count + 1",
                (lookup.verifier.as_str(), hour(now), lookup.purpose.word(), method),
            )
        };
        self.relay.write(write).await.map(|_| ())
    }
}
