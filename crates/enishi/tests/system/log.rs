//! Everything that all parties of this process log, at the finest level, in a file.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use enishi_sandbox::sandbox::Party;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::haystack::Haystack;

static SINK: Mutex<Option<File>> = Mutex::new(None);
static ONCE: Once = Once::new();

/// A log that ends when it is dropped.
pub(crate) struct WholeLog;

impl WholeLog {
    /// From now on, into this file. One at a time: whoever calls is [`alone`](crate::world::alone).
    pub(crate) fn into_file(path: &Path) -> Self {
        *SINK.lock().unwrap_or_else(PoisonError::into_inner) = Some(File::create(path).unwrap());
        ONCE.call_once(|| {
            // Threads of the runtime and of the stores write as well: it must be the process's own subscriber.
            tracing_subscriber::fmt()
                .json()
                .with_max_level(tracing::Level::TRACE)
                .with_span_events(FmtSpan::FULL)
                .with_writer(ToSink)
                .init();
        });
        Self
    }
}

impl Drop for WholeLog {
    fn drop(&mut self) {
        *SINK.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// What the processes of one party logged.
pub(crate) fn logs_of(root: &Path, party: Party) -> Vec<Haystack> {
    let names: &[&str] = match party {
        Party::Terminal => &["terminal-books", "terminal-coffee"],
        Party::Relay => &["relay"],
        Party::CompanyA => &["company-a"],
        Party::CompanyB => &["company-b"],
        Party::Authority => &["authority"],
    };
    let logs = names.iter().map(|name| {
        let file = root.join("logs").join(format!("{name}.log"));
        Haystack::new(file.display().to_string(), std::fs::read(file).unwrap())
    });
    logs.collect()
}

struct ToSink;

impl MakeWriter<'_> for ToSink {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl Write for ToSink {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if let Some(file) = &mut *SINK.lock().unwrap_or_else(PoisonError::into_inner) {
            file.write_all(octets)?;
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
