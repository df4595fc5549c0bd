//! `enishi terminal enrol`

use clap::Args;
use enishi_party::{IntentId, InvitationCode, Text};
use enishi_sandbox::party::{Delivered, TerminalFile, WayBack};
use enishi_terminal::{CardRefused, EnrolOutcome, EnrolReport};
use enishi_wire::{EnrolmentAnswer, Problem};
use serde_json::{Map, Value, json};

use super::person::{Person, connect};
use super::screen::Screen;
use super::{Counter, Open, card_reader, report};
use crate::command::card::secret::SpendLastTry;
use crate::command::card::source::CardSource;
use crate::command::exit::{Exit, Failure};

pub(super) const HELP: &str = "\
Shows the terms, asks yes or no, then the card's PIN and its signing password; the card proves its holder and signs the terms. Then
the terminal takes the holder back to the company: by itself where the callback's origin is in `callbacks` of terminal.toml,
otherwise it prints a link for the holder's own phone, good once and for 60 seconds.

Where stdin is no terminal, one line of it is read for each question: y or n, PIN, password.

Example:
  enishi provider invite --config company-a/provider.toml --customer sakura-000417
  enishi terminal enrol --config terminal.toml --code 7ZZ0-... --card town/cards/taro.card

Exit codes:
  0  linked; or proven, and the link is printed
  1  refused, not agreed to, or the card refused
  2  wrong arguments or configuration; a mistyped code
  3  the reader, the relay or the company did not answer; ask the company for a new code";

#[derive(Args)]
pub(super) struct Enrol {
    #[command(flatten)]
    counter: Counter,
    /// The code that the company gave (`enishi provider invite`); spaces, hyphens and case mean nothing.
    #[arg(long, value_parser = intent)]
    code: IntentId,
    #[command(flatten)]
    source: CardSource,
    #[command(flatten)]
    spend: SpendLastTry,
}

/// What came of it in the end.
enum Ended {
    Linked { label: String },
    Link { link: String },
    Refused(Option<Box<Problem>>),
    CardRefused(CardRefused),
    Withdrawn,
    NotCompleted,
    Unanswered(String),
}

/// A code as people type it, or the intent itself as an app shows it to programs.
fn intent(text: &str) -> Result<IntentId, String> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if let Ok(intent) = compact.parse() {
        return Ok(intent);
    }
    text.trim().parse().map(InvitationCode::intent).map_err(|error| error.to_string())
}

impl Enrol {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.counter.run(async |open| self.register(open).await)
    }

    async fn register(&self, open: Open) -> Result<Exit, Failure> {
        let Open { mut till, file, screen, interrupt } = open;
        let reader = card_reader(&self.source, &file, &self.counter.config)?;
        let mut person = Person::new(screen, interrupt.clone(), self.spend);
        let connect = || connect(&screen, &reader, &interrupt);
        let told = tokio::select! {
            biased;
            told = till.enrol(connect, self.code, &mut person) => told,
            () = interrupt.heard() => {
                let text = "stopped; no link serves before the company has confirmed it: ask for a new code to start again";
                return Err(Failure::refused(text));
            }
        };
        let EnrolReport { outcome, timing } = told.map_err(|error| self.counter.failure(error))?;
        let ended = match outcome {
            EnrolOutcome::Enrolled(answer) => take_back(&answer, &file).await,
            EnrolOutcome::Refused { problem } => Ended::Refused(Some(problem)),
            // Ctrl-C while the card was waited for.
            EnrolOutcome::CardRefused(CardRefused::NoCard) if interrupt.is_heard() => Ended::Withdrawn,
            EnrolOutcome::CardRefused(refused) => Ended::CardRefused(refused),
            EnrolOutcome::Withdrawn => Ended::Withdrawn,
            EnrolOutcome::NotCompleted => Ended::NotCompleted,
        };
        ended.tell(&screen);
        if self.counter.json {
            let mut fields = ended.fields();
            fields.insert("timing".to_owned(), report::timing(&timing));
            report::print_outcome(&Value::Object(fields));
        }
        Ok(ended.exit())
    }
}

