//! Other people's programs, asked in the same run. Whatever is not there is no peer.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Instant;

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

/// How many certificates `openssl verify` checks in a second against one authority, its own start taken off.
pub(crate) fn openssl_verify(authority: &Path, certificate: &Path) -> Option<f64> {
    const CERTIFICATES: u32 = 2_000;
    let check = |copies: u32| {
        let mut command = Command::new("openssl");
        command.args(["verify", "-CAfile"]).arg(authority);
        command.args((0..copies).map(|_| certificate));
        let begun = Instant::now();
        run(&mut command)?;
        Some(begun.elapsed().as_secs_f64())
    };
    let (start, all) = (check(1)?, check(CERTIFICATES.saturating_add(1))?);
    (all > start).then(|| f64::from(CERTIFICATES) / (all - start))
}

/// How long `openssl crl` takes for a list, its own start taken off, and the most memory that it held, in octets.
pub(crate) fn openssl_crl(list: &Path) -> Option<(f64, Option<f64>)> {
    let begun = Instant::now();
    run(Command::new("openssl").arg("version"))?;
    let start = begun.elapsed().as_secs_f64();
    let mut command = Command::new("openssl");
    command.args(["crl", "-inform", "DER", "-noout", "-in"]).arg(list);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let begun = Instant::now();
    let mut child = command.spawn().ok()?;
    let mut most = None;
    let status = loop {
        if let Some(status) = child.try_wait().ok()? {
            break status;
        }
        most = memory(child.id(), "VmHWM").or(most);
        std::thread::sleep(std::time::Duration::from_millis(1));
    };
    let spent = begun.elapsed().as_secs_f64();
    status.success().then(|| ((spent - start).max(f64::EPSILON), most))
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
