//! Real readers, as far as a machine without one has them: PC/SC's service with the reader of vsmartcard, and software
//! cards in it.
//!
//! The tests start and stop that service, so they want a mount and a network namespace of their own, and fail without
//! the variable that says they have it. After `cargo test -p enishi-card --features pcsc --test pcsc --no-run`, as root:
//!
//! ```text
//! unshare -mn bash -c 'ip link set lo up; mount -t tmpfs none /run; mkdir /run/pcscd
//!     ENISHI_READERS=alone cargo test -p enishi-card --features pcsc --test pcsc'
//! ```
//!
//! Debian's packages pcscd and vsmartcard-vpcd are needed.

#[cfg(test)]
mod coming_and_going;
#[cfg(test)]
mod holding;
#[cfg(test)]
mod pulled;
#[cfg(test)]
mod service;
#[cfg(test)]
#[expect(dead_code, reason = "the software card's own suite uses the rest")]
#[path = "../suite/support.rs"]
mod support;
#[cfg(test)]
#[expect(dead_code, reason = "the software card's own suite uses the rest")]
#[path = "../suite/wire.rs"]
mod wire;
