use crate::{
    AdditionalData, Amount, ApprovalNumber, CurrencyNumber, De, Error, InstitutionId, MerchantCode, Message,
    NetworkCode, OriginalData, ProcessingCode, ReplacementAmounts, ResponseCode, Rrn, Stan, TerminalCode,
    TransmissionTime,
};

#[cfg(test)]
mod tests;

/// Bytes of a PIN block of format 4 (ISO 9564-1).
pub const PIN_BLOCK_LENGTH: usize = 16;

macro_rules! typed {
    ($($get:ident, $set:ident: $type:ty = $de:ident, $noun:literal;)*) => {
        impl Message {
            $(
                #[doc = concat!($noun, "; an error if it is missing or malformed.")]
                pub fn $get(&self) -> Result<$type, Error> {
                    <$type>::parse(self.required(De::$de)?)
                }

                #[doc = concat!("Sets: ", $noun, ".")]
                pub fn $set(&mut self, value: $type) -> &mut Self {
                    self.set(De::$de, value.to_string())
                }
            )*
        }
    };
}

typed! {
    processing_code, set_processing_code: ProcessingCode = PROCESSING_CODE, "processing code (3)";
    amount, set_amount: Amount = AMOUNT, "amount of the transaction (4)";
    transmitted_at, set_transmitted_at: TransmissionTime = TRANSMITTED_AT, "transmission date and time (7)";
    stan, set_stan: Stan = STAN, "system trace audit number (11)";
    acquirer, set_acquirer: InstitutionId = ACQUIRER, "acquiring institution (32), in the Japanese dialect the KID";
    rrn, set_rrn: Rrn = RRN, "retrieval reference number (37)";
    approval_number, set_approval_number: ApprovalNumber = APPROVAL_NUMBER, "approval number (38)";
    response_code, set_response_code: ResponseCode = RESPONSE_CODE, "response code (39)";
    terminal, set_terminal: TerminalCode = TERMINAL, "terminal (41)";
    merchant, set_merchant: MerchantCode = MERCHANT, "merchant (42)";
    currency, set_currency: CurrencyNumber = CURRENCY, "currency of the transaction (49)";
    network_code, set_network_code: NetworkCode = NETWORK_CODE, "network management code (70)";
    replacement_amounts, set_replacement_amounts: ReplacementAmounts = REPLACEMENT_AMOUNTS, "replacement amounts (95)";
}

impl Message {
    /// Original data elements (90); an error if they are missing or malformed.
    pub fn original_data(&self) -> Result<OriginalData, Error> {
        OriginalData::parse(self.required(De::ORIGINAL_DATA)?)
    }

    /// Sets: original data elements (90).
    pub fn set_original_data(&mut self, value: &OriginalData) -> &mut Self {
        self.set(De::ORIGINAL_DATA, value.to_digits())
    }

    /// Additional data of the Japanese dialect (48), empty if the element is missing; an error if it is malformed.
    pub fn additional_data(&self) -> Result<AdditionalData, Error> {
        match self.has(De::ADDITIONAL_DATA) {
            true => AdditionalData::parse(self.required(De::ADDITIONAL_DATA)?),
            false => Ok(AdditionalData::default()),
        }
    }

    /// Sets: additional data of the Japanese dialect (48); empty data take the element out.
    pub fn set_additional_data(&mut self, value: &AdditionalData) -> &mut Self {
        match value.is_empty() {
            true => self.remove(De::ADDITIONAL_DATA),
            false => self.set(De::ADDITIONAL_DATA, value.to_string()),
        }
    }

    /// The relay's signed assertion (126, Japanese dialect): COSE bytes, unchecked.
    #[must_use]
    pub fn assertion(&self) -> Option<&[u8]> {
        self.expose_bytes(De::ASSERTION)
    }

    /// Sets: the relay's signed assertion (126, Japanese dialect).
    pub fn set_assertion(&mut self, cose: &[u8]) -> &mut Self {
        self.set(De::ASSERTION, cose)
    }

    /// The ticket's surrogate account number (2, Japanese dialect), which stands beside a PIN block only.
    #[must_use]
    pub fn expose_surrogate_pan(&self) -> Option<&str> {
        self.expose_text(De::PAN)
    }

    /// The PIN block of format 4 (125, Japanese dialect).
    #[must_use]
    pub fn expose_pin_block(&self) -> Option<&[u8; PIN_BLOCK_LENGTH]> {
        self.expose_bytes(De::PIN_BLOCK_FORMAT_4)?.try_into().ok()
    }

    /// Sets a PIN block of format 4 and the surrogate account number that it was made over (125 and 2, Japanese dialect).
    pub fn set_pin_block(&mut self, surrogate_pan: &str, block: &[u8; PIN_BLOCK_LENGTH]) -> &mut Self {
        self.set(De::PAN, surrogate_pan).set(De::PIN_BLOCK_FORMAT_4, block)
    }

    /// The institution of element 32 or 33.
    pub(crate) fn institution(&self, de: De) -> Result<InstitutionId, Error> {
        InstitutionId::parse(self.required(de)?)
            .map_err(|_| Error::Value { de, expected: "one to eleven digits, not all zero" })
    }

    fn required(&self, de: De) -> Result<&str, Error> {
        if !self.has(de) {
            return Err(Error::Missing { de });
        }
        self.expose_text(de).ok_or(Error::Value { de, expected: "text" })
    }
}
