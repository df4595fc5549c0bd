//! UTCTime and GeneralizedTime in the one form that RFC 5280 allows.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::element::{Element, tag};
use super::{DerError, DerFault};

impl Element<'_> {
    /// A `Time` of X.509: UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 §4.1.2.5).
    ///
    /// # Errors
    /// Another tag, the wrong type for the year, a form without seconds or `Z`, a date that does not exist.
    pub fn x509_time(&self) -> Result<Timestamp, DerError> {
        match self.tag() {
            // RFC 5280 §4.1.2.5.1: two-digit years below 50 are 20xx.
            tag::UTC_TIME => {
                let [year, rest @ ..] = self.digits::<6>("YYMMDDHHMMSSZ expected")?;
                self.timestamp(if year < 50 { year + 2000 } else { year + 1900 }, rest)
            }
            tag::GENERALIZED_TIME => {
                let [century, year, rest @ ..] = self.digits::<7>("YYYYMMDDHHMMSSZ expected")?;
                let year = century * 100 + year;
                // RFC 5280 §4.1.2.5: "through the year 2049 as UTCTime".
                if year < 2050 {
                    return Err(self.error("GeneralizedTime before 2050"));
                }
                self.timestamp(year, rest)
            }
            found => Err(self.wrong_tag(tag::UTC_TIME, found)),
        }
    }

    /// A GeneralizedTime of any year without fraction, as OCSP has it (RFC 6960 §4.2.1).
    ///
    /// # Errors
    /// Another tag, another form, a date that does not exist.
    pub fn generalized_time(&self) -> Result<Timestamp, DerError> {
        if self.tag() != tag::GENERALIZED_TIME {
            return Err(self.wrong_tag(tag::GENERALIZED_TIME, self.tag()));
        }
        let [century, year, rest @ ..] = self.digits::<7>("YYYYMMDDHHMMSSZ expected")?;
        self.timestamp(century * 100 + year, rest)
    }

    fn digits<const PAIRS: usize>(&self, rule: &'static str) -> Result<[i16; PAIRS], DerError> {
        let text = match self.content() {
            [text @ .., b'Z'] if text.len() == PAIRS * 2 => text,
            _ => return Err(self.error(rule)),
        };
        let mut numbers = [0_i16; PAIRS];
        for (number, pair) in numbers.iter_mut().zip(text.chunks_exact(2)) {
            for &octet in pair {
                if !octet.is_ascii_digit() {
                    return Err(self.error(rule));
                }
                *number = *number * 10 + i16::from(octet - b'0');
            }
        }
        Ok(numbers)
    }

    fn timestamp(&self, year: i16, rest: [i16; 5]) -> Result<Timestamp, DerError> {
        let fail = || self.error("no such date and time");
        let mut small = [0_i8; 5];
        for (to, from) in small.iter_mut().zip(rest) {
            *to = i8::try_from(from).map_err(|_| fail())?;
        }
        let [month, day, hour, minute, second] = small;
        DateTime::new(year, month, day, hour, minute, second, 0)
            .and_then(|civil| TimeZone::UTC.to_timestamp(civil))
            .map_err(|_| fail())
    }

    const fn wrong_tag(&self, expected: u8, found: u8) -> DerError {
        DerError { at: self.range().start, fault: DerFault::Tag { expected, found } }
    }
}
