//! A person at a terminal: a command on a pseudo-terminal, or behind pipes as a program runs it.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, SpecialCodeIndex, tcgetattr};

use crate::child::ENISHI;

const PATIENCE: Duration = Duration::from_secs(60);

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Runs a command to its end with these lines on its stdin, which is no terminal.
pub(crate) fn piped(arguments: &[&str], lines: &str) -> Said {
    let mut child = Command::new(ENISHI)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that asks nothing may have ended before.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    let output = child.wait_with_output().unwrap();
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A command on a pseudo-terminal.
pub(crate) struct Console {
    child: Child,
    near: File,
    heard: Receiver<Vec<u8>>,
    said: String,
    seen: usize,
}

impl Console {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let near = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&near).unwrap();
        unlockpt(&near).unwrap();
        let name = ptsname(&near, Vec::new()).unwrap().into_string().unwrap();
        let far = File::options().read(true).write(true).open(Path::new(&name)).unwrap();
        let mut command = Command::new(ENISHI);
        command.args(arguments);
        command.stdin(far.try_clone().unwrap()).stdout(far.try_clone().unwrap()).stderr(far);
        let child = command.spawn().unwrap();
        drop(command);
        let near = File::from(near);
        let mut from = near.try_clone().unwrap();
        let (sender, heard) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(read @ 1..) = from.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, near, heard, said: String::new(), seen: 0 }
    }

    /// Waits until the words stand on the screen, behind those that were waited for before.
    pub(crate) fn until(&mut self, words: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.said[self.seen..].find(words) {
                self.seen += at + words.len();
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.heard.recv_timeout(left) {
                Ok(octets) => self.said.push_str(&String::from_utf8_lossy(&octets)),
                Err(_) => panic!("not {words:?} on the screen: {}", self.said),
            }
        }
    }

    /// Types a line.
    pub(crate) fn enter(&mut self, line: &str) {
        self.near.write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Whether the terminal shows what is typed.
    pub(crate) fn echoes(&self) -> bool {
        tcgetattr(&self.near).unwrap().local_modes.contains(LocalModes::ECHO)
    }

    /// Whether Ctrl-Z stops what runs here, and leaves the terminal as it then is.
    pub(crate) fn can_be_suspended(&self) -> bool {
        tcgetattr(&self.near).unwrap().special_codes[SpecialCodeIndex::VSUSP] != 0
    }

    /// What Ctrl-C sends.
    pub(crate) fn interrupt(&self) {
        self.signal(Signal::INT);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end: the exit code, and everything that stood on the screen.
    pub(crate) fn end(mut self) -> (Option<i32>, String) {
        let deadline = Instant::now() + PATIENCE;
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code();
            }
            assert!(Instant::now() < deadline, "still running: {}", self.said);
            std::thread::sleep(Duration::from_millis(5));
        };
        while let Ok(octets) = self.heard.recv_timeout(Duration::from_millis(200)) {
            self.said.push_str(&String::from_utf8_lossy(&octets));
        }
        (code, std::mem::take(&mut self.said))
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
