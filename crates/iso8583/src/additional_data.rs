use std::fmt;

use crate::charset::Charset;
use crate::error::Fault;
use crate::tlv::{TagSpec, Tlvs};
use crate::{De, Error, GoodsCode, SlipNumber};

#[cfg(test)]
mod tests;

/// Additional data of the Japanese dialect (element 48): what a slip says besides the amount.
///
/// Written in the order of the tags; read in any order, each tag at most once, other tags refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AdditionalData {
    /// Tag 04.
    pub payment: Option<PaymentTerms>,
    /// Tag 06.
    pub slip: Option<SlipNumber>,
    /// Tag 07.
    pub goods: Option<GoodsCode>,
}

/// How the purchase is paid, 支払区分: two digits of payment type, two of the number of payments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PaymentTerms {
    kind: u8,
    count: u8,
}

impl AdditionalData {
    pub(crate) const TAGS: &'static [TagSpec] = &[
        TagSpec { tag: PAYMENT, name: "payment type and count", charset: Charset::Numeric, min: 4, max: 4 },
        TagSpec { tag: SLIP, name: "slip number", charset: Charset::Numeric, min: 1, max: 8 },
        TagSpec { tag: GOODS, name: "goods code", charset: Charset::Numeric, min: 3, max: 7 },
    ];

    /// Reads the element's value.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text.as_bytes())
            .map_err(|fault| Error::Value { de: De::ADDITIONAL_DATA, expected: fault.expected })
    }

    /// Whether no tag is there; such an element is left out.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self { payment: None, slip: None, goods: None })
    }

    fn read(value: &[u8]) -> Result<Self, Fault> {
        let mut data = Self::default();
        for part in Tlvs::new(Self::TAGS, value) {
            let (spec, value) = part?;
            let fault = Fault::new(0, spec.name);
            let text = std::str::from_utf8(value).map_err(|_| fault)?;
            match spec.tag {
                PAYMENT => data.payment = Some(PaymentTerms::parse(text).map_err(|_| fault)?),
                SLIP => data.slip = Some(SlipNumber::parse(text).map_err(|_| fault)?),
                GOODS => data.goods = Some(GoodsCode::parse(text).map_err(|_| fault)?),
                _ => return Err(Fault::new(0, "a tag of the dialect")),
            }
        }
        Ok(data)
    }
}

impl fmt::Display for AdditionalData {
    /// The element's value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(payment) = self.payment {
            write!(f, "{PAYMENT:02}004{payment}")?;
        }
        if let Some(slip) = self.slip {
            write!(f, "{SLIP:02}{:03}{slip}", slip.as_str().len())?;
        }
        if let Some(goods) = self.goods {
            write!(f, "{GOODS:02}{:03}{goods}", goods.as_str().len())?;
        }
        Ok(())
    }
}

impl PaymentTerms {
    /// 一括: at once, type 10.
    pub const LUMP_SUM: Self = Self { kind: 10, count: 0 };
    /// リボ: revolving, type 80.
    pub const REVOLVING: Self = Self { kind: 80, count: 0 };

    /// A payment type and a number of payments, each at most 99; which types exist is the provider's to say.
    pub fn new(kind: u8, count: u8) -> Result<Self, Error> {
        if kind > 99 || count > 99 {
            return Err(Error::Value { de: De::ADDITIONAL_DATA, expected: TERMS });
        }
        Ok(Self { kind, count })
    }

    /// 分割: in so many payments, type 61.
    pub fn instalments(count: u8) -> Result<Self, Error> {
        Self::new(61, count)
    }

    /// Reads four digits.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let four = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let terms = text.split_at_checked(2).filter(|_| four);
        let terms = terms.and_then(|(kind, count)| Some((kind.parse().ok()?, count.parse().ok()?)));
        let (kind, count) = terms.ok_or(Error::Value { de: De::ADDITIONAL_DATA, expected: TERMS })?;
        Self::new(kind, count)
    }

    /// The payment type, 0 to 99.
    #[must_use]
    pub const fn kind(self) -> u8 {
        self.kind
    }

    /// The number of payments, 0 to 99; 0 where the type has none.
    #[must_use]
    pub const fn count(self) -> u8 {
        self.count
    }
}

impl fmt::Display for PaymentTerms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}{:02}", self.kind, self.count)
    }
}

const PAYMENT: u8 = 4;
const SLIP: u8 = 6;
const GOODS: u8 = 7;
const TERMS: &str = "two digits of payment type and two of count";
