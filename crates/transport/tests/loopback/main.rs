//! Parties on loopback, on ports that the kernel chooses: real sockets, real TLS, and no assertion about time.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "what fails here is a failed test, in helpers too"
)]

mod https;
mod https_client;
mod iso;
mod iso_faults;
mod iso_support;
mod ops;
mod plain_http;
mod support;
mod tls;
