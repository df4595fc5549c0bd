use enishi_jpki::{CertKind, KeyId};
use enishi_verify::ListUrl;

/// Which list: an authority's whole one, or one of its partitions.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ListName {
    pub(crate) kind: CertKind,
    pub(crate) key_id: KeyId,
    /// The distribution point's directoryName, DER.
    pub(crate) point: Option<Vec<u8>>,
}

impl ListName {
    pub(crate) const fn whole(kind: CertKind, key_id: KeyId) -> Self {
        Self { kind, key_id, point: None }
    }

    pub(crate) const fn partition(kind: CertKind, key_id: KeyId, point: Vec<u8>) -> Self {
        Self { kind, key_id, point: Some(point) }
    }

    /// Where it is fetched.
    pub(crate) fn address(&self, url: &ListUrl) -> String {
        let partition =
            self.point.as_deref().and_then(|point| url.of_partition(self.kind, &self.key_id, point));
        partition.unwrap_or_else(|| url.of(self.kind, &self.key_id))
    }

    /// What its files are called: letters and hex digits, so the name cannot leave a folder.
    pub(crate) fn stem(&self) -> String {
        let kind = match self.kind {
            CertKind::Authentication => "auth",
            CertKind::Signing => "sign",
        };
        match &self.point {
            Some(point) => format!("{kind}-{}-{}", self.key_id, ListUrl::partition_word(point)),
            None => format!("{kind}-{}", self.key_id),
        }
    }
}
