//! Reading the relay's answers: bounded, unknown fields ignored, and nothing believed that is not of the form.

use enishi_wire::{
    CancelAnswer, Choice, EnrolmentAnswer, IntentView, Need, PaymentAnswer, PaymentStatus, Problem,
    TicketsAnswer,
};

use crate::receipt::printable;

/// Largest answer read: the terms of a registration are the longest, some 4 KiB.
pub(crate) const ANSWER_OCTETS: usize = 64 * 1024;

/// Entries of a list that is shown to the holder.
const CHOICES: std::ops::RangeInclusive<usize> = 2..=8;

/// Longest detail of a problem, which is for a developer's eyes.
const DETAIL_CHARACTERS: usize = 200;

/// Reads the answer to a payment. `None`: not an answer, and so as good as lost.
pub(crate) fn payment(body: &[u8]) -> Option<PaymentAnswer> {
    let mut answer: PaymentAnswer = json(body)?;
    let sound = match &mut answer.status {
        // ISO 8583: DE 38 is an 6, DE 37 an 12, DE 39 an 2.
        PaymentStatus::Approved(approval) => {
            approval.label = printable(&approval.label);
            alphanumeric(&approval.approval_number, 6) && alphanumeric(&approval.retrieval_reference, 12)
        }
        PaymentStatus::Declined { response_code } => {
            // 00 is an approval: a decline that says so contradicts itself.
            response_code.len() == 2 && alphanumeric(response_code, 2) && response_code != "00"
        }
        PaymentStatus::Need(need) => sound_need(need),
    };
    sound.then_some(answer)
}

fn sound_need(need: &mut Need) -> bool {
    for Choice { label, .. } in &mut need.choose {
        *label = printable(label);
    }
    match (need.choose.len(), &need.pin) {
        (0, pin) => pin.is_some(),
        (entries, _) => CHOICES.contains(&entries),
    }
}

fn alphanumeric(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(crate) fn tickets(body: &[u8]) -> Option<TicketsAnswer> {
    json(body)
}

pub(crate) fn intent(body: &[u8]) -> Option<IntentView> {
    json(body)
}

pub(crate) fn enrolment(body: &[u8]) -> Option<EnrolmentAnswer> {
    json(body)
}

pub(crate) fn cancellation(body: &[u8]) -> Option<CancelAnswer> {
    json(body)
}

/// Reads a refusal. `None`: a fault, a problem of a kind unknown here, or no problem document at all.
///
/// The words are this program's own: a refusal is shown to people, so none is taken from outside.
pub(crate) fn refusal(status: u16, body: &[u8]) -> Option<Problem> {
    let problem: Problem = json(body)?;
    let code = problem.refusal_code().filter(|code| code.http_status() == status)?;
    let told = Problem::refusal(code);
    let Some(detail) = problem.detail else { return Some(told) };
    let detail: String = detail.chars().filter(|c| !c.is_control()).take(DETAIL_CHARACTERS).collect();
    Some(told.with_detail(detail))
}

fn json<'a, T: serde::Deserialize<'a>>(body: &'a [u8]) -> Option<T> {
    if body.len() > ANSWER_OCTETS {
        return None;
    }
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests;
