//! The targets under libFuzzer; `ENISHI_FUZZ_TARGET` names the one. Run by `cargo xtask fuzz`.
#![no_main]

use std::sync::OnceLock;

use enishi_fuzz::{Target, target};

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("ENISHI_FUZZ_TARGET").unwrap_or_default();
        target(&name).unwrap_or_else(|| {
            eprintln!("ENISHI_FUZZ_TARGET names no target: {name:?}");
            std::process::exit(1)
        })
    })
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    (chosen().run)(data);
});
