use enishi_linkage::{Candidate, Meter, Proxy, RevocationSource};

async fn twice(
    candidate: Candidate<Proxy>,
    source: &dyn RevocationSource,
    meter: &dyn Meter,
    now: enishi_party::Timestamp,
) {
    let _ = candidate.clear(source, meter, now).await;
    let _ = candidate.clear(source, meter, now).await;
}

fn main() {}
