//! ③ against the corpora of others: x509-limbo and Wycheproof, where `ENISHI_VECTORS` says where they lie.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a corpus that cannot be read fails the test"
)]

mod limbo;
mod lines;
mod openssl;
mod ours;
mod vectors;
mod wycheproof;
