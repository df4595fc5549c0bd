//! One connection to a provider, from TLS to its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use enishi_iso8583::{Dialect, Function, MatchKey, Message, NetworkCode, ResponseCode};
use enishi_party::PartyUri;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::in_flight::{Claim, InFlight, Stage};
use super::{IsoClientLimits, OnStray};
use crate::iso_frame::{Frame, LinkEnd, encode, read_message, write_frame};
use crate::network::{NetworkMessages, is_network_request};
use crate::{ExchangeError, NotSent};

/// Room in the queue beside the messages in flight: our network messages and our answers to the provider's.
const NETWORK_ROOM: usize = 8;

/// How often the end of what is in flight is looked for while draining.
const DRAIN_STEP: Duration = Duration::from_millis(20);

/// What all links of a client have in common.
pub(crate) struct LinkContext {
    pub(crate) party: PartyUri,
    pub(crate) dialect: &'static Dialect,
    pub(crate) limits: IsoClientLimits,
    pub(crate) network: NetworkMessages,
    pub(crate) on_stray: OnStray,
    pub(crate) signed_on: watch::Sender<Option<Arc<Link>>>,
    pub(crate) shutdown: CancellationToken,
}

/// The side of a link that exchanges hold: a queue to the writer, and the table of who waits.
pub(crate) struct Link {
    queue: mpsc::Sender<Outgoing>,
    in_flight: InFlight,
    heard_at: Mutex<Instant>,
    /// Set once our sign-on has been approved.
    approved: AtomicBool,
}

/// What the writer writes: a message that somebody waits on, or an answer of ours that nobody does.
enum Outgoing {
    Message {
        claim: Claim,
        frame: Frame,
    },
    Answer {
        frame: Frame,
    },
    /// The last: the stream is closed in order.
    Close,
}

/// Gives a claim back when its exchange ends or is dropped.
struct Withdrawal<'a> {
    in_flight: &'a InFlight,
    claim: Claim,
}

impl Drop for Withdrawal<'_> {
    fn drop(&mut self) {
        self.in_flight.withdraw(&self.claim);
    }
}

impl Link {
    /// Sends one message and waits for its answer.
    pub(crate) async fn exchange(
        &self,
        key: MatchKey,
        frame: Frame,
        limit: Duration,
    ) -> Result<Message, ExchangeError> {
        let (claim, mut answer) = self.in_flight.register(key)?;
        let _withdrawal = Withdrawal { in_flight: &self.in_flight, claim };
        self.queue.try_send(Outgoing::Message { claim, frame }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => NotSent::Busy(self.queue.max_capacity()),
            mpsc::error::TrySendError::Closed(_) => NotSent::ConnectionLost,
        })?;
        if let Ok(outcome) = timeout(limit, &mut answer).await {
            return outcome.unwrap_or(Err(ExchangeError::Unanswered));
        }
        match self.in_flight.withdraw(&claim) {
            Some(Stage::Queued) => Err(NotSent::TooLate(limit).into()),
            Some(Stage::Leaving) => Err(ExchangeError::Unanswered),
            // It ended at this very moment; the outcome lies in the channel.
            None => answer.try_recv().unwrap_or(Err(ExchangeError::Unanswered)),
        }
    }

    fn heard(&self) {
        *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn last_heard(&self) -> Instant {
        *self.heard_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Signs on and carries messages until the connection ends; says why it did, and whether it had been signed on.
pub(crate) async fn run<S>(context: &LinkContext, stream: S) -> (LinkEnd, SignOn)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (queue, queued) = mpsc::channel(context.limits.in_flight + NETWORK_ROOM);
    let link = Arc::new(Link {
        queue,
        in_flight: InFlight::new(context.limits.in_flight),
        heard_at: Mutex::new(Instant::now()),
        approved: AtomicBool::new(false),
    });
    let (reader, writer) = tokio::io::split(stream);
    let end = tokio::select! {
        end = read(context, &link, reader) => end,
        end = write(&link, writer, queued) => end,
        end = conduct(context, &link) => end,
    };
    // Nobody new first; then those who wait hear what is known.
    context.signed_on.send_replace(None);
    link.in_flight.close();
    let sign_on = if link.approved.load(Ordering::Relaxed) { SignOn::Done } else { SignOn::Never };
    (end, sign_on)
}

/// Whether a link had come to its purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignOn {
    Never,
    Done,
}

/// Sign-on, echo when idle, sign-off.
async fn conduct(context: &LinkContext, link: &Arc<Link>) -> LinkEnd {
    let signed = ask(context, link, NetworkCode::SIGN_ON, context.limits.sign_on_timeout).await;
    match signed {
        Ok(code) if code.is_approved() => {}
        Ok(code) => return LinkEnd::SignOnRefused(code),
        Err(end) => return end,
    }
    link.approved.store(true, Ordering::Relaxed);
    tracing::info!(peer = %context.party, "signed on");
    context.signed_on.send_replace(Some(Arc::clone(link)));
    tokio::select! {
        end = keep_alive(context, link) => end,
        () = context.shutdown.cancelled() => {
            sign_off(context, link).await;
            // The writer, which closes the stream, has the last word.
            std::future::pending().await
        }
    }
}

