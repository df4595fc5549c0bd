//! ③ from outside: everything that can be wrong with a proof, a list, an answer, or evidence.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "test material of our own making")]

#[path = "../../../jpki/tests/support/mod.rs"]
mod issue;

mod answer;
mod answers;
mod clearing;
mod damage;
mod documents;
mod evidence;
mod list;
mod lists;
mod misuse;
mod proving;
mod published;
mod shelf;
mod world;
