use serde::Serialize;

/// One thing that a party needs to serve, by name, and whether it has it. Neither names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// As `store` or `provider:sakura-card`.
    pub name: String,
    /// Whether it holds.
    #[serde(flatten)]
    pub state: CheckState,
}

/// Whether a check holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CheckState {
    /// It holds.
    Ok,
    /// The party serves, though not all that it should.
    Degraded {
        /// What is missing, and what to do.
        reason: String,
    },
    /// The party must not be asked now.
    Failed {
        /// What is missing, and what to do.
        reason: String,
    },
}

impl Check {
    /// It holds.
    pub fn ok(name: impl Into<String>) -> Self {
        Self { name: name.into(), state: CheckState::Ok }
    }

    /// The party serves, though not all that it should.
    pub fn degraded(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), state: CheckState::Degraded { reason: reason.into() } }
    }

    /// The party must not be asked now.
    pub fn failed(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { name: name.into(), state: CheckState::Failed { reason: reason.into() } }
    }

    /// Ok where there is no error, else failed with it.
    pub fn of<E: std::fmt::Display>(name: impl Into<String>, outcome: Result<(), E>) -> Self {
        match outcome {
            Ok(()) => Self::ok(name),
            Err(error) => Self::failed(name, error.to_string()),
        }
    }
}

/// The answer of `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// The worst of the checks.
    pub status: ReadyStatus,
    /// All of them, in the party's own order.
    pub checks: Vec<Check>,
}

/// Whether to send requests here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadyStatus {
    /// 200.
    Ready,
    /// 200: most of it works, and another instance would fare no better.
    Degraded,
    /// 503.
    NotReady,
}

impl From<Vec<Check>> for Readiness {
    fn from(checks: Vec<Check>) -> Self {
        let mut status = ReadyStatus::Ready;
        for check in &checks {
            match check.state {
                CheckState::Ok => {}
                CheckState::Degraded { .. } if status == ReadyStatus::Ready => status = ReadyStatus::Degraded,
                CheckState::Degraded { .. } => {}
                CheckState::Failed { .. } => status = ReadyStatus::NotReady,
            }
        }
        Self { status, checks }
    }
}
