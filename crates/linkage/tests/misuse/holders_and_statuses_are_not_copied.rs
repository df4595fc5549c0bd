fn copy<T: Clone>(_: &T) {}

fn keep(
    proven: &enishi_verify::ProvenHolder,
    verified: &enishi_verify::VerifiedHolder,
    status: &enishi_verify::RevocationStatus,
) {
    copy(proven);
    copy(verified);
    copy(status);
}

fn main() {}
