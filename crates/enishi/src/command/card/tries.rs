//! `enishi card tries`

use clap::Args;
use enishi_card::{CardError, PinKind, TokenKind, Tries as Left};
use serde_json::{Value, json};

use super::advice::failure;
use super::source::CardSource;
use super::{Desk, print};
use crate::command::exit::{Exit, Failure};

pub(super) const HELP: &str = "\
Presents no PIN. A PIN with no tries left is unblocked by the municipal office; in the sandbox, take a new card.

Examples:
  enishi card tries --card town/cards/taro.card
  enishi card tries --reader \"Virtual PCD 00 00\" --json

Exit codes:
  0  asked
  1  the card is no JPKI card
  2  wrong arguments, or the image cannot be used
  3  the reader or the card failed";

#[derive(Args)]
pub(super) struct Tries {
    #[command(flatten)]
    source: CardSource,
    /// One JSON object on stdout.
    #[arg(long)]
    json: bool,
}

impl Tries {
    pub(super) fn run(self, at: &Desk) -> Result<Exit, Failure> {
        let mut session = at.session(&self.source)?;
        let token = token(session.token());
        let authentication = session.tries_left(PinKind::Authentication).map_err(failure)?;
        let signing = match session.tries_left(PinKind::Signing) {
            Ok(left) => Some(left),
            // A card without a signing certificate has no counter for it.
            Err(CardError::Protocol { .. }) => None,
            Err(error) => return Err(failure(error)),
        };
        session.close().map_err(failure)?;
        if self.json {
            print(&json!({ "token": token, "authentication": value(authentication), "signing": signing.map(value) }).to_string())?;
        } else {
            print(&format!("token:              {token}"))?;
            print(&format!("authentication PIN: {authentication}"))?;
            let signing = signing.map_or_else(|| "not on this card".to_owned(), |left| left.to_string());
            print(&format!("signing password:   {signing}"))?;
        }
        Ok(Exit::Done)
    }
}

pub(super) const fn token(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::Card => "card",
        TokenKind::Android => "android",
        TokenKind::IPhone => "iphone",
    }
}

/// A count, "blocked" or "unlimited".
fn value(left: Left) -> Value {
    match left {
        Left::Left(0) | Left::Blocked => json!("blocked"),
        Left::Left(left) => json!(left),
        Left::Unlimited => json!("unlimited"),
    }
}
