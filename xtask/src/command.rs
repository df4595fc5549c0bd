//! Running other programs: shown, read, or both.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use crate::error::TaskError;

/// Which of a program's two outputs is read; the other goes to the terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Output,
    Error,
}

/// Runs a program that says on the terminal what it has to say.
pub(crate) fn show(mut command: Command) -> Result<ExitStatus, TaskError> {
    command.stdin(Stdio::null()).status().map_err(|source| cannot_start(&command, source))
}

/// Runs a program that must succeed.
pub(crate) fn must(command: Command) -> Result<(), TaskError> {
    let line = line_of(&command);
    let status = show(command)?;
    if status.success() { Ok(()) } else { Err(TaskError::Failed { command: line, status }) }
}

/// The output of a program that must succeed.
pub(crate) fn read(mut command: Command) -> Result<String, TaskError> {
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|source| cannot_start(&command, source))?;
    if !output.status.success() {
        return Err(TaskError::Failed { command: line_of(&command), status: output.status });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a program, writes one of its outputs to a log, and hands over each line of it as it comes.
pub(crate) fn follow(
    mut command: Command,
    channel: Channel,
    log: &Path,
    mut line: impl FnMut(&str),
) -> Result<ExitStatus, TaskError> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(TaskError::file(folder))?;
    }
    let mut kept = File::create(log).map_err(TaskError::file(log))?;
    command.stdin(Stdio::null());
    match channel {
        Channel::Output => command.stdout(Stdio::piped()),
        Channel::Error => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().map_err(|source| cannot_start(&command, source))?;
    let pipe: Box<dyn std::io::Read> = match (child.stdout.take(), child.stderr.take()) {
        (Some(output), _) => Box::new(output),
        (None, Some(error)) => Box::new(error),
        (None, None) => Box::new(std::io::empty()),
    };
    let mut reader = BufReader::new(pipe);
    let mut octets = Vec::new();
    // Octets, not text: what a fuzzed program prints need not be UTF-8.
    while reader.read_until(b'\n', &mut octets).map_err(TaskError::file(log))? > 0 {
        kept.write_all(&octets).map_err(TaskError::file(log))?;
        line(String::from_utf8_lossy(&octets).trim_end());
        octets.clear();
    }
    child.wait().map_err(|source| cannot_start(&command, source))
}

fn cannot_start(command: &Command, source: std::io::Error) -> TaskError {
    TaskError::Start { program: command.get_program().to_string_lossy().into_owned(), source }
}

fn line_of(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::{Channel, follow, must, read};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_failing_command_is_an_error_with_its_line() {
        let error = must(shell("exit 3")).unwrap_err().to_string();
        assert!(error.contains("sh -c exit 3") && error.contains('3'), "{error}");
        assert!(read(shell("exit 3")).is_err());
    }

    #[test]
    fn lines_come_one_by_one_and_are_kept() {
        let log = std::env::temp_dir().join(format!("xtask-follow-{}", std::process::id()));
        let mut lines = Vec::new();
        let status = follow(shell("printf 'a\\nb \\n\\377'; exit 1"), Channel::Output, &log, |line| {
            lines.push(line.to_owned())
        })
        .unwrap();
        let kept = std::fs::read(&log).unwrap();
        std::fs::remove_file(&log).unwrap();
        assert_eq!(lines, ["a", "b", "\u{fffd}"]);
        assert_eq!(kept, b"a\nb \n\xff");
        assert!(!status.success());
    }
}
