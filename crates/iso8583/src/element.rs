use std::fmt;

/// The number of a data element, 2 to 128.
///
/// Element 1 is the secondary bitmap and therefore not data: no value of this type names it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct De(u8);

impl De {
    /// Primary account number; between relay and provider only the ticket's surrogate.
    pub const PAN: Self = Self(2);
    /// Processing code.
    pub const PROCESSING_CODE: Self = Self(3);
    /// Amount of the transaction.
    pub const AMOUNT: Self = Self(4);
    /// Transmission date and time.
    pub const TRANSMITTED_AT: Self = Self(7);
    /// System trace audit number.
    pub const STAN: Self = Self(11);
    /// Local time of the transaction.
    pub const LOCAL_TIME: Self = Self(12);
    /// Local date of the transaction.
    pub const LOCAL_DATE: Self = Self(13);
    /// Merchant type.
    pub const MERCHANT_TYPE: Self = Self(18);
    /// Point of service entry mode.
    pub const ENTRY_MODE: Self = Self(22);
    /// Acquiring institution (KID in the Japanese dialect).
    pub const ACQUIRER: Self = Self(32);
    /// Forwarding institution.
    pub const FORWARDER: Self = Self(33);
    /// Retrieval reference number.
    pub const RRN: Self = Self(37);
    /// Approval number.
    pub const APPROVAL_NUMBER: Self = Self(38);
    /// Response code.
    pub const RESPONSE_CODE: Self = Self(39);
    /// Terminal.
    pub const TERMINAL: Self = Self(41);
    /// Merchant.
    pub const MERCHANT: Self = Self(42);
    /// Additional data.
    pub const ADDITIONAL_DATA: Self = Self(48);
    /// Currency of the transaction.
    pub const CURRENCY: Self = Self(49);
    /// PIN block of ISO 9564 formats 0, 1 and 3.
    pub const PIN_DATA: Self = Self(52);
    /// Security related control information, for the PIN block of element 52.
    pub const SECURITY_CONTROL: Self = Self(53);
    /// Message authentication code of a message without a secondary bitmap.
    pub const MAC: Self = Self(64);
    /// Network management code.
    pub const NETWORK_CODE: Self = Self(70);
    /// Original data elements.
    pub const ORIGINAL_DATA: Self = Self(90);
    /// Replacement amounts.
    pub const REPLACEMENT_AMOUNTS: Self = Self(95);
    /// PIN block of ISO 9564 format 4, in the Japanese dialect.
    pub const PIN_BLOCK_FORMAT_4: Self = Self(125);
    /// The relay's signed assertion, in the Japanese dialect.
    pub const ASSERTION: Self = Self(126);
    /// Message authentication code of a message with a secondary bitmap.
    pub const MAC_SECONDARY: Self = Self(128);

    /// The element of that number; `None` for 0, 1 and everything above 128.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            2..=128 => Some(Self(number)),
            _ => None,
        }
    }

    /// For the tables, which the compiler evaluates: a wrong number does not build.
    pub(crate) const fn in_table(number: u8) -> Self {
        assert!(number >= 2 && number <= 128, "a data element has a number from 2 to 128");
        Self(number)
    }

    /// The number, 2 to 128.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for De {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DE {}", self.0)
    }
}

impl fmt::Debug for De {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
