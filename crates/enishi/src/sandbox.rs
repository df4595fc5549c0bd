//! A small world on one machine: an authority, a relay, two card companies, two shops and their customers.
//!
//! Everything is made for one run: keys, certificates, software cards, invented people. Each party has its own folder,
//! keys, TLS identity and sockets.

mod app_client;
mod blueprint;
mod capture;
mod company_line;
mod identifier;
mod lie;
mod needle;
mod people;
mod setup;
mod sockets;
mod town;
mod wire_tap;

pub use app_client::{AppClient, AppError};
pub use blueprint::{Blueprint, Company, Places, SandboxError, Shop};
pub use capture::{Capture, Party};
pub use lie::HonestLink;
pub use needle::{Item, Needle};
pub use people::{Account, Person, PersonKey};
pub use setup::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, LimitsChoice, SetupOptions};
pub use sockets::RelayPlace;
pub use town::{Enrolled, Town, TownOptions};
pub use wire_tap::{Cable, CableMode};
