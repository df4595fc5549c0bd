//! Outcomes as one word, so that what was expected and what came can be compared and shown.

use enishi_card::Tries;
use enishi_terminal::{CardRefused, Outcome, Reply};
use enishi_wire::{PaymentAnswer, PaymentStatus};

/// The outcome of a purchase as the shop heard it.
#[must_use]
pub fn of_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Approved { .. } => "approved".to_owned(),
        Outcome::Declined { response_code, .. } => format!("declined {response_code}"),
        Outcome::Refused { problem } => format!("refused {}", problem.code),
        Outcome::CardRefused(CardRefused::PinWrong { left: Tries::Left(left) }) => {
            format!("card: wrong PIN, {left} left")
        }
        Outcome::CardRefused(CardRefused::PinLocked) => "card: PIN locked".to_owned(),
        Outcome::CardRefused(refused) => format!("card: {refused:?}"),
        Outcome::Withdrawn { .. } => "withdrawn".to_owned(),
        Outcome::NotCompleted { .. } => "not completed".to_owned(),
    }
}

/// The answer to a request that was sent once.
pub(crate) fn of_reply(reply: &Reply<PaymentAnswer>) -> String {
    match reply {
        Reply::Answer(answer) => of_answer(answer),
        Reply::Refusal(problem) => format!("refused {}", problem.code),
        Reply::Lost(_) => "lost".to_owned(),
    }
}

/// The relay's answer to a payment.
pub(crate) fn of_answer(answer: &PaymentAnswer) -> String {
    match &answer.status {
        PaymentStatus::Approved(_) => "approved".to_owned(),
        PaymentStatus::Declined { response_code } => format!("declined {response_code}"),
        PaymentStatus::Need(_) => "asked".to_owned(),
    }
}
