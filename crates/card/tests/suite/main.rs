//! The software card against its table of commands, its clients' habits and the driver of `myna-card`; the session
//! against the software card and against cards that lie.

// `cfg(test)` on a module is what lets Clippy see that its helpers are tests, too.
#[cfg(test)]
mod client_recipes;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod driver;
#[cfg(test)]
mod face;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod pins;
#[cfg(test)]
mod session;
#[cfg(test)]
mod signatures;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod support;
#[cfg(test)]
mod vpcd;
#[cfg(test)]
mod wire;
