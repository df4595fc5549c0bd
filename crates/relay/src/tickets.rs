//! Tickets for terminals, in batches, before the customer comes.

use enishi_jpki::TicketHolder;
use enishi_party::{RefusalCode, TerminalId};
use enishi_wire::{IssuedTicket, Octets, TicketsAnswer};

use crate::observer::Event;
use crate::relay::{Relay, TerminalEntry};
use crate::stop::{Fault, Stop};

/// Most tickets in one batch.
const MAX_BATCH: u8 = 32;

/// A terminal at the other end, as its mutual-TLS certificate says.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Its number.
    pub terminal: TerminalId,
    /// SHA-256 of its TLS key: tickets are good for it alone.
    pub key_sha256: [u8; 32],
}

impl Caller {
    pub(crate) const fn holder(&self) -> TicketHolder {
        TicketHolder::Terminal(self.key_sha256)
    }
}

impl Relay {
    /// The caller's entry in the register.
    ///
    /// # Errors
    /// `client_not_allowed` for a terminal that is not registered.
    pub(crate) fn terminal(&self, caller: &Caller) -> Result<&TerminalEntry, Stop> {
        self.register.terminals.get(&caller.terminal).ok_or(Stop::Refused(RefusalCode::ClientNotAllowed))
    }

    /// Makes tickets; nothing is stored.
    ///
    /// # Errors
    /// A batch of none or of more than 32; a terminal that is not registered.
    pub fn tickets(&self, caller: &Caller, count: u8) -> Result<TicketsAnswer, Stop> {
        self.terminal(caller)?;
        if !(1..=MAX_BATCH).contains(&count) {
            return Err(Stop::Malformed("count is 1 to 32"));
        }
        let (now, keys) = (self.now(), &self.secrets.tickets);
        let making =
            |error: enishi_jpki::TicketError| Fault::Making { what: "a ticket", reason: error.to_string() };
        let tickets = (0..count)
            .map(|_| {
                let random = self.ports.entropy.octets();
                let ticket =
                    keys.issue(&self.register.origin, &caller.holder(), now, random).map_err(making)?;
                let surrogate_pan = keys.surrogate_pan(&ticket).map_err(making)?;
                Ok(IssuedTicket { ticket: Octets(ticket.as_octets().to_vec()), surrogate_pan })
            })
            .collect::<Result<_, Fault>>()?;
        self.event(&Event::Tickets(u64::from(count)));
        Ok(TicketsAnswer {
            relay: self.register.relay.clone(),
            origin: self.register.origin.as_str().to_owned(),
            life_s: self.limits.ticket_life.as_secs(),
            tickets,
        })
    }
}
