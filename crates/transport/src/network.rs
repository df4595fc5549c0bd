//! Network management: sign-on, sign-off and echo, which the transport speaks by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use enishi_iso8583::{Class, Dialect, Error, Function, Message, Mti, NetworkCode, Stan, TransmissionTime};
use enishi_party::Timestamp;
use jiff::tz::TimeZone;

/// Where a client takes the time for element 7 of its network messages from.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Trace numbers have six digits.
const STAN_COUNT: u32 = 1_000_000;

/// Makes 0800 messages, each with a trace number of its own.
pub(crate) struct NetworkMessages {
    dialect: &'static Dialect,
    now: Now,
    next: AtomicU32,
}

impl NetworkMessages {
    pub(crate) fn new(dialect: &'static Dialect, now: Now) -> Self {
        Self { dialect, now, next: AtomicU32::new(0) }
    }

    pub(crate) fn request(&self, code: NetworkCode) -> Result<Message, Error> {
        let mut message = Message::new(Mti { version: self.dialect.version(), ..Mti::NETWORK_REQUEST });
        // Counts apart from payments: the class is part of the match key.
        let stan = self.next.fetch_add(1, Ordering::Relaxed) % STAN_COUNT;
        message.set_transmitted_at(transmission_time((self.now)())?);
        message.set_stan(Stan::new(stan)?);
        message.set_network_code(code);
        Ok(message)
    }
}

/// Whether a message asks for something of the link itself.
pub(crate) fn is_network_request(mti: Mti) -> bool {
    mti.class == Class::NetworkManagement && matches!(mti.function, Function::Request | Function::Advice)
}

fn transmission_time(at: Timestamp) -> Result<TransmissionTime, Error> {
    // Element 7 is in UTC and has no year.
    TransmissionTime::parse(&at.to_zoned(TimeZone::UTC).strftime("%m%d%H%M%S").to_string())
}
