use crate::error::Fault;
use crate::{De, Error, InstitutionId, Message, Mti, Stan, TransmissionTime};

#[cfg(test)]
mod tests;

/// Original data elements (element 90): which message is undone or completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OriginalData {
    /// Type of the original.
    pub mti: Mti,
    /// Its trace number.
    pub stan: Stan,
    /// Its time.
    pub transmitted_at: TransmissionTime,
    /// Its acquirer, if named.
    pub acquirer: Option<InstitutionId>,
    /// Its forwarder, if named.
    pub forwarder: Option<InstitutionId>,
}

impl OriginalData {
    /// What a reversal or completion says of `original`.
    pub fn of(original: &Message) -> Result<Self, Error> {
        let optional = |de| match original.has(de) {
            true => original.institution(de).map(Some),
            false => Ok(None),
        };
        Ok(Self {
            mti: original.mti(),
            stan: original.stan()?,
            transmitted_at: original.transmitted_at()?,
            acquirer: optional(De::ACQUIRER)?,
            forwarder: optional(De::FORWARDER)?,
        })
    }

    /// Reads 42 digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text.as_bytes())
            .map_err(|fault| Error::Value { de: De::ORIGINAL_DATA, expected: fault.expected })
    }

    /// 42 digits; an institution that is not named is eleven zeros.
    #[must_use]
    pub fn to_digits(&self) -> String {
        let number = |institution: Option<InstitutionId>| institution.map_or(0, InstitutionId::number);
        let (acquirer, forwarder) = (number(self.acquirer), number(self.forwarder));
        format!("{}{}{}{acquirer:011}{forwarder:011}", self.mti, self.stan, self.transmitted_at)
    }

    // ISO 8583:1987, element 90: n4, n6, n10, n11, n11.
    pub(crate) fn read(digits: &[u8]) -> Result<Self, Fault> {
        let whole: [u8; 42] = digits.try_into().map_err(|_| Fault::new(0, "42 digits"))?;
        if let Some(at) = whole.iter().position(|byte| !byte.is_ascii_digit()) {
            return Err(Fault::new(at, "42 digits"));
        }
        let [m0, m1, m2, m3, rest @ ..] = whole;
        let mti = Mti::parse([m0, m1, m2, m3]).map_err(|_| Fault::new(0, "the original's MTI"))?;
        let text = std::str::from_utf8(&rest).map_err(|_| Fault::new(4, "42 digits"))?;
        let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
        Ok(Self {
            mti,
            stan: Stan::parse(part(0, 6)).map_err(|_| Fault::new(4, "the original's trace number"))?,
            transmitted_at: TransmissionTime::read(part(6, 16).as_bytes())
                .map_err(|fault| Fault::new(fault.at.saturating_add(10), fault.expected))?,
            acquirer: InstitutionId::read(part(16, 27).as_bytes()),
            forwarder: InstitutionId::read(part(27, 38).as_bytes()),
        })
    }
}
