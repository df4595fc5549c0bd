use crate::{De, Error, Message, ResponseCode};

#[cfg(test)]
mod tests;

impl Message {
    /// The answer to this message with that code: its type, and the elements by which it is known again.
    ///
    /// Account number, PIN block, assertion and additional data are not sent back. Refuses to answer an answer.
    pub fn answer(&self, code: ResponseCode) -> Result<Self, Error> {
        let mti = self.mti().response().ok_or(Error::NoAnswer { mti: self.mti() })?;
        let mut answer = Self::new(mti);
        for &de in ECHOED {
            if let Some(value) = self.expose_bytes(de) {
                answer.set(de, value);
            }
        }
        answer.set_response_code(code);
        Ok(answer)
    }
}

const ECHOED: &[De] = &[
    De::PROCESSING_CODE,
    De::AMOUNT,
    De::TRANSMITTED_AT,
    De::STAN,
    De::LOCAL_TIME,
    De::LOCAL_DATE,
    De::ACQUIRER,
    De::FORWARDER,
    De::RRN,
    De::TERMINAL,
    De::MERCHANT,
    De::CURRENCY,
    De::NETWORK_CODE,
    De::ORIGINAL_DATA,
    De::REPLACEMENT_AMOUNTS,
];
