//! What the three `serve` commands share: logs, readiness, and a stop that is clean.

use std::future::Future;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use enishi_sandbox::sandbox::{TapFile, end_with_standard_input};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::filter::LevelFilter;

use super::exit::{Exit, Failure};

/// How long what has begun may take to end after a stop was asked for.
const STOP_WITHIN: Duration = Duration::from_secs(25);

/// What every command that works on one party's configuration takes.
#[derive(Args)]
pub(crate) struct Serve {
    /// The party's configuration file.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: PathBuf,
    #[command(flatten)]
    log: Logging,
    /// Writes what this party sends and receives to this file, decrypted, and ends with standard input: for the demo,
    /// which starts it so. Refused unless the configuration says `sandbox = true`.
    #[arg(long, value_name = "FILE", hide = true)]
    sandbox_tap: Option<PathBuf>,
}

/// Where and how much is logged: always stderr.
#[derive(Args)]
pub(crate) struct Logging {
    /// How log lines look; otherwise text on a terminal and JSON elsewhere.
    #[arg(long = "log", value_enum, value_name = "FORM")]
    form: Option<LogForm>,
    /// The least level that is logged.
    #[arg(long = "log-level", value_enum, value_name = "LEVEL", default_value_t = LogLevel::Info)]
    level: LogLevel,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LogForm {
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogLevel {
    /// What somebody must look at.
    Error,
    /// What may become an error.
    Warn,
    /// What happens in the large.
    Info,
    /// Each step.
    Debug,
    /// Everything.
    Trace,
}

impl Logging {
    /// Logs hold no persons and no secrets at any level: what has either is silent in Debug.
    pub(crate) fn start(&self) {
        let level = match self.level {
            LogLevel::Error => LevelFilter::ERROR,
            LogLevel::Warn => LevelFilter::WARN,
            LogLevel::Info => LevelFilter::INFO,
            LogLevel::Debug => LevelFilter::DEBUG,
            LogLevel::Trace => LevelFilter::TRACE,
        };
        let terminal = std::io::stderr().is_terminal();
        let form = self.form.unwrap_or(if terminal { LogForm::Text } else { LogForm::Json });
        let lines = tracing_subscriber::fmt().with_writer(std::io::stderr).with_max_level(level);
        // Who has set up a subscriber already keeps it.
        let _ = match form {
            LogForm::Json => lines.json().try_init(),
            LogForm::Text => lines.with_ansi(terminal).try_init(),
        };
    }
}

/// A party that serves.
pub(crate) trait Service {
    /// Stops accepting, ends what has begun.
    fn stop(self) -> impl Future<Output = ()>;
}

impl Serve {
    /// The record of what this party sees, where the demo asked for one.
    fn tap(&self) -> Result<Option<Arc<TapFile>>, Failure> {
        let Some(file) = &self.sandbox_tap else { return Ok(None) };
        let tap = TapFile::create(file, &self.config)?;
        end_with_standard_input()
            .map_err(|error| Failure::surroundings(format!("no thread to watch standard input: {error}")))?;
        Ok(Some(Arc::new(tap)))
    }

    /// Runs a service until SIGTERM or SIGINT; a second signal ends it at once.
    pub(crate) fn run<S: Service>(
        self,
        party: &'static str,
        start: impl AsyncFnOnce(PathBuf, Option<Arc<TapFile>>) -> Result<S, Failure>,
    ) -> Result<Exit, Failure> {
        self.log.start();
        let tap = self.tap()?;
        runtime()?.block_on(async {
            let failed = |error: std::io::Error| Failure::surroundings(format!("signals: {error}"));
            let mut signals = Signals::watch().map_err(failed)?;
            let service = tokio::select! {
                started = start(self.config, tap) => started?,
                () = signals.one() => return Ok(Exit::Done),
            };
            tracing::info!("{party} serves until SIGTERM");
            say!("{party} ready");
            // Without a service manager (NOTIFY_SOCKET) these do nothing.
            tell_manager(sd_notify::NotifyState::Ready);
            signals.one().await;
            tell_manager(sd_notify::NotifyState::Stopping);
            tracing::info!("{party} stops: what has begun is ended");
            tokio::select! {
                () = service.stop() => {
                    tracing::info!("{party} has stopped");
                    Ok(Exit::Done)
                }
                () = signals.one() => Err(Failure::surroundings("stopped at once by a second signal; what had begun was cut off")),
                () = tokio::time::sleep(STOP_WITHIN) => Err(Failure::surroundings(format!(
                    "what had begun did not end within {} s and was cut off", STOP_WITHIN.as_secs()
                ))),
            }
        })
    }
}

/// A runtime for a command that waits for others.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::surroundings(format!("the runtime does not start: {error}")))
}

fn tell_manager(state: sd_notify::NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "the service manager was not told");
    }
}

/// SIGTERM from a service manager, SIGINT from a keyboard.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on the signals end no process by themselves.
    fn watch() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn one(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
