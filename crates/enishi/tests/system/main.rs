//! The whole system, as its users and its enemies meet it.
//!
//! `ENISHI_KILLS` says how often the tests of crashes kill (20 by default, 200 for a soak); `ENISHI_SEED` repeats a run's
//! random moments, which each such test prints.

// `cfg(test)` on a module is what lets Clippy see that its helpers are tests, too.
#[cfg(test)]
mod books;
#[cfg(test)]
mod child;
#[cfg(test)]
mod cli_card;
#[cfg(test)]
mod cli_config;
#[cfg(test)]
mod cli_conformance;
#[cfg(test)]
mod cli_enrol;
#[cfg(test)]
mod cli_reference;
#[cfg(test)]
mod cli_serve;
#[cfg(test)]
mod cli_terminal;
#[cfg(test)]
mod cli_world;
#[cfg(test)]
mod console;
#[cfg(test)]
mod day;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod enemy;
#[cfg(test)]
mod haystack;
#[cfg(test)]
mod honest;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod kill_relay;
#[cfg(test)]
mod kill_terminal;
#[cfg(test)]
mod leaks;
#[cfg(test)]
mod log;
#[cfg(test)]
mod openapi;
#[cfg(test)]
mod operator_pages;
#[cfg(test)]
mod parties;
#[cfg(test)]
mod privacy_matrix;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod random;
#[cfg(test)]
mod world;
