//! The interface descriptions of every server: checked in, sound, and as strict as the parsers.

use enishi_testkit::Contract;
use serde_json::Value;

mod checked_in;
mod sound;
mod strict;

/// A document, under the name of its file.
struct Described {
    name: &'static str,
    document: Value,
}

fn all() -> [Described; 3] {
    [
        Described { name: "relay", document: enishi_server::openapi() },
        Described { name: "provider", document: enishi_provider::openapi() },
        Described { name: "authority", document: enishi_authority::openapi() },
    ]
}

fn contracts() -> Vec<(&'static str, Contract)> {
    all().into_iter().map(|its| (its.name, Contract::new(its.document))).collect()
}
