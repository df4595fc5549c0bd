//! `POST /v1/tickets`: tickets in batches, before the customer.

use enishi_party::{PartyUri, SurrogatePan};
use serde::{Deserialize, Serialize};

use crate::Octets;

/// How many tickets a terminal wants.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketsRequest {
    /// 1 to 32.
    #[cfg_attr(feature = "openapi", schemars(range(min = 1, max = 32)))]
    pub count: u8,
}

/// Tickets, and the names that belong into contexts.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct TicketsAnswer {
    /// The relay's own name, for the context.
    pub relay: PartyUri,
    /// The channel's origin, for the challenge.
    pub origin: String,
    /// How long each ticket lives, in seconds from now.
    pub life_s: u64,
    /// The tickets.
    pub tickets: Vec<IssuedTicket>,
}

/// One ticket.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
pub struct IssuedTicket {
    /// 56 octets.
    #[cfg_attr(feature = "openapi", schemars(with = "crate::schema::TicketOctets"))]
    pub ticket: Octets,
    /// The number over which a PIN block for this ticket is formed.
    pub surrogate_pan: SurrogatePan,
}
