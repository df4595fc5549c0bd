use std::fmt;

use crate::Error;

#[cfg(test)]
mod tests;

/// The message type indicator: four digits, one for each part.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mti {
    /// First digit.
    pub version: Version,
    /// Second digit.
    pub class: Class,
    /// Third digit.
    pub function: Function,
    /// Fourth digit.
    pub origin: Origin,
}

/// The edition of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 0: ISO 8583:1987.
    Iso1987,
    /// 1: ISO 8583:1993.
    Iso1993,
    /// 2: ISO 8583:2003.
    Iso2003,
}

/// What a message is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// 1: may this be spent?
    Authorisation,
    /// 2: this is spent.
    Financial,
    /// 3: change of a file.
    FileAction,
    /// 4: this is undone.
    Reversal,
    /// 5: totals compared.
    Reconciliation,
    /// 6: administration.
    Administrative,
    /// 7: fees.
    FeeCollection,
    /// 8: sign-on, echo, keys.
    NetworkManagement,
}

/// How a message stands to its counterpart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// 0: asks.
    Request,
    /// 1: answers a request.
    RequestResponse,
    /// 2: tells what has happened.
    Advice,
    /// 3: answers an advice.
    AdviceResponse,
    /// 4: tells, and wants no answer.
    Notification,
}

/// Who began, and whether this is said again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// 0: the acquirer.
    Acquirer,
    /// 1: the acquirer, again.
    AcquirerRepeat,
    /// 2: the issuer.
    Issuer,
    /// 3: the issuer, again.
    IssuerRepeat,
    /// 4: another.
    Other,
    /// 5: another, again.
    OtherRepeat,
}

impl Mti {
    /// 0100.
    pub const AUTHORISATION_REQUEST: Self = Self::iso1987(Class::Authorisation, Function::Request);
    /// 0110.
    pub const AUTHORISATION_RESPONSE: Self = Self::iso1987(Class::Authorisation, Function::RequestResponse);
    /// 0120.
    pub const AUTHORISATION_ADVICE: Self = Self::iso1987(Class::Authorisation, Function::Advice);
    /// 0121.
    pub const AUTHORISATION_ADVICE_REPEAT: Self = Self::AUTHORISATION_ADVICE.again();
    /// 0130.
    pub const AUTHORISATION_ADVICE_RESPONSE: Self =
        Self::iso1987(Class::Authorisation, Function::AdviceResponse);
    /// 0200.
    pub const FINANCIAL_REQUEST: Self = Self::iso1987(Class::Financial, Function::Request);
    /// 0210.
    pub const FINANCIAL_RESPONSE: Self = Self::iso1987(Class::Financial, Function::RequestResponse);
    /// 0220.
    pub const FINANCIAL_ADVICE: Self = Self::iso1987(Class::Financial, Function::Advice);
    /// 0221.
    pub const FINANCIAL_ADVICE_REPEAT: Self = Self::FINANCIAL_ADVICE.again();
    /// 0230.
    pub const FINANCIAL_ADVICE_RESPONSE: Self = Self::iso1987(Class::Financial, Function::AdviceResponse);
    /// 0400: from acquirers only; the relay itself reverses by advice.
    pub const REVERSAL_REQUEST: Self = Self::iso1987(Class::Reversal, Function::Request);
    /// 0401.
    pub const REVERSAL_REQUEST_REPEAT: Self = Self::REVERSAL_REQUEST.again();
    /// 0410.
    pub const REVERSAL_RESPONSE: Self = Self::iso1987(Class::Reversal, Function::RequestResponse);
    /// 0420.
    pub const REVERSAL_ADVICE: Self = Self::iso1987(Class::Reversal, Function::Advice);
    /// 0421.
    pub const REVERSAL_ADVICE_REPEAT: Self = Self::REVERSAL_ADVICE.again();
    /// 0430.
    pub const REVERSAL_ADVICE_RESPONSE: Self = Self::iso1987(Class::Reversal, Function::AdviceResponse);
    /// 0800.
    pub const NETWORK_REQUEST: Self = Self::iso1987(Class::NetworkManagement, Function::Request);
    /// 0810.
    pub const NETWORK_RESPONSE: Self = Self::iso1987(Class::NetworkManagement, Function::RequestResponse);

    const fn iso1987(class: Class, function: Function) -> Self {
        Self { version: Version::Iso1987, class, function, origin: Origin::Acquirer }
    }

