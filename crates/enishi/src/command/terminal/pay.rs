//! `enishi terminal pay`

use clap::Args;
use enishi_party::{ContractId, Money, PaymentType, Text};
use enishi_terminal::{CardRefused, Outcome, PayReport, Sale, plain};
use enishi_wire::AmountBinding;
use serde_json::{Value, json};

use super::person::{Person, connect};
use super::{Counter, Open, card_reader, report};
use crate::command::card::secret::SpendLastTry;
use crate::command::card::source::CardSource;
use crate::command::exit::{Exit, Failure};

pub(super) const HELP: &str = "\
The card's PIN is asked on the terminal without echo; where stdin is no terminal, one line of it is read for each question
(PIN, then choice and company's PIN where they are asked). An empty line stops. The card is asked how many tries are left first
and gets one PIN at most. Ctrl-C stops at any moment: what may have been sent by then is settled by `enishi terminal resume`.

Examples:
  enishi terminal pay --config terminal.toml --yen 1980 --card town/cards/taro.card
  enishi terminal pay --config terminal.toml --yen 1980 --reader \"Virtual PCD 00 00\" --json

Exit codes:
  0  approved: hand over the goods
  1  declined, refused, withdrawn, or the card refused (wrong PIN, locked)
  2  wrong arguments or configuration; built without PC/SC
  3  the reader, the relay or the disk failed; nothing is charged
  4  unknown: not completed, hand over nothing, run `enishi terminal resume`";

#[derive(Args)]
pub(super) struct Pay {
    #[command(flatten)]
    counter: Counter,
    /// The amount in yen.
    #[arg(long, value_name = "N")]
    yen: u64,
    /// The contract that the customer names beforehand; without it the relay may ask for a choice.
    #[arg(long, value_name = "ID")]
    contract: Option<ContractId>,
    /// The amount does not stand under the card's signature (the deck's order); only where the company allows it.
    #[arg(long)]
    unbound: bool,
    /// The product code (商品コード), 3 to 7 digits.
    #[arg(long, value_name = "CODE", default_value = "990")]
    product: String,
    #[command(flatten)]
    source: CardSource,
    #[command(flatten)]
    spend: SpendLastTry,
}

impl Pay {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        self.counter.run(async |open| self.sell(open).await)
    }

    async fn sell(&self, open: Open) -> Result<Exit, Failure> {
        let Open { mut till, file, screen, interrupt } = open;
        let amount = Money::yen(self.yen).map_err(|error| Failure::wrong_use(format!("--yen: {error}")))?;
        let reader = card_reader(&self.source, &file, &self.counter.config)?;
        let sale = Sale {
            amount,
            payment_type: PaymentType::LumpSum,
            product_code: self.product.clone(),
            contract: self.contract.clone(),
            amount_binding: if self.unbound { AmountBinding::Unbound } else { AmountBinding::Bound },
        };
        let payee = &file.merchant_name;
        screen.say(&Text::new(
            format!("{}\n  金額: {amount}", plain(&payee.ja)),
            format!("{}\n  Amount: {amount}", plain(&payee.en)),
        ));
        let mut person = Person::new(screen, interrupt.clone(), self.spend);
        let connect = || connect(&screen, &reader, &interrupt);
        let ended = tokio::select! {
            biased;
            ended = till.pay(connect, sale, &mut person) => Some(ended),
            () = interrupt.heard() => None,
        };
        let resume = self.counter.resume();
        match ended {
            // Ctrl-C while the card was waited for.
            Some(Ok(told)) if interrupt.is_heard() && told.outcome == NO_CARD => Err(stopped()),
            Some(Ok(told)) => {
                report::tell(&screen, &told.outcome, &resume);
                if self.counter.json {
                    report::print_outcome(&json_of(&told, amount, screen.language()));
                }
                Ok(report::exit(&told.outcome))
            }
            Some(Err(error)) => Err(self.counter.failure(error)),
            None if till.pending() > 0 => Err(Failure::new(
                Exit::Unknown,
                format!("stopped; the request may have been received: hand over nothing, run `{resume}`"),
            )),
            None => Err(stopped()),
        }
    }
}

const NO_CARD: Outcome = Outcome::CardRefused(CardRefused::NoCard);

fn stopped() -> Failure {
    Failure::refused("stopped; nothing was sent")
}

fn json_of(told: &PayReport, amount: Money, language: enishi_party::Language) -> Value {
    let mut fields = report::fields(&told.outcome, language);
    fields.insert("slip".to_owned(), json!(told.slip));
    fields.insert("amount".to_owned(), json!(amount));
    fields.insert("timing".to_owned(), report::timing(&told.timing));
    Value::Object(fields)
}
