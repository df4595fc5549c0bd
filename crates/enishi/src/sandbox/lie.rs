//! A dishonest operator of the relay: changes a row in a partition behind the relay's back.

use enishi_party::CustomerId;
use rusqlite::{Connection, params};

use super::{Company, Person, PersonKey, SandboxError, Town};

/// A link as it was before the lie.
#[derive(Debug)]
pub struct HonestLink {
    id: String,
    customer: String,
    instrument: String,
}

impl Town {
    /// Points one citizen's link at another's customer and instrument, in the relay's partition of a company under 委託.
    ///
    /// # Errors
    /// Either has no link there.
    pub fn point_link(
        &self,
        from: PersonKey,
        to: PersonKey,
        company: Company,
    ) -> Result<HonestLink, SandboxError> {
        let partition = self.partition(company)?;
        let link = |key: PersonKey| {
            let customer = customer(key, company)?;
            let row = partition.query_row(
                "SELECT id, subject, instrument FROM links WHERE subject = ?1 AND state = 'active'",
                params![customer.as_str()],
                |row| Ok(HonestLink { id: row.get(0)?, customer: row.get(1)?, instrument: row.get(2)? }),
            );
            row.map_err(|error| SandboxError::Making(error.to_string()))
        };
        let (honest, other) = (link(from)?, link(to)?);
        write(&partition, &honest.id, &other.customer, &other.instrument)?;
        Ok(honest)
    }

    /// Puts the link right again.
    ///
    /// # Errors
    /// The partition cannot be written.
    pub fn restore_link(&self, company: Company, honest: &HonestLink) -> Result<(), SandboxError> {
        write(&self.partition(company)?, &honest.id, &honest.customer, &honest.instrument)
    }

    fn partition(&self, company: Company) -> Result<Connection, SandboxError> {
        let file =
            self.plan.root.join("relay/store/entrusted").join(format!("{}.sqlite", company.contract()));
        let partition = Connection::open(file).map_err(|error| SandboxError::Making(error.to_string()))?;
        let patience = std::time::Duration::from_secs(5);
        partition.busy_timeout(patience).map_err(|error| SandboxError::Making(error.to_string()))?;
        Ok(partition)
    }
}

fn customer(key: PersonKey, company: Company) -> Result<CustomerId, SandboxError> {
    let accounts = Person::of(key).map(|person| person.accounts).unwrap_or_default();
    let account = accounts.iter().find(|account| account.company == company);
    let account = account.ok_or_else(|| SandboxError::Making(format!("{key:?} has no account there")))?;
    Ok(account.customer.parse()?)
}

fn write(partition: &Connection, id: &str, customer: &str, instrument: &str) -> Result<(), SandboxError> {
    let changed = partition
        .execute(
            "UPDATE links SET subject = ?2, instrument = ?3 WHERE id = ?1",
            params![id, customer, instrument],
        )
        .map_err(|error| SandboxError::Making(error.to_string()))?;
    if changed == 1 { Ok(()) } else { Err(SandboxError::Making("the link is gone".to_owned())) }
}
