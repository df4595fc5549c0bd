//! Writes the fixtures and the seeds of the corpora anew: `cargo xtask fuzz --seeds`.
//!
//! Keys are random, so every run writes other bytes; findings that were added to a corpus by hand stay where they are.

mod bodies;
mod cards;
mod conformance;
mod issued;
mod messages;
mod revocation;

use std::error::Error;
use std::fs;

use enishi_fuzz::world;

/// What a step hands back; there is nobody to handle a fault here.
type Done<T> = Result<T, Box<dyn Error>>;

fn main() -> Done<()> {
    // Fixtures first: the others stand on them.
    let issued = issued::Issued::make()?;
    issued.write_fixtures()?;
    issued.write_seeds()?;
    revocation::write()?;
    conformance::write()?;
    bodies::write()?;
    cards::write()?;
    messages::write()?;
    fs::remove_dir_all(world::folder())?;
    Ok(())
}

/// A seed of a target.
fn seed(target: &str, name: &str, octets: impl AsRef<[u8]>) -> Done<()> {
    let folder = world::corpus().join(target);
    fs::create_dir_all(&folder)?;
    Ok(fs::write(folder.join(name), octets)?)
}

/// A file that targets read.
fn fixture(name: &str, octets: impl AsRef<[u8]>) -> Done<()> {
    fs::create_dir_all(world::fixtures())?;
    Ok(fs::write(world::fixtures().join(name), octets)?)
}
