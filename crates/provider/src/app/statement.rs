use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use enishi_party::{MerchantId, Money};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer;
use super::problem::AppProblem;
use crate::{LineKind, Provider, StatementLine};

/// Most entries that one answer shows.
const ENTRIES_MAX: u32 = 200;

/// `GET /app/statement`: the latest entries of the customer's cards (ご利用明細), the latest first.
#[derive(JsonSchema, Debug, Clone, Serialize, Deserialize)]
pub struct StatementAnswer {
    /// At most 200.
    #[schemars(length(max = ENTRIES_MAX))]
    pub entries: Vec<StatementEntry>,
}

/// One entry.
#[derive(JsonSchema, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatementEntry {
    /// When it was posted, RFC 3339.
    #[schemars(extend("format" = "date-time"))]
    pub at: String,
    /// `purchase` or `reversal`.
    #[schemars(extend("enum" = ["purchase", "reversal"]))]
    pub kind: String,
    /// The card, as its holder knows it.
    pub card: String,
    /// With whom.
    pub merchant: MerchantId,
    /// How much.
    pub amount: Money,
    /// The purchase's approval number.
    pub approval_number: String,
}

impl fmt::Debug for StatementEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StatementEntry({}, {})", self.at, self.kind)
    }
}

impl From<StatementLine> for StatementEntry {
    fn from(line: StatementLine) -> Self {
        let kind = match line.kind {
            LineKind::Purchase => "purchase",
            LineKind::Reversal => "reversal",
        };
        Self {
            at: line.at.to_string(),
            kind: kind.to_owned(),
            card: line.card.expose().to_owned(),
            merchant: line.merchant,
            amount: line.amount,
            approval_number: line.approval_number,
        }
    }
}

pub(super) async fn read(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Result<Response, AppProblem> {
    let caller = provider.logged_in(&headers, provider.ports.clock.now()).await?;
    let lines = provider.ports.books.statement(&caller.customer.id, ENTRIES_MAX).await?;
    answer(StatusCode::OK, &StatementAnswer { entries: lines.into_iter().map(Into::into).collect() })
}
