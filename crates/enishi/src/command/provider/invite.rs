//! `enishi provider invite`

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use enishi_party::CustomerId;
use enishi_provider::{CardSlot, InviteError, JointOffer, RelayError};
use enishi_sandbox::party::{InvitationError, invite};
use enishi_transport::{SystemClock, SystemEntropy};
use serde_json::json;

use crate::command::exit::{Exit, Failure};
use crate::command::serve::runtime;

pub(super) const HELP: &str = "\
An operator's word: begins a link for a customer who is not logged in to the app. The code goes to the customer, who enters it at
a terminal, reads the terms there and taps the card; the company then compares name and birth date with its own record, as ever.
Works beside `enishi provider serve`, which must run for the link to end, and asks the relay, which must run, too.

Example:
  enishi provider invite --config town/company-a/provider.toml --customer sakura-000417
  enishi terminal enrol --config town/terminal-books/terminal.toml --card town/cards/taro.card --code CODE

Exit codes:
  0  invited; the code is on stdout
  1  no such customer or card, or the relay refused
  2  wrong arguments or configuration
  3  the relay did not answer, or the database failed";

#[derive(Args)]
pub(super) struct Invite {
    /// The company's configuration file.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The company's name for the customer.
    #[arg(long, value_name = "ID")]
    customer: CustomerId,
    /// Which of the customer's cards, counted from 1.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=32))]
    card: u8,
    /// The customer lets the card be offered beside those of other companies.
    #[arg(long)]
    joint: bool,
    /// One JSON object on stdout: code, intent, life_s.
    #[arg(long)]
    json: bool,
}

impl Invite {
    pub(super) fn run(self) -> Result<Exit, Failure> {
        let slot = CardSlot::try_from(self.card.saturating_sub(1))
            .map_err(|error| Failure::wrong_use(format!("--card: {error}")))?;
        let offer = if self.joint { JointOffer::Yes } else { JointOffer::No };
        let (clock, entropy) = (Arc::new(SystemClock), Arc::new(SystemEntropy));
        let invited = runtime()?.block_on(invite(&self.config, &self.customer, slot, offer, clock, entropy));
        let invitation = invited.map_err(failure)?;
        let seconds = invitation.life.as_secs();
        if self.json {
            let intent = invitation.code.intent();
            say!("{}", json!({ "code": invitation.code.to_string(), "intent": intent, "life_s": seconds }));
        } else {
            say!("{}", invitation.code);
            eprintln!("Good for one registration within {} minutes.", seconds / 60);
        }
        Ok(Exit::Done)
    }
}

fn failure(error: InvitationError) -> Failure {
    match error {
        InvitationError::Party(error) => error.into(),
        InvitationError::Invite(InviteError::NoCustomer) => {
            Failure::refused("--customer: no such customer, or one who is suspended; nobody was invited")
        }
        InvitationError::Invite(InviteError::NoCard { cards }) => Failure::refused(format!(
            "--card: the customer has {cards} card(s); name one of them, counted from 1"
        )),
        InvitationError::Invite(InviteError::Relay(RelayError::Refused { status, code: Some(code) })) => {
            let code = code.code();
            Failure::refused(format!(
                "the relay refused: {code} ({status}); compare contract, model and app_origin with its relay.toml"
            ))
        }
        InvitationError::Invite(InviteError::Relay(error)) => Failure::surroundings(format!(
            "{error}; is the relay running where `relay` of provider.toml says?"
        )),
        InvitationError::Invite(error) => Failure::surroundings(error),
    }
}
