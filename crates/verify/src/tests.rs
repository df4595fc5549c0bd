//! What can be counted only from inside: the work that hostile input costs.
//!
//! The material is that of the tests from outside, which is why its files are named here.

#[path = "../tests/verify/answer.rs"]
pub(crate) mod answer;
#[path = "../../jpki/tests/support/mod.rs"]
#[expect(dead_code, reason = "the tests from outside use the rest")]
pub(crate) mod issue;
#[path = "../tests/verify/list.rs"]
#[expect(dead_code, reason = "the tests from outside use the rest")]
pub(crate) mod list;
#[path = "../tests/verify/world.rs"]
#[expect(dead_code, reason = "the tests from outside use the rest")]
pub(crate) mod world;

mod work;