/// Asks for an echo whenever nothing has been heard for a while; ends when even that is not answered.
async fn keep_alive(context: &LinkContext, link: &Link) -> LinkEnd {
    loop {
        let due = link.last_heard() + context.limits.echo_interval;
        if Instant::now() < due {
            sleep_until(due).await;
            continue;
        }
        if let Err(end) = ask(context, link, NetworkCode::ECHO, context.limits.echo_timeout).await {
            return end;
        }
    }
}

async fn sign_off(context: &LinkContext, link: &Link) {
    context.signed_on.send_replace(None);
    let drained = async {
        while !link.in_flight.is_empty() {
            tokio::time::sleep(DRAIN_STEP).await;
        }
    };
    if timeout(context.limits.drain, drained).await.is_err() {
        tracing::warn!(peer = %context.party, "shut down with messages unanswered");
    }
    if let Err(end) = ask(context, link, NetworkCode::SIGN_OFF, context.limits.echo_timeout).await {
        tracing::debug!(peer = %context.party, %end, "sign-off");
    }
    // Fails only when the writer has ended or is stuck, and then it ends the link itself.
    let _ended = link.queue.try_send(Outgoing::Close);
}

/// Sends one network message and reads the response code of its answer.
async fn ask(
    context: &LinkContext,
    link: &Link,
    code: NetworkCode,
    limit: Duration,
) -> Result<ResponseCode, LinkEnd> {
    let request = context.network.request(code)?;
    let frame = encode(&request, context.dialect)?;
    let answer = link.exchange(MatchKey::of(&request)?, frame, limit).await;
    Ok(answer.map_err(|_| LinkEnd::NetworkUnanswered)?.response_code()?)
}

async fn read<R: AsyncRead + Unpin>(context: &LinkContext, link: &Arc<Link>, mut stream: R) -> LinkEnd {
    let limits = &context.limits;
    // Echo notices a dead connection before this does.
    let idle = limits.echo_interval + limits.echo_timeout + limits.frame_timeout;
    loop {
        let message = match read_message(&mut stream, context.dialect, idle, limits.frame_timeout).await {
            Ok(message) => message,
            Err(end) => return end,
        };
        link.heard();
        if let Err(end) = take(context, link, message) {
            return end;
        }
    }
}

fn take(context: &LinkContext, link: &Arc<Link>, message: Message) -> Result<(), LinkEnd> {
    let mti = message.mti();
    if is_network_request(mti) {
        return answer_network(context, link, &message);
    }
    let stray = match mti.function {
        Function::RequestResponse | Function::AdviceResponse => match MatchKey::of(&message) {
            Ok(key) => link.in_flight.answer(&key, message),
            Err(_) => Err(message),
        },
        Function::Request | Function::Advice | Function::Notification => Err(message),
    };
    if let Err(stray) = stray {
        tracing::warn!(peer = %context.party, %mti, "a message that nobody waits for");
        // A fault of the callback is not the link's.
        if catch_unwind(AssertUnwindSafe(|| (context.on_stray)(stray))).is_err() {
            tracing::error!(peer = %context.party, %mti, "the callback for stray messages panicked");
        }
    }
    Ok(())
}

/// The provider may test the link, and take itself off and on again.
fn answer_network(context: &LinkContext, link: &Arc<Link>, request: &Message) -> Result<(), LinkEnd> {
    let code = match request.network_code()? {
        NetworkCode::ECHO => ResponseCode::Approved,
        // Before our own sign-on is approved, the link is not ours to use.
        NetworkCode::SIGN_ON if !link.approved.load(Ordering::Relaxed) => ResponseCode::InvalidTransaction,
        NetworkCode::SIGN_ON => {
            context.signed_on.send_replace(Some(Arc::clone(link)));
            ResponseCode::Approved
        }
        NetworkCode::SIGN_OFF => {
            tracing::info!(peer = %context.party, "the provider signed off");
            context.signed_on.send_replace(None);
            ResponseCode::Approved
        }
        _ => ResponseCode::InvalidTransaction,
    };
    let frame = encode(&request.answer(code)?, context.dialect)?;
    // A provider that floods us with network messages gets no more answers than we have room for.
    let _full = link.queue.try_send(Outgoing::Answer { frame });
    Ok(())
}

async fn write<W: AsyncWrite + Unpin>(
    link: &Link,
    mut stream: W,
    mut queued: mpsc::Receiver<Outgoing>,
) -> LinkEnd {
    while let Some(outgoing) = queued.recv().await {
        let frame = match outgoing {
            Outgoing::Message { claim, frame } if link.in_flight.leave(&claim) => frame,
            // Nobody waits any more: it was told that nothing left, so nothing may.
            Outgoing::Message { .. } => continue,
            Outgoing::Answer { frame } => frame,
            Outgoing::Close => break,
        };
        if let Err(error) = write_frame(&mut stream, &frame).await {
            return error.into();
        }
    }
    let _closing = stream.shutdown().await;
    LinkEnd::ShutDown
}

#[cfg(test)]
mod tests;
