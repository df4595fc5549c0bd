//! The printed receipt.

use std::fmt;

use enishi_party::{Language, Money, PaymentId, PaymentType, SlipNumber, TerminalId, Text, Timestamp};
use jiff::tz::{TimeZone, offset};

/// Hours between Japan and UTC; there is no summer time.
const JST_HOURS: i8 = 9;

/// Longest label printed, in characters: two lines of a receipt printer.
const LABEL_CHARACTERS: usize = 48;

/// A receipt: what the holder takes home. It has no field for a card number, a PIN or a serial number.
///
/// Silent in debug output: the label is in the holder's words and belongs on no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The shop.
    pub merchant_name: Text,
    /// The terminal.
    pub terminal: TerminalId,
    /// The slip.
    pub slip: SlipNumber,
    /// When the request was made.
    pub at: Timestamp,
    /// The amount.
    pub amount: Money,
    /// 支払区分.
    pub payment_type: PaymentType,
    /// The instrument, in the words of its company and holder. Absent on a receipt printed again from the record of
    /// sales, which keeps no label.
    pub label: Option<String>,
    /// ISO 8583 DE 38.
    pub approval_number: String,
    /// The relay's name for the purchase.
    pub payment: PaymentId,
    /// The language in which it prints.
    pub language: Language,
}

impl Receipt {
    /// The receipt as lines of text, in one language; the layout is stable.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        let words = Words::of(language);
        let label = self.label.as_deref().map_or_else(|| "-".to_owned(), printable);
        let rows = [
            (words.terminal, self.terminal.to_string()),
            (words.slip, self.slip.to_string()),
            (words.at, japan_time(self.at)),
            (words.amount, self.amount.to_string()),
            (words.payment_type, payment_type(self.payment_type, language)),
            (words.instrument, label),
            (words.approval, self.approval_number.clone()),
            (words.payment, self.payment.to_string()),
        ];
        let mut lines =
            vec![printable(self.merchant_name.of(language)), words.title.to_owned(), String::new()];
        lines.extend(rows.iter().map(|(name, value)| format!("{name}: {value}")));
        lines.extend([String::new(), words.signed.to_owned(), String::new()]);
        lines.join("\n")
    }
}

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(self.language))
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Receipt({} {})", self.slip, self.payment)
    }
}

/// The fixed words.
struct Words {
    title: &'static str,
    terminal: &'static str,
    slip: &'static str,
    at: &'static str,
    amount: &'static str,
    payment_type: &'static str,
    instrument: &'static str,
    approval: &'static str,
    payment: &'static str,
    signed: &'static str,
}

impl Words {
    const fn of(language: Language) -> Self {
        match language {
            Language::Ja => Self {
                title: "ご利用票（お客様控え）",
                terminal: "端末番号",
                slip: "伝票番号",
                at: "ご利用日時",
                amount: "金額",
                payment_type: "支払区分",
                instrument: "お支払方法",
                approval: "承認番号",
                payment: "取引ID",
                signed: "マイナンバーカードで署名しました",
            },
            Language::En => Self {
                title: "RECEIPT (customer copy)",
                terminal: "Terminal",
                slip: "Slip",
                at: "Date (JST)",
                amount: "Amount",
                payment_type: "Payment",
                instrument: "Paid with",
                approval: "Approval",
                payment: "Transaction",
                signed: "Signed with a My Number Card",
            },
        }
    }
}

fn payment_type(kind: PaymentType, language: Language) -> String {
    let (ja, en) = match kind {
        PaymentType::LumpSum => ("一括払い", "in one sum"),
        PaymentType::Revolving => ("リボ払い", "revolving"),
        PaymentType::Bonus => ("ボーナス一括払い", "with the next bonus"),
        PaymentType::Instalments(parts) => {
            let parts = parts.count();
            return match language {
                Language::Ja => format!("分割{parts}回払い"),
                Language::En => format!("in {parts} instalments"),
            };
        }
    };
    match language {
        Language::Ja => ja.to_owned(),
        Language::En => en.to_owned(),
    }
}

/// The day in Japan, `YYYY-MM-DD`: the business date.
pub(crate) fn japan_date(at: Timestamp) -> String {
    in_japan(at, "%Y-%m-%d")
}

fn japan_time(at: Timestamp) -> String {
    in_japan(at, "%Y-%m-%d %H:%M:%S")
}

fn in_japan(at: Timestamp, format: &str) -> String {
    at.to_zoned(TimeZone::fixed(offset(JST_HOURS))).strftime(format).to_string()
}

/// A text from outside without what a printer or screen would obey: control characters, and those that turn the
/// direction of writing or have no width (Unicode, bidirectional and format controls).
#[must_use]
pub fn plain(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{061C}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
    };
    text.chars().filter(|c| !obeyed(*c)).collect()
}

/// The same, and no longer than a label may be.
pub(crate) fn printable(text: &str) -> String {
    plain(text).chars().take(LABEL_CHARACTERS).collect()
}

#[cfg(test)]
mod tests;
