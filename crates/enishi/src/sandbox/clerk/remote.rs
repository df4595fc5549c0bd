//! The demo's end of the line to a terminal in a process of its own.

use std::os::unix::net::UnixStream as StdUnixStream;
use std::path::PathBuf;

use enishi_party::IntentId;
use enishi_terminal::{Consent, Holder, Sale};
use serde::Serialize;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;

use super::lines::{Answer, Asked, Order, Said};
use super::{Recording, Registered, Sold};
use crate::sandbox::SandboxError;

/// Above the longest that is said: a recorded request.
const LINE_OCTETS_MAX: u64 = 1024 * 1024;

/// Tells a clerk in another process what to do, and answers for the holder.
pub(crate) struct RemoteClerk {
    line: BufReader<UnixStream>,
}

impl RemoteClerk {
    /// Waits until the terminal is open.
    pub(crate) async fn meet(line: StdUnixStream) -> Result<Self, SandboxError> {
        line.set_nonblocking(true)?;
        let mut clerk = Self { line: BufReader::new(UnixStream::from_std(line)?) };
        match clerk.hear().await? {
            Said::Ready => Ok(clerk),
            other => Err(unexpected(other)),
        }
    }

    pub(crate) async fn refill(&mut self) -> Result<(), SandboxError> {
        match self.order(&Order::Refill, None).await? {
            Said::Refilled => Ok(()),
            other => Err(unexpected(other)),
        }
    }

    pub(crate) async fn pay(
        &mut self,
        card: PathBuf,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Sold, SandboxError> {
        match self.order(&Order::Pay { card, sale: sale.into() }, Some(holder)).await? {
            Said::Sold(sold) => Ok(sold),
            other => Err(unexpected(other)),
        }
    }

    /// A purchase up to the point where it would be sent.
    pub(crate) async fn prepare(
        &mut self,
        card: PathBuf,
        sale: &Sale,
        holder: &mut dyn Holder,
    ) -> Result<Recording, SandboxError> {
        match self.order(&Order::Prepare { card, sale: sale.into() }, Some(holder)).await? {
            Said::Prepared(recording) => Ok(recording),
            other => Err(unexpected(other)),
        }
    }

    /// Sends what was prepared last.
    pub(crate) async fn submit(&mut self) -> Result<String, SandboxError> {
        match self.order(&Order::Submit, None).await? {
            Said::Submitted(came) => Ok(came),
            other => Err(unexpected(other)),
        }
    }

    pub(crate) async fn enrol(
        &mut self,
        card: PathBuf,
        intent: IntentId,
        holder: &mut dyn Holder,
    ) -> Result<Registered, SandboxError> {
        match self.order(&Order::Enrol { card, intent }, Some(holder)).await? {
            Said::Registered(registered) => Ok(registered),
            other => Err(unexpected(other)),
        }
    }

    async fn order(
        &mut self,
        order: &Order,
        mut holder: Option<&mut dyn Holder>,
    ) -> Result<Said, SandboxError> {
        self.say(order).await?;
        loop {
            match (self.hear().await?, &mut holder) {
                (Said::Asks(asked), Some(holder)) => {
                    let answer = answer(asked, *holder);
                    self.say(&answer).await?;
                }
                (said, _) => return Ok(said),
            }
        }
    }

    async fn say(&mut self, what: &impl Serialize) -> Result<(), SandboxError> {
        let mut line = serde_json::to_vec(what).map_err(|error| SandboxError::Making(error.to_string()))?;
        line.push(b'\n');
        self.line.get_mut().write_all(&line).await?;
        Ok(())
    }

    async fn hear(&mut self) -> Result<Said, SandboxError> {
        let mut line = Vec::new();
        (&mut self.line).take(LINE_OCTETS_MAX).read_until(b'\n', &mut line).await?;
        if line.pop() != Some(b'\n') {
            return Err(SandboxError::Making("the terminal's process said nothing more".to_owned()));
        }
        serde_json::from_slice(&line)
            .map_err(|error| SandboxError::Making(format!("the terminal's process: {error}")))
    }
}

fn answer(asked: Asked, holder: &mut dyn Holder) -> Answer {
    match asked {
        Asked::AuthPin { purpose, tries } => {
            Answer::entered(holder.auth_pin(&purpose.shown(tries)).as_ref().map(|pin| pin.expose_bytes()))
        }
        Asked::Choice(entries) => Answer::Chosen(holder.choose(&entries)),
        Asked::IssuerPin => Answer::entered(holder.issuer_pin().as_ref().map(|pin| pin.expose_digits())),
        Asked::Consent(terms) => match holder.consent(&terms) {
            Consent::Yes => Answer::Agreed,
            Consent::No => Answer::NotAgreed,
        },
        Asked::SigningPassword(tries) => Answer::entered(
            holder.signing_password(tries.into()).as_ref().map(|password| password.expose_bytes()),
        ),
    }
}

fn unexpected(said: Said) -> SandboxError {
    SandboxError::Making(match said {
        Said::Failed(why) => why,
        _ => "the terminal's process answered something else".to_owned(),
    })
}