/// Back to the company that asked.
async fn take_back(answer: &EnrolmentAnswer, file: &TerminalFile) -> Ended {
    match WayBack::to(&answer.callback, &answer.state, &answer.code, &file.callbacks) {
        WayBack::Link(link) => Ended::Link { link },
        WayBack::Here(delivery) => match delivery.send().await {
            Ok(Delivered::Linked(label)) => Ended::Linked { label },
            Ok(Delivered::Refused(problem)) => Ended::Refused(problem),
            Err(error) => Ended::Unanswered(error.to_string()),
        },
    }
}

impl Ended {
    fn tell(&self, screen: &Screen) {
        let text = match self {
            Self::Linked { label } => {
                Text::new(format!("登録されました: {label}"), format!("Linked: {label}"))
            }
            Self::Link { link } => Text::new(
                format!(
                    "本人確認ができました。60秒以内に、ご自分のスマートフォンで次のリンクを開くと登録が完了します(一度だけ有効):\n{link}"
                ),
                format!(
                    "Proven. Open this link on your own phone within 60 seconds to finish (good once):\n{link}"
                ),
            ),
            Self::Refused(Some(problem)) => {
                let (user, clerk) = (&problem.user_message, &problem.clerk_action);
                Text::new(format!("{}\n{}", user.ja, clerk.ja), format!("{}\n{}", user.en, clerk.en))
            }
            Self::Refused(None) => Text::new(
                "カード会社が登録を受け付けませんでした。カード会社にお問い合わせください。",
                "The company did not take the registration. Please ask the company.",
            ),
            Self::CardRefused(refused) => refused.text(),
            Self::Withdrawn => Text::new(
                "登録は行われませんでした。何も送信されていません。",
                "Not registered. Nothing was sent.",
            ),
            Self::NotCompleted => Text::new(
                "応答がなく、登録は完了していません。カード会社から新しいコードを受け取ってやり直してください。",
                "No answer came; it is not registered. Ask the company for a new code and start again.",
            ),
            Self::Unanswered(reason) => Text::new(
                format!(
                    "カード会社が応答しません({reason})。登録されたかどうかはカード会社でご確認ください。"
                ),
                format!(
                    "The company does not answer ({reason}). Ask the company whether the card is linked."
                ),
            ),
        };
        screen.say(&text);
    }

    const fn exit(&self) -> Exit {
        match self {
            Self::Linked { .. } | Self::Link { .. } => Exit::Done,
            Self::Refused(_) | Self::Withdrawn => Exit::Refused,
            Self::CardRefused(refused) => report::exit_of_card(*refused),
            Self::NotCompleted | Self::Unanswered(_) => Exit::Surroundings,
        }
    }

    fn fields(&self) -> Map<String, Value> {
        let value = match self {
            Self::Linked { label } => json!({ "outcome": "linked", "label": label }),
            Self::Link { link } => json!({ "outcome": "proven", "link": link }),
            Self::Refused(problem) => {
                json!({ "outcome": "refused", "code": problem.as_ref().map(|problem| problem.code.as_str()) })
            }
            Self::CardRefused(refused) => {
                json!({ "outcome": "card_refused", "code": report::card_code(*refused) })
            }
            Self::Withdrawn => json!({ "outcome": "withdrawn" }),
            Self::NotCompleted => json!({ "outcome": "not_completed" }),
            Self::Unanswered(_) => json!({ "outcome": "unanswered" }),
        };
        match value {
            Value::Object(fields) => fields,
            _ => Map::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use enishi_party::{IntentId, InvitationCode};

    use super::intent;

    #[test]
    fn a_code_is_taken_as_it_was_printed_typed_or_shown_to_a_program() {
        let id = IntentId::from_random([0x5A; 16]);
        let code = InvitationCode::of(id).to_string();
        for text in
            [code.clone(), code.to_lowercase(), code.replace('-', " "), code.replace('-', ""), id.to_string()]
        {
            assert_eq!(intent(&text), Ok(id), "{text}");
        }
        assert!(intent("").is_err());
        assert!(intent(&code.replacen(|c: char| c.is_ascii_digit(), "X", 1)).is_err());
    }
}
