//! A party that the demo has started does not outlive it, even where the demo was killed.

use std::io::{self, Read};

use rustix::process::{Signal, getpid, kill_process};

/// From now on this process gets SIGTERM when its standard input ends. The demo holds the other end and never writes.
///
/// # Errors
/// No thread is to be had.
pub fn end_with_standard_input() -> io::Result<()> {
    let watch = || {
        let mut octets = [0; 64];
        while let Ok(1..) = io::stdin().lock().read(&mut octets) {}
        let _ = kill_process(getpid(), Signal::TERM);
    };
    std::thread::Builder::new().name("lifeline".to_owned()).spawn(watch).map(drop)
}
