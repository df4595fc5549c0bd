//! A link's row: the same columns in the relay's file (代行) and in a partition (委託), with other checks.

use enishi_linkage::{AnyContract, AnyLink, BlindIndex, Link, LinkState, NewLink};
use enishi_party::broken::{Check, is_broken};
use enishi_party::{LinkId, Timestamp, VerifierModel};

use super::clock_value::micros;
use super::column::{all, first, label, offer, offer_word, parsed, parsed_if_there, run};
use crate::fault::Fault;
use crate::session::{Row, Session};

const COLUMNS: &str = "id, contract, subject, state, instrument, label, offer, consent";

/// A link on its way into a file.
pub(crate) struct LinkRow {
    id: LinkId,
    contract: String,
    index: BlindIndex,
    subject: String,
    label: String,
    offer: &'static str,
    consent: String,
    route: Option<Vec<u8>>,
}

impl LinkRow {
    /// Takes a new link of this contract and its model.
    pub(crate) fn new(contract: &AnyContract, new: &NewLink) -> Result<Self, Fault> {
        let link = &new.link;
        let subject = match (contract, link) {
            (AnyContract::Proxy(_), AnyLink::Proxy(link)) => link.subject.to_string(),
            (AnyContract::Entrusted(_), AnyLink::Entrusted(link)) => link.subject.to_string(),
            (AnyContract::Proxy(_), AnyLink::Entrusted(_))
            | (AnyContract::Entrusted(_), AnyLink::Proxy(_)) => {
                return Err(Fault::Row("a link of the other model"));
            }
        };
        if link.contract() != contract.id() {
            return Err(Fault::Row("a link of another contract"));
        }
        if *link.state() != LinkState::PendingConfirm {
            return Err(Fault::Row("a link that does not begin as pending"));
        }
        Ok(Self {
            id: link.id(),
            contract: link.contract().to_string(),
            index: new.index,
            subject,
            label: link.label().expose().to_owned(),
            offer: offer_word(link.offer()),
            consent: link.consent().to_string(),
            route: new.route.as_ref().map(|(_, sealed)| sealed.as_octets().to_vec()),
        })
    }

    pub(crate) fn insert(&self, session: &dyn Session, now: Timestamp) -> Result<(), Fault> {
        run(
            session,
            "INSERT INTO links (id, contract, blind_index, subject, state, label, offer, consent, route, since)
             VALUES (?1, ?2, ?3, ?4, 'pending', ?5, ?6, ?7, ?8, ?9)",
            (
                self.id.to_string(),
                &self.contract,
                self.index.as_octets(),
                &self.subject,
                &self.label,
                self.offer,
                &self.consent,
                &self.route,
                micros(now),
            ),
        )
        .map(|_| ())
    }
}

fn read(row: &Row<'_>, model: VerifierModel) -> Result<AnyLink, Fault> {
    let state: String = row.get("state")?;
    let state = match (state.as_str(), parsed_if_there(row, "instrument")?) {
        ("pending", None) => LinkState::PendingConfirm,
        ("active", Some(instrument)) => LinkState::Active(instrument),
        _ => return Err(Fault::Row("a link whose columns are of no state")),
    };
    let (id, contract, consent) = (parsed(row, "id")?, parsed(row, "contract")?, parsed(row, "consent")?);
    let (label, offer) = (label(row)?, offer(row)?);
    Ok(match model {
        VerifierModel::Proxy => {
            let subject = parsed(row, "subject")?;
            AnyLink::Proxy(Link { id, contract, subject, state, label, offer, consent })
        }
        VerifierModel::Entrusted => {
            let subject = parsed(row, "subject")?;
            AnyLink::Entrusted(Link { id, contract, subject, state, label, offer, consent })
        }
    })
}

pub(crate) fn of_card(
    session: &dyn Session,
    contract: &AnyContract,
    index: &BlindIndex,
) -> Result<Vec<AnyLink>, Fault> {
    let of_card = if is_broken(Check::Link) { "?2 IS NOT NULL" } else { "blind_index = ?2" };
    let sql = format!(
        "SELECT {COLUMNS} FROM links
         WHERE contract = ?1 AND {of_card} AND state <> 'leaving' ORDER BY since, id"
    );
    all(session, &sql, (contract.id().as_str(), index.as_octets()), |row| read(row, contract.model()))
}

pub(crate) fn get(
    session: &dyn Session,
    contract: &AnyContract,
    link: LinkId,
) -> Result<Option<AnyLink>, Fault> {
    let sql = format!("SELECT {COLUMNS} FROM links WHERE contract = ?1 AND id = ?2 AND state <> 'leaving'");
    first(session, &sql, (contract.id().as_str(), link.to_string()), |row| read(row, contract.model()))
}
