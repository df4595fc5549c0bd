//! What goes wrong inside a read or a write.

use enishi_linkage::StoreFault;
use enishi_party::Malformed;

/// Becomes a [`StoreFault`] at the port; holds no contents of a row.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The database refused, in words without a value.
    Database(String),
    /// Another's transaction came between; the same may be tried again.
    Overtaken,
    /// A row that no version of this program writes, or a call that its port does not allow.
    Row(&'static str),
}

impl From<Malformed> for Fault {
    fn from(malformed: Malformed) -> Self {
        Self::Row(malformed.rule)
    }
}

impl From<Fault> for StoreFault {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Database(reason) => Self { reason },
            Fault::Overtaken => Self { reason: "others' transactions came between each time".to_owned() },
            Fault::Row(what) => Self { reason: what.to_owned() },
        }
    }
}
