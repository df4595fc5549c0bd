//! What every parser must survive: one function for each kind of bytes that comes from outside.
//!
//! `cargo xtask fuzz` runs them under libFuzzer, guided by coverage; plain `cargo test` replays `corpus/`. Signed
//! things are signed here after they were damaged, so that the parsers behind the signature are reached too.
//!
//! *Invariant:* a target panics for a fault of the parser and for nothing else.

mod bodies;
mod cards;
mod certificates;
mod conformance;
mod messages;
mod pin_blocks;
mod proofs;
mod responder;
mod revocation;
pub mod world;

/// One kind of input and what is done with it.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The folder of its corpus.
    pub name: &'static str,
    /// Returns on every input, or panics for a fault.
    pub run: fn(&[u8]) -> Reading,
}

/// What the parser made of an input; a corpus without any that is understood has gone stale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// Accepted, in one of the ways that the target tries.
    Understood,
    /// Refused in every way.
    Refused,
}

impl Reading {
    fn of(understood: bool) -> Self {
        if understood { Self::Understood } else { Self::Refused }
    }
}

/// All of them, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "apdu", run: cards::commands },
    Target { name: "assertion", run: bodies::assertion },
    Target { name: "bodies", run: bodies::json },
    Target { name: "card-image", run: cards::image },
    Target { name: "certificate", run: certificates::all },
    Target { name: "conformance-line", run: conformance::line },
    Target { name: "conformance-path", run: conformance::path },
    Target { name: "context", run: proofs::context },
    Target { name: "crl", run: revocation::list },
    Target { name: "evidence", run: proofs::evidence },
    Target { name: "iso8583", run: messages::decode },
    Target { name: "iso8583-frame", run: messages::deframe },
    Target { name: "nonce", run: proofs::nonce },
    Target { name: "ocsp-request", run: responder::request },
    Target { name: "ocsp-response", run: revocation::answer },
    Target { name: "pin-block", run: pin_blocks::open },
    Target { name: "token", run: proofs::token },
];

/// The target of that name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
