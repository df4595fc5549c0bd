//! What the books say about one purchase.

use enishi_party::{CustomerId, InstrumentRef, PairwiseId, Timestamp};
use enishi_provider::{
    AssertionUse, Card, CardSlot, Customer, Facts, Inquiry, PinRecord, PinVerificationValue, Standing,
    Subject, UNREADABLE_WINDOW,
};
use rusqlite::{OptionalExtension, Row, Transaction, params};

use crate::StoreError;
use crate::row::{Octets16, card_state, customer_state, millis_before, money};

pub(crate) fn facts(tx: &Transaction<'_>, inquiry: &Inquiry, now: Timestamp) -> Result<Facts, StoreError> {
    let used = tx
        .prepare_cached("SELECT 1 FROM used_assertion WHERE assertion = ?1")?
        .exists([inquiry.assertion.octets()])?;
    Ok(Facts {
        assertion: if used { AssertionUse::Used } else { AssertionUse::Fresh },
        standing: match tied_card(tx, &inquiry.subject, inquiry.instrument)? {
            Some((customer, slot)) => Some(standing(tx, &customer, slot, now)?),
            None => None,
        },
    })
}

/// The customer and card that subject and instrument name together, if they do.
fn tied_card(
    tx: &Transaction<'_>,
    subject: &Subject,
    instrument: InstrumentRef,
) -> Result<Option<(CustomerId, CardSlot)>, StoreError> {
    let (customer, pairwise) = match subject {
        Subject::Pairwise(pairwise) => (customer_of(tx, pairwise)?, Some(pairwise.octets())),
        Subject::Customer(customer) => (Some(customer.clone()), None),
    };
    let Some(customer) = customer else { return Ok(None) };
    let slot: Option<u8> = tx
        .prepare_cached("SELECT slot FROM tie WHERE instrument = ?1 AND customer = ?2 AND pairwise IS ?3")?
        .query_row(params![instrument.octets(), customer.as_str(), pairwise], |row| row.get(0))
        .optional()?;
    Ok(slot.map(CardSlot::try_from).transpose()?.map(|slot| (customer, slot)))
}

/// The customer of a pairwise ID, unless the customer has a later one.
pub(crate) fn customer_of(
    tx: &Transaction<'_>,
    pairwise: &PairwiseId,
) -> Result<Option<CustomerId>, StoreError> {
    let found: Option<String> = tx
        .prepare_cached(
            "SELECT customer FROM conversion AS it WHERE pairwise = ?1 AND NOT EXISTS
             (SELECT 1 FROM conversion AS later WHERE later.customer = it.customer AND later.id > it.id)",
        )?
        .query_row([pairwise.octets()], |row| row.get(0))
        .optional()?;
    Ok(found.map(|text| text.parse()).transpose()?)
}

fn standing(
    tx: &Transaction<'_>,
    id: &CustomerId,
    slot: CardSlot,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let owed: i64 = tx
        .prepare_cached(
            "SELECT coalesce(sum(CASE side WHEN 'debit' THEN minor ELSE -minor END), 0) FROM leg
             WHERE account = 'card_receivable' AND customer = ?1 AND slot = ?2",
        )?
        .query_row(params![id.as_str(), slot.number()], |row| row.get(0))?;
    let unreadable_blocks = tx
        .prepare_cached(
            "SELECT count(*) FROM unreadable_block WHERE customer = ?1 AND slot = ?2 AND came_at > ?3",
        )?
        .query_row(params![id.as_str(), slot.number(), millis_before(now, UNREADABLE_WINDOW)], |row| {
            row.get(0)
        })?;
    let no_row = StoreError::Inconsistent("a tie without its customer or card");
    let cards = cards(tx, id)?;
    Ok(Standing {
        customer: customer(tx, id)?.ok_or(no_row)?,
        card: cards
            .into_iter()
            .find(|card| card.slot == slot)
            .ok_or(StoreError::Inconsistent("a tie without its card"))?,
        // Entries are undone at most once, so nobody owes less than nothing.
        owed_minor: u64::try_from(owed).map_err(|_| StoreError::Inconsistent("a card's balance"))?,
        unreadable_blocks,
    })
}

pub(crate) fn customer(tx: &Transaction<'_>, id: &CustomerId) -> Result<Option<Customer>, StoreError> {
    let found = tx
        .prepare_cached("SELECT name, birth_date, state FROM customer WHERE id = ?1")?
        .query_row([id.as_str()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
        })
        .optional()?;
    let Some((name, birth_date, state)) = found else { return Ok(None) };
    Ok(Some(Customer {
        id: id.clone(),
        name: name.parse()?,
        birth_date: birth_date.parse().map_err(|_| StoreError::Inconsistent("birth date"))?,
        state: customer_state(&state)?,
    }))
}

pub(crate) fn cards(tx: &Transaction<'_>, id: &CustomerId) -> Result<Vec<Card>, StoreError> {
    let mut statement = tx.prepare_cached(
        "SELECT slot, pan, label, state, currency, credit_limit, transaction_limit, pin_value, pin_wrong_tries
         FROM card WHERE customer = ?1 ORDER BY slot",
    )?;
    let mut rows = statement.query([id.as_str()])?;
    let mut cards = Vec::new();
    while let Some(row) = rows.next()? {
        cards.push(card(id, row)?);
    }
    Ok(cards)
}

fn card(customer: &CustomerId, row: &Row<'_>) -> Result<Card, StoreError> {
    let text = |index| row.get::<_, String>(index);
    let currency = text(4)?;
    Ok(Card {
        customer: customer.clone(),
        slot: CardSlot::try_from(row.get::<_, u8>(0)?)?,
        pan: zeroize::Zeroizing::new(text(1)?).parse()?,
        label: text(2)?.parse()?,
        state: card_state(&text(3)?)?,
        credit_limit: money(row.get(5)?, &currency)?,
        transaction_limit: money(row.get(6)?, &currency)?,
        pin: PinRecord { value: PinVerificationValue::from_octets(row.get(7)?), wrong_tries: row.get(8)? },
    })
}
