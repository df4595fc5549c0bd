//! A small world on one machine: an authority, a relay, two card companies, two shops and their customers.
//!
//! Everything is made for one run: keys, certificates, software cards, invented people. Each party has its own folder,
//! keys, TLS identity and sockets.

mod app_client;
mod blueprint;
mod capture;
mod clerk;
mod company_line;
mod counter;
mod identifier;
mod intruder;
mod lie;
mod lifeline;
mod needle;
mod operator;
mod outcome;
mod parties;
mod people;
mod process;
mod processes;
mod seen;
mod setup;
mod sockets;
mod tap_file;
mod town;
mod town_of_processes;
mod wire_tap;

pub use app_client::{AppClient, AppError};
pub use blueprint::{Blueprint, Company, Places, SandboxError, Shop};
pub use capture::{Capture, Party};
pub use clerk::{Recording, Sold, serve_clerk};
pub use counter::Enrolled;
pub use lie::HonestLink;
pub use lifeline::end_with_standard_input;
pub use needle::{Item, Needle};
pub use outcome::of_outcome;
pub use people::{Account, Person, PersonKey};
pub use processes::Processes;
pub use seen::Seen;
pub use setup::{CARD_AUTH_PIN, CARD_SIGNING_PASSWORD, LimitsChoice, SetupOptions, set_up_on_disk};
pub use sockets::RelayPlace;
pub use tap_file::TapFile;
pub use town::{Town, TownOptions};
pub use town_of_processes::ProcessTownOptions;
pub use wire_tap::{Cable, CableMode};
