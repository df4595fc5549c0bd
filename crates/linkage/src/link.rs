//! Links (紐付): the tie between a holder's card and a provider's customer.

use enishi_party::{ConsentId, ContractId, InstrumentRef, LinkId};

use crate::{Entrusted, Model, Proxy};

/// One tie under one model. It holds no serial number: the store finds it by a keyed index.
#[derive(Debug, Clone)]
pub struct Link<M: Model> {
    /// Its name.
    pub id: LinkId,
    /// The contract it belongs to.
    pub contract: ContractId,
    /// Whom the provider knows.
    pub subject: M::Subject,
    /// The provider's instrument, absent until the provider confirmed.
    pub state: LinkState,
    /// How the holder knows the instrument; never for logs.
    pub label: Label,
    /// Whether it may be offered beside those of other companies.
    pub offer: Offer,
    /// The consent it stands on.
    pub consent: ConsentId,
}

/// Where a link is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkState {
    /// The holder consented; the provider has not confirmed.
    PendingConfirm,
    /// It serves requests with this instrument.
    Active(InstrumentRef),
}

/// Whether a link takes part in joint choosing (slide 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// Beside the links of other companies, by the holder's consent.
    Jointly,
    /// Only to requests that name the contract.
    Alone,
}

/// How a holder knows an instrument, as `Card A ••1234`; silent in debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Label(String);

/// A label that no terminal can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label is 1 to 40 visible characters")]
pub struct LabelError;

impl Label {
    /// Takes a label.
    ///
    /// # Errors
    /// Blank, longer than a terminal's line, or with characters that nobody sees.
    pub fn new(text: &str) -> Result<Self, LabelError> {
        let length = text.chars().count();
        let blank = text.chars().all(char::is_whitespace);
        if (1..=40).contains(&length) && !blank && !text.chars().any(is_unseen) {
            Ok(Self(text.to_owned()))
        } else {
            Err(LabelError)
        }
    }

    /// The words, for the holder's eyes.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Controls, and what is invisible or turns the direction of writing: in a list, one company's label could pass for
/// another's (Unicode TR 36 §2.5).
fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{FEFF}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
}

impl std::fmt::Debug for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Label(…)")
    }
}

/// A link of either model, as a store reads it.
#[derive(Debug, Clone)]
pub enum AnyLink {
    /// 委託.
    Entrusted(Link<Entrusted>),
    /// 代行.
    Proxy(Link<Proxy>),
}

macro_rules! either {
    ($link:expr, $inner:ident => $body:expr) => {
        match $link {
            AnyLink::Entrusted($inner) => $body,
            AnyLink::Proxy($inner) => $body,
        }
    };
}

impl AnyLink {
    /// Its name.
    #[must_use]
    pub fn id(&self) -> LinkId {
        either!(self, link => link.id)
    }

    /// Its contract.
    #[must_use]
    pub fn contract(&self) -> &ContractId {
        either!(self, link => &link.contract)
    }

    /// The words for the holder.
    #[must_use]
    pub fn label(&self) -> &Label {
        either!(self, link => &link.label)
    }

    /// Where it is in its life.
    #[must_use]
    pub fn state(&self) -> &LinkState {
        either!(self, link => &link.state)
    }

    /// Whether it takes part in joint choosing.
    #[must_use]
    pub fn offer(&self) -> Offer {
        either!(self, link => link.offer)
    }

    /// The consent it stands on.
    #[must_use]
    pub fn consent(&self) -> ConsentId {
        either!(self, link => link.consent)
    }
}
