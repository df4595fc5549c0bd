use enishi_verify::{ProvenHolder, RevocationStatus, VerifiedHolder};

fn forge(proven: ProvenHolder) {
    let _ = VerifiedHolder { proven };
    let _ = ProvenHolder {};
    let _ = RevocationStatus {};
}

fn main() {}