    /// Reads four ASCII digits; the error's offset is the place of the wrong digit.
    pub fn parse(digits: [u8; 4]) -> Result<Self, Error> {
        let [version, class, function, origin] = digits;
        let refused = |offset, expected| Error::Mti { offset, expected };
        Ok(Self {
            version: match version {
                b'0' => Version::Iso1987,
                b'1' => Version::Iso1993,
                b'2' => Version::Iso2003,
                _ => return Err(refused(0, "a version, 0 to 2")),
            },
            class: match class {
                b'1' => Class::Authorisation,
                b'2' => Class::Financial,
                b'3' => Class::FileAction,
                b'4' => Class::Reversal,
                b'5' => Class::Reconciliation,
                b'6' => Class::Administrative,
                b'7' => Class::FeeCollection,
                b'8' => Class::NetworkManagement,
                _ => return Err(refused(1, "a class, 1 to 8")),
            },
            function: match function {
                b'0' => Function::Request,
                b'1' => Function::RequestResponse,
                b'2' => Function::Advice,
                b'3' => Function::AdviceResponse,
                b'4' => Function::Notification,
                _ => return Err(refused(2, "a function, 0 to 4")),
            },
            origin: match origin {
                b'0' => Origin::Acquirer,
                b'1' => Origin::AcquirerRepeat,
                b'2' => Origin::Issuer,
                b'3' => Origin::IssuerRepeat,
                b'4' => Origin::Other,
                b'5' => Origin::OtherRepeat,
                _ => return Err(refused(3, "an origin, 0 to 5")),
            },
        })
    }

    /// The four ASCII digits.
    #[must_use]
    pub const fn digits(self) -> [u8; 4] {
        let version = match self.version {
            Version::Iso1987 => b'0',
            Version::Iso1993 => b'1',
            Version::Iso2003 => b'2',
        };
        let class = match self.class {
            Class::Authorisation => b'1',
            Class::Financial => b'2',
            Class::FileAction => b'3',
            Class::Reversal => b'4',
            Class::Reconciliation => b'5',
            Class::Administrative => b'6',
            Class::FeeCollection => b'7',
            Class::NetworkManagement => b'8',
        };
        let function = match self.function {
            Function::Request => b'0',
            Function::RequestResponse => b'1',
            Function::Advice => b'2',
            Function::AdviceResponse => b'3',
            Function::Notification => b'4',
        };
        let origin = match self.origin {
            Origin::Acquirer => b'0',
            Origin::AcquirerRepeat => b'1',
            Origin::Issuer => b'2',
            Origin::IssuerRepeat => b'3',
            Origin::Other => b'4',
            Origin::OtherRepeat => b'5',
        };
        [version, class, function, origin]
    }

    /// The type of the answer, the same for a message and for its repeats: 0420 and 0421 → 0430.
    ///
    /// `None` for what is itself an answer, and for notifications.
    #[must_use]
    pub const fn response(self) -> Option<Self> {
        let function = match self.function {
            Function::Request => Function::RequestResponse,
            Function::Advice => Function::AdviceResponse,
            Function::RequestResponse | Function::AdviceResponse | Function::Notification => return None,
        };
        Some(Self { function, origin: self.origin.first(), ..self })
    }

    /// The type under which the message is said again: 0420 → 0421, and 0421 stays.
    ///
    /// `None` for authorisation, financial and network requests: those are never sent again.
    #[must_use]
    pub const fn repeat(self) -> Option<Self> {
        match (self.class, self.function) {
            (_, Function::Advice) | (Class::Reversal, Function::Request) => Some(self.again()),
            _ => None,
        }
    }

    /// Whether a PIN block may stand in the message: authorisation and financial requests, nothing stored or forwarded.
    pub(crate) const fn may_carry_pin(self) -> bool {
        matches!((self.class, self.function), (Class::Authorisation | Class::Financial, Function::Request))
    }

    const fn again(self) -> Self {
        Self { origin: self.origin.again(), ..self }
    }
}

impl Origin {
    pub(crate) const fn first(self) -> Self {
        match self {
            Self::Acquirer | Self::AcquirerRepeat => Self::Acquirer,
            Self::Issuer | Self::IssuerRepeat => Self::Issuer,
            Self::Other | Self::OtherRepeat => Self::Other,
        }
    }

    const fn again(self) -> Self {
        match self {
            Self::Acquirer | Self::AcquirerRepeat => Self::AcquirerRepeat,
            Self::Issuer | Self::IssuerRepeat => Self::IssuerRepeat,
            Self::Other | Self::OtherRepeat => Self::OtherRepeat,
        }
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits().iter().try_for_each(|&digit| write!(f, "{}", char::from(digit)))
    }
}

impl fmt::Debug for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
