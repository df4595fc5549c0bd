//! ③ from outside: everything that can be wrong with a proof, a list, an answer, or evidence.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

#[path = "../../../jpki/tests/support/mod.rs"]
mod issue;
#[path = "../../../jpki/tests/certificate_profile/table/mod.rs"]
mod table;

use issue as support;

mod answer;
mod answer_windows;
mod answers;
mod clearing;
mod damage;
mod documents;
mod evidence;
#[path = "../../src/judgement/lattice.rs"]
mod lattice;
mod list;
mod list_rules;
mod lists;
mod misuse;
mod profile;
mod proving;
mod published;
mod remembered;
mod responders;
mod shelf;
mod streams;
mod world;
