//! Other people's programs, asked in the same run. Whatever is not there is no peer.

use std::fs;
use std::process::{Command, Output, Stdio};

use crate::machine::field;

/// RSA-2048 as `openssl speed` tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Speed {
    pub(crate) verify_per_second: f64,
    pub(crate) sign_per_second: f64,
}

pub(crate) fn openssl_speed() -> Option<Speed> {
    let output = run(Command::new("openssl").args(["speed", "-seconds", "1", "rsa2048"]))?;
    read_speed(&String::from_utf8_lossy(&output.stdout))
}

fn read_speed(text: &str) -> Option<Speed> {
    let line = text.lines().rev().find(|line| line.starts_with("rsa"))?;
    let mut words = line.split_whitespace().rev();
    let verify_per_second = words.next()?.parse().ok()?;
    let sign_per_second = words.next()?.parse().ok()?;
    Some(Speed { verify_per_second, sign_per_second })
}

/// A figure of a process's memory, in octets.
pub(crate) fn memory(process: u32, name: &str) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let kilo: f64 = field(&text, name)?.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kilo * 1024.0)
}

fn run(command: &mut Command) -> Option<Output> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then_some(output)
}

#[cfg(test)]
mod tests {
    use super::read_speed;

    #[test]
    fn the_last_line_of_the_speed_table_is_read() {
        let text = "version: 3.0\n                  sign    verify    sign/s verify/s\n\
                    rsa 2048 bits 0.000373s 0.000019s   2678.0  52545.0\n";
        let speed = read_speed(text).unwrap();
        assert_eq!((speed.sign_per_second, speed.verify_per_second), (2678.0, 52545.0));
        assert!(read_speed("rsa: no such algorithm").is_none());
        assert!(read_speed("").is_none());
    }
}
