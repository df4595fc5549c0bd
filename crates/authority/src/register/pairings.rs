//! シリアル番号紐付情報: which certificates belong together.

use enishi_jpki::{CertKind, Serial};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};

use super::{kind_code, serial};
use crate::AuthorityError;

/// How one certificate belongs to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Relation {
    /// Of the other kind, in the same carrier (act art. 18 (5)).
    Counterpart,
    /// Of the same kind, issued in its place (新旧).
    Successor,
    /// Of the same kind, in the other carrier (act art. 18 (4)).
    OtherCarrier,
}

impl Relation {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Counterpart => 1,
            Self::Successor => 2,
            Self::OtherCarrier => 3,
        }
    }

    pub(crate) fn from_code(code: u8) -> Option<Self> {
        [Self::Counterpart, Self::Successor, Self::OtherCarrier]
            .into_iter()
            .find(|relation| relation.code() == code)
    }

    /// The kind of what a certificate is paired with.
    #[must_use]
    pub const fn other_kind(self, kind: CertKind) -> CertKind {
        match (self, kind) {
            (Self::Counterpart, CertKind::Authentication) => CertKind::Signing,
            (Self::Counterpart, CertKind::Signing) => CertKind::Authentication,
            (Self::Successor | Self::OtherCarrier, kind) => kind,
        }
    }
}

pub(crate) fn insert(
    connection: &Connection,
    (kind, from): (CertKind, &Serial),
    relation: Relation,
    to: &Serial,
    now: Timestamp,
) -> Result<(), AuthorityError> {
    connection.execute(
        "INSERT INTO pairings (kind, serial, relation, other_serial, recorded_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        (
            kind_code(kind),
            from.expose_der_content(),
            relation.code(),
            to.expose_der_content(),
            now.as_second(),
        ),
    )?;
    Ok(())
}

/// The newest pairing of that relation.
pub(crate) fn find(
    connection: &Connection,
    kind: CertKind,
    from: &Serial,
    relation: Relation,
) -> Result<Option<Serial>, AuthorityError> {
    let content: Option<Vec<u8>> = connection
        .query_row(
            "SELECT other_serial FROM pairings WHERE kind = ?1 AND serial = ?2 AND relation = ?3
             ORDER BY id DESC LIMIT 1",
            (kind_code(kind), from.expose_der_content(), relation.code()),
            |row| row.get(0),
        )
        .optional()?;
    content.map(|content| serial(&content)).transpose()
}
