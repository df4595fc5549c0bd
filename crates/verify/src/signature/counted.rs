//! How many signatures were verified: a figure for tests about work, in tests only.

use std::cell::Cell;

thread_local! {
    static VERIFIED: Cell<usize> = const { Cell::new(0) };
}

pub(super) fn one() {
    VERIFIED.with(|verified| verified.set(verified.get() + 1));
}

/// How many signatures `work` verified on this thread.
pub(crate) fn during(work: impl FnOnce()) -> usize {
    let before = VERIFIED.with(Cell::get);
    work();
    VERIFIED.with(Cell::get) - before
}
