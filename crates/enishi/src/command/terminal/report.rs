//! What became of a purchase, for programs and as an exit code.

use std::io::Write;

use enishi_card::Tries;
use enishi_party::{Language, Text};
use enishi_terminal::{Cancellation, CardRefused, HopTiming, Outcome};
use enishi_wire::CancelOutcome;
use serde_json::{Map, Value, json};

use super::screen::Screen;
use crate::command::exit::{Exit, Failure};

/// The exit code of an outcome.
pub(super) const fn exit(outcome: &Outcome) -> Exit {
    match outcome {
        Outcome::Approved { .. } => Exit::Done,
        Outcome::NotCompleted { cancellation: Cancellation::Pending }
        | Outcome::Withdrawn { cancellation: Cancellation::Pending } => Exit::Unknown,
        Outcome::NotCompleted { cancellation: Cancellation::NothingSent } => Exit::Surroundings,
        Outcome::CardRefused(refused) => exit_of_card(*refused),
        Outcome::Declined { .. }
        | Outcome::Refused { .. }
        | Outcome::Withdrawn { .. }
        | Outcome::NotCompleted { cancellation: Cancellation::Acknowledged(_) } => Exit::Refused,
    }
}

/// The exit code of a card that gave nothing.
pub(super) const fn exit_of_card(refused: CardRefused) -> Exit {
    match refused {
        CardRefused::NoCard
        | CardRefused::NoReader
        | CardRefused::CardHeld
        | CardRefused::CardMoved
        | CardRefused::Malfunction => Exit::Surroundings,
        CardRefused::PinWrong { .. }
        | CardRefused::PinLocked
        | CardRefused::OneTryLeft
        | CardRefused::CardSwapped
        | CardRefused::NotSupported
        | CardRefused::NoSigningCertificate => Exit::Refused,
    }
}

/// What is told on the screen.
pub(super) fn tell(screen: &Screen, outcome: &Outcome, resume: &str) {
    match outcome {
        Outcome::Approved { receipt } => {
            screen.line("");
            screen.line(&receipt.text(screen.language()));
        }
        Outcome::Refused { problem } => {
            screen.line(problem.user_message.of(screen.language()));
            screen.line(problem.clerk_action.of(screen.language()));
        }
        other => screen.say(&other.clerk_text()),
    }
    if let Outcome::NotCompleted { cancellation } | Outcome::Withdrawn { cancellation } = outcome {
        screen.say(&cancelled(*cancellation, resume));
    }
}

fn cancelled(cancellation: Cancellation, resume: &str) -> Text {
    match cancellation {
        Cancellation::NothingSent => Text::new("何も送信されていません。", "Nothing was sent."),
        Cancellation::Acknowledged(CancelOutcome::Reversing) => {
            Text::new("中継が取消を受け付けました。", "The relay took it back and reverses it.")
        }
        Cancellation::Acknowledged(_) => {
            Text::new("取消が確認されました。請求はありません。", "It is taken back; nothing is charged.")
        }
        Cancellation::Pending => Text::new(
            format!("取消がまだ確認されていません。あとで実行してください: {resume}"),
            format!("The cancellation is not acknowledged yet. Run later: {resume}"),
        ),
    }
}

/// An outcome as fields of an object.
pub(super) fn fields(outcome: &Outcome, language: Language) -> Map<String, Value> {
    let mut fields = Map::new();
    let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    set("text", json!(outcome.clerk_text().of(language)));
    match outcome {
        Outcome::Approved { receipt } => {
            set("outcome", json!("approved"));
            set("payment", json!(receipt.payment));
            set("approval_number", json!(receipt.approval_number));
            set("receipt", json!(receipt.text(language)));
        }
        Outcome::Declined { response_code, .. } => {
            set("outcome", json!("declined"));
            set("response_code", json!(response_code));
        }
        Outcome::Refused { problem } => {
            set("outcome", json!("refused"));
            set("code", json!(problem.code));
        }
        Outcome::CardRefused(refused) => {
            set("outcome", json!("card_refused"));
            set("code", json!(card_code(*refused)));
            if let CardRefused::PinWrong { left: Tries::Left(left) } = refused {
                set("tries_left", json!(left));
            }
        }
        Outcome::Withdrawn { cancellation } => {
            set("outcome", json!("withdrawn"));
            set("cancellation", cancellation_value(*cancellation));
        }
        Outcome::NotCompleted { cancellation } => {
            set("outcome", json!("not_completed"));
            set("cancellation", cancellation_value(*cancellation));
        }
    }
    fields
}

fn cancellation_value(cancellation: Cancellation) -> Value {
    match cancellation {
        Cancellation::NothingSent => json!("nothing_sent"),
        Cancellation::Acknowledged(found) => json!(found),
        Cancellation::Pending => json!("pending"),
    }
}

/// A card's refusal in one word.
pub(super) const fn card_code(refused: CardRefused) -> &'static str {
    match refused {
        CardRefused::PinWrong { .. } => "pin_wrong",
        CardRefused::PinLocked => "pin_locked",
        CardRefused::OneTryLeft => "one_try_left",
        CardRefused::NoCard => "no_card",
        CardRefused::CardHeld => "card_held",
        CardRefused::NoReader => "no_reader",
        CardRefused::CardMoved => "card_moved",
        CardRefused::CardSwapped => "card_swapped",
        CardRefused::NotSupported => "not_supported",
        CardRefused::NoSigningCertificate => "no_signing_certificate",
        CardRefused::Malfunction => "malfunction",
    }
}

/// How long each hop took.
pub(super) fn timing(timing: &HopTiming) -> Value {
    let relay: Vec<_> = timing.relay.iter().map(|hop| hop.as_micros().to_string()).collect();
    let micros = |text: String| text.parse::<u64>().unwrap_or(u64::MAX);
    json!({
        "card_us": micros(timing.card.as_micros().to_string()),
        "relay_us": relay.into_iter().map(micros).collect::<Vec<_>>(),
    })
}

/// The outcome of what may have moved money, as one JSON object on stdout. Where it cannot be written the outcome is what it
/// was, and so is the exit code: the way to it is told on stderr.
pub(super) fn print_outcome(value: &Value) {
    if let Err(error) = writeln!(std::io::stdout(), "{value}") {
        let _ = writeln!(
            std::io::stderr(),
            "enishi terminal: the answer could not be written to stdout ({error}); the exit code holds, and `enishi \
             terminal last` tells what became of the last slip"
        );
    }
}

/// One JSON object on stdout.
pub(super) fn print(value: &Value) -> Result<(), Failure> {
    writeln!(std::io::stdout(), "{value}").map_err(|error| Failure::surroundings(format!("stdout: {error}")))
}
