//! Our card in other people's readers, other people's software at our card, and our terminal among them.
//!
//! The card is the software card, plugged into vsmartcard's virtual reader below pcscd. `cargo xtask test --suite cards`
//! gives each run namespaces of its own; started otherwise, every test says that it was not run.

// `cfg(test)` on a module is what lets Clippy see that its helpers are tests, too.
#[cfg(test)]
mod blocked;
#[cfg(test)]
mod cards;
#[cfg(test)]
mod coming_and_going;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod figures;
#[cfg(test)]
mod held;
#[cfg(test)]
mod jpki_cli;
#[cfg(test)]
mod opensc;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod pcscd;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod pulled;
#[cfg(test)]
mod purchases;
#[cfg(test)]
mod tapped_again;
