//! Sending one request until it is answered.

use std::time::Duration;

use enishi_party::{IdempotencyKey, RefusalCode};
use enishi_wire::Problem;
use tokio::time::Instant;

use crate::relay::{Endpoint, Read};
use crate::{Exposure, HopTiming, Progress, Reply, Terminal, TerminalError};

/// How long to wait before each repetition of a request whose answer was lost: in all more than the relay waits for a
/// company (10 s), so that the stored answer is there to be had.
const REPEAT_AFTER: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];

/// A request that is sent until it is answered.
pub(crate) struct Question<'a> {
    pub(crate) endpoint: Endpoint,
    pub(crate) key: &'a IdempotencyKey,
    pub(crate) body: &'a [u8],
    /// Whether an earlier attempt may have reached the relay.
    pub(crate) exposure: Exposure,
}

/// What is known after all attempts.
pub(crate) enum Heard<T> {
    Answer(T),
    /// Conclusive: nothing of this request was done, or will be.
    Refusal(Box<Problem>),
    Nothing(Exposure),
}

impl Terminal {
    /// Sends a request and repeats it to the byte, under the same key, until it is answered or patience ends.
    ///
    /// There is at least one repetition; more of them only within `answer_wait` from the beginning.
    pub(crate) async fn hear<T>(
        &self,
        question: Question<'_>,
        read: Read<T>,
        timing: &mut HopTiming,
    ) -> Heard<T> {
        let Question { endpoint, key, body, mut exposure } = question;
        let wait = self.config.answer_wait;
        let begun = Instant::now();
        for attempt in 0..=REPEAT_AFTER.len() {
            if let Some(pause) = attempt.checked_sub(1).and_then(|index| REPEAT_AFTER.get(index)) {
                if attempt > 1 && begun.elapsed() >= wait {
                    break;
                }
                self.sleeper.sleep(*pause).await;
            }
            self.tell(Progress::Asking { attempt: attempt + 1 });
            let sent = Instant::now();
            let reply = self.relay.post(endpoint, Some(key), body, wait, read).await;
            let took = sent.elapsed();
            timing.relay.push(took);
            self.tell(match &reply {
                Reply::Answer(_) | Reply::Refusal(_) => Progress::Heard { took },
                Reply::Lost(_) => Progress::NotHeard { took },
            });
            match reply {
                Reply::Answer(answer) => return Heard::Answer(answer),
                Reply::Refusal(problem) if is_conclusive(&problem, exposure) => {
                    return Heard::Refusal(problem);
                }
                Reply::Refusal(_) => exposure = Exposure::MaybeReceived,
                Reply::Lost(now) => exposure = exposure.max(now),
            }
        }
        Heard::Nothing(exposure)
    }
}

/// Whether a refusal says that the request did and will do nothing.
fn is_conclusive(problem: &Problem, exposure: Exposure) -> bool {
    match problem.refusal_code() {
        // The first sending is being worked on; or the relay holds something else under our key.
        None | Some(RefusalCode::RequestInFlight | RefusalCode::IdempotencyMismatch) => false,
        // Said at the door, before stored answers are looked up; or explained by an earlier sending of our own that
        // the relay has taken. Of the first sending they are conclusive, of a repetition they say nothing.
        Some(
            RefusalCode::MalformedRequest
            | RefusalCode::ClientNotAllowed
            | RefusalCode::ChallengeReused
            | RefusalCode::SlipReused
            | RefusalCode::ChoiceInvalid,
        ) => exposure == Exposure::NotSent,
        Some(_) => true,
    }
}

/// The key of an answer to the relay's question: it follows from the purchase's own, so that nothing more need be
/// remembered.
pub(crate) fn continue_key(key: &IdempotencyKey, round: u8) -> Result<IdempotencyKey, TerminalError> {
    let suffix = if round == 1 { "-c".to_owned() } else { format!("-c{round}") };
    Ok(format!("{key}{suffix}").parse()?)
}
