use std::fmt;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer;
use super::problem::AppProblem;
use crate::Provider;

/// `GET /app/cards`: the customer's cards, never their numbers.
#[derive(JsonSchema, Debug, Clone, Serialize, Deserialize)]
pub struct CardsAnswer {
    /// By slot.
    #[schemars(length(max = 32))]
    pub cards: Vec<CardView>,
}

/// One card.
#[derive(JsonSchema, Clone, Serialize, Deserialize)]
pub struct CardView {
    /// What to name it by when it is linked.
    #[schemars(range(min = 0, max = 31))]
    pub card: u8,
    /// How its holder knows it.
    pub label: String,
}

impl fmt::Debug for CardView {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CardView({})", self.card)
    }
}

pub(super) async fn list(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
) -> Result<Response, AppProblem> {
    let caller = provider.logged_in(&headers, provider.ports.clock.now()).await?;
    let cards = provider.ports.register.cards(&caller.customer.id).await?;
    let view =
        |card: &crate::Card| CardView { card: card.slot.number(), label: card.label.expose().to_owned() };
    answer(StatusCode::OK, &CardsAnswer { cards: cards.iter().map(view).collect() })
}
