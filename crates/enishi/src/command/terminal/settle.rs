//! `enishi terminal resume` and `enishi terminal last`

use clap::Args;
use enishi_party::Text;
use enishi_terminal::{Recorded, Resumed, SaleRecord};
use serde_json::{Map, Value, json};

use super::{Counter, Open, report};
use crate::command::exit::{Exit, Failure};

pub(super) const RESUME_HELP: &str = "\
Repeats what may have been sent, to the byte, and records its outcome; takes back what cannot be repeated. The customer may be
gone: put what it prints beside the till. To be run after a crash, after exit code 4, and again while it ends with 4.

Example:
  enishi terminal resume --config terminal.toml

Exit codes:
  0  nothing is open any more
  2  wrong arguments or configuration
  3  the disk failed, or another process works in the folder
  4  a request or a cancellation is still not answered; run it again";

pub(super) const LAST_HELP: &str = "\
Example:
  enishi terminal last --config terminal.toml

Exit codes:
  0  told; without a sale, says so
  2  wrong arguments or configuration
  3  the disk failed, or another process works in the folder
  4  told, but a request is still open; run `enishi terminal resume`";

#[derive(Args)]
pub(super) struct Resume {
    #[command(flatten)]
    counter: Counter,
}

#[derive(Args)]
pub(super) struct Last {
    #[command(flatten)]
    counter: Counter,
}

impl Resume {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.counter.run(async |open| self.settle(open).await)
    }

    async fn settle(&self, open: Open) -> Result<Exit, Failure> {
        let Open { mut till, screen, interrupt, .. } = open;
        let resumed = tokio::select! {
            biased;
            resumed = till.resume() => resumed.map_err(|error| self.counter.failure(error))?,
            () = interrupt.heard() => {
                let text = format!("stopped; {} still open, run it again", till.pending());
                return Err(Failure::new(Exit::Unknown, text));
            }
        };
        let resume = self.counter.resume();
        for Resumed { slip, business_date, amount, outcome } in &resumed {
            screen.say(&Text::new(
                format!("伝票 {slip} ({business_date}) {amount}:"),
                format!("Slip {slip} ({business_date}) {amount}:"),
            ));
            report::tell(&screen, outcome, &resume);
        }
        let open = till.pending();
        if resumed.is_empty() {
            screen.say(&Text::new("未処理の取引はありません。", "Nothing is open."));
        } else if open > 0 {
            screen.say(&Text::new(
                format!("未処理: {open}件。あとでもう一度実行してください。"),
                format!("Still open: {open}. Run it again later."),
            ));
        }
        if self.counter.json {
            let slips: Vec<Value> = resumed
                .iter()
                .map(|it| {
                    let mut fields: Map<_, _> = report::fields(&it.outcome, screen.language());
                    fields.insert("slip".to_owned(), json!(it.slip));
                    fields.insert("business_date".to_owned(), json!(it.business_date));
                    fields.insert("amount".to_owned(), json!(it.amount));
                    Value::Object(fields)
                })
                .collect();
            report::print(&json!({ "slips": slips, "open": open }))?;
        }
        Ok(if open > 0 { Exit::Unknown } else { Exit::Done })
    }
}

impl Last {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.counter.run(async |open| self.tell(&open))
    }

    fn tell(&self, at: &Open) -> Result<Exit, Failure> {
        let Open { till, screen, .. } = at;
        let last = till.last_sale().map_err(|error| self.counter.failure(error))?;
        match &last {
            Some(SaleRecord { slip, business_date, amount, what, .. }) => {
                let word = word(what);
                screen.say(&Text::new(
                    format!("伝票 {slip} ({business_date}) {amount}: {}", word.ja),
                    format!("Slip {slip} ({business_date}) {amount}: {}", word.en),
                ));
            }
            None => screen.say(&Text::new("まだ取引がありません。", "There was no sale yet.")),
        }
        let open = till.pending();
        if open > 0 {
            let resume = self.counter.resume();
            screen.say(&Text::new(
                format!("結果の分からない取引が{open}件あります。実行してください: {resume}"),
                format!("{open} requests have no outcome yet. Run: {resume}"),
            ));
        }
        if self.counter.json {
            report::print(&json!({ "last": last, "open": open }))?;
        }
        Ok(if open > 0 { Exit::Unknown } else { Exit::Done })
    }
}

fn word(what: &Recorded) -> Text {
    match what {
        Recorded::Approved { approval_number, .. } => {
            Text::new(format!("承認 {approval_number}"), format!("approved {approval_number}"))
        }
        Recorded::Declined { response_code, .. } => {
            Text::new(format!("カード会社が拒否 {response_code}"), format!("declined {response_code}"))
        }
        Recorded::Refused { code } => {
            let code = code.code();
            Text::new(format!("中継が拒否 {code}"), format!("refused {code}"))
        }
        Recorded::CardRefused => {
            Text::new("カードの確認ができず、送信なし", "no proof from the card; nothing was sent")
        }
        Recorded::Withdrawn => Text::new("お客様が取りやめ", "the customer did not go on"),
        Recorded::NotCompleted => {
            Text::new("不成立(商品を渡さない)", "not completed: the goods are not handed over")
        }
        Recorded::Cancelled { .. } => Text::new("取消", "taken back"),
    }
}
