//! What became of a purchase, as the shop hears it.

use std::time::Duration;

use enishi_card::{CardError, Tries};
use enishi_party::{SlipNumber, Text};
use enishi_wire::{CancelOutcome, Problem};

use crate::Receipt;

/// What became of a purchase. Only [`Outcome::Approved`] hands over the goods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The company approved; the record is on the disk already.
    Approved {
        /// To be printed.
        receipt: Box<Receipt>,
    },
    /// The company declined, or did not answer the relay (91).
    Declined {
        /// ISO 8583 DE 39.
        response_code: String,
        /// What to say.
        text: Text,
    },
    /// The relay refused.
    Refused {
        /// Why, and what the clerk can do.
        problem: Box<Problem>,
    },
    /// The card did not give a proof; nothing was sent.
    CardRefused(CardRefused),
    /// The holder did not go on: no PIN, no choice.
    Withdrawn {
        /// What became of the request, where one had been sent.
        cancellation: Cancellation,
    },
    /// No outcome was heard: do not hand over the goods.
    NotCompleted {
        /// What became of the request.
        cancellation: Cancellation,
    },
}

impl Outcome {
    /// What the clerk reads.
    #[must_use]
    pub fn clerk_text(&self) -> Text {
        match self {
            Self::Approved { .. } => Text::new("承認されました。", "Approved."),
            Self::Declined { text, .. } => text.clone(),
            Self::Refused { problem } => Text::new(&*problem.clerk_action.ja, &*problem.clerk_action.en),
            Self::CardRefused(refused) => refused.text(),
            Self::Withdrawn { .. } => Text::new("お客様が取りやめました。", "The customer did not go on."),
            Self::NotCompleted { .. } => Text::new(
                "取引は成立していません。商品を渡さないでください。",
                "The transaction is not completed. Do not hand over the goods.",
            ),
        }
    }
}

/// Whether a request without an outcome has been taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    /// Provably nothing of it ever left the terminal.
    NothingSent,
    /// The relay acknowledged the cancellation.
    Acknowledged(CancelOutcome),
    /// Not acknowledged yet: journalled, and sent again by [`Terminal::resume`](crate::Terminal::resume).
    Pending,
}

/// Why the card gave no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardRefused {
    /// The PIN or password was wrong; the card was asked once.
    PinWrong {
        /// What the card said is left.
        left: Tries,
    },
    /// The PIN or password is locked; a municipal office lifts that.
    PinLocked,
    /// One try is left, which the card had not said when the holder was asked; it was not spent.
    OneTryLeft,
    /// No card in the reader.
    NoCard,
    /// Another program holds the card.
    CardHeld,
    /// The reader, or the service behind it, cannot be used.
    NoReader,
    /// The card was moved or taken away.
    CardMoved,
    /// Another card than the one at the beginning.
    CardSwapped,
    /// Not a My Number Card, or of a kind that is not known here.
    NotSupported,
    /// The card carries no signing certificate.
    NoSigningCertificate,
    /// The card answered against the protocol.
    Malfunction,
}

impl CardRefused {
    /// What the person at the terminal reads.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::PinWrong { left: Tries::Left(left) } => Text::new(
                format!("暗証番号が違います。残り{left}回です。"),
                format!("Wrong PIN. Tries left: {left}."),
            ),
            Self::PinWrong { .. } => Text::new("暗証番号が違います。", "Wrong PIN."),
            Self::PinLocked => Text::new(
                "暗証番号がロックされています。市区町村の窓口で解除できます。",
                "The PIN is locked. The municipal office unlocks it.",
            ),
            Self::OneTryLeft => Text::new(
                "暗証番号の入力は残り1回です。もう一度お願いします。",
                "One try is left for the PIN. Please start again.",
            ),
            Self::NoCard => Text::new("カードをかざしてください。", "Please tap the card."),
            Self::CardHeld => Text::new(
                "ほかのプログラムがカードを使用中です。終了してからやり直してください。",
                "Another program holds the card. Close it and start again.",
            ),
            Self::NoReader => Text::new(
                "カードリーダーを使用できません。接続を確認してください。",
                "The card reader cannot be used. Check that it is connected.",
            ),
            Self::CardMoved => Text::new("もう一度カードをかざしてください。", "Please tap the card again."),
            Self::CardSwapped => Text::new(
                "別のカードが読み取られました。やり直してください。",
                "Another card was read. Please start again.",
            ),
            Self::NotSupported => {
                Text::new("このカードには対応していません。", "This card is not supported.")
            }
            Self::NoSigningCertificate => Text::new(
                "このカードには署名用電子証明書がありません。",
                "This card has no signing certificate.",
            ),
            Self::Malfunction => Text::new("カードを読み取れません。", "The card cannot be read."),
        }
    }
}

impl From<CardError> for CardRefused {
    fn from(error: CardError) -> Self {
        match error {
            CardError::NoCard => Self::NoCard,
            CardError::CardHeld => Self::CardHeld,
            CardError::NoReader { .. } | CardError::NoService | CardError::AccessDenied => Self::NoReader,
            CardError::CardMoved { .. } => Self::CardMoved,
            CardError::NotJpki | CardError::UnknownToken | CardError::UnknownKey => Self::NotSupported,
            CardError::NoSigningCertificate => Self::NoSigningCertificate,
            // The try that was spent just now was the last one.
            CardError::PinBlocked | CardError::PinWrong { left: Tries::Blocked | Tries::Left(0) } => {
                Self::PinLocked
            }
            CardError::PinWrong { left } => Self::PinWrong { left },
            CardError::OneTryLeft => Self::OneTryLeft,
            CardError::CardSwapped { .. } => Self::CardSwapped,
            _ => Self::Malfunction,
        }
    }
}

/// How long each hop took, by a monotonic clock; the holder's own time is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HopTiming {
    /// All commands to the card.
    pub card: Duration,
    /// Each round trip to the relay since the proof, in order, lost ones among them.
    pub relay: Vec<Duration>,
}

/// A purchase that has come to its end at this terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PayReport {
    /// What became of it.
    pub outcome: Outcome,
    /// Its slip, if one was taken: none is while the holder has not entered a PIN.
    pub slip: Option<SlipNumber>,
    /// How long each hop took.
    pub timing: HopTiming,
}
