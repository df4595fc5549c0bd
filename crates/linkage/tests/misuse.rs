//! Code that must not compile: what the types keep apart under 代行 and 委託.

#[test]
fn the_walls_between_the_models_hold() {
    trybuild::TestCases::new().compile_fail("tests/misuse/*.rs");
}
