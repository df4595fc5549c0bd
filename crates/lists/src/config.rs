use std::path::PathBuf;
use std::time::Duration;

use enishi_verify::ListUrl;

use crate::ListError;

/// Largest list where none is kept in a file: 1.8 million entries of 37 octets, and it is held whole while it is read.
const MEMORY_LIST_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Where lists come from, where they are kept, and within which bounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListsConfig {
    /// The lists, one for each authority, or one for each of its partitions.
    pub url: ListUrl,
    /// Where lists are kept, so that a restart has them and no older ones come back. For its owner alone, and for one process
    /// at a time. Without it lists are read in memory, and none larger than 64 MiB.
    pub folder: Option<PathBuf>,
    /// Largest list fetched in bytes; the limits of `verify` hold as well.
    pub list_bytes: usize,
    /// How long a look-up may wait for a list that must be fetched first.
    pub lookup_timeout: Duration,
    /// How long the regular fetch of one list may take.
    pub refresh_timeout: Duration,
}

impl ListsConfig {
    /// The usual bounds, nothing kept on disk.
    #[must_use]
    pub const fn new(url: ListUrl) -> Self {
        Self {
            url,
            folder: None,
            list_bytes: MEMORY_LIST_BYTES_MAX,
            lookup_timeout: Duration::from_secs(2),
            refresh_timeout: Duration::from_secs(60),
        }
    }

    /// The same with a folder, and so with lists as large as the limits of `verify` allow.
    #[must_use]
    pub fn kept_in(self, folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), list_bytes: usize::MAX, ..self }
    }

    pub(crate) fn check(&self) -> Result<(), ListError> {
        let some = "more than nothing";
        let in_memory = "at most 64 MiB where no folder is set: set one";
        let rules = [
            ("lookup_timeout", !self.lookup_timeout.is_zero(), some),
            ("refresh_timeout", !self.refresh_timeout.is_zero(), some),
            ("list_bytes", self.list_bytes > 0, some),
            ("list_bytes", self.folder.is_some() || self.list_bytes <= MEMORY_LIST_BYTES_MAX, in_memory),
        ];
        match rules.into_iter().find(|(_, kept, _)| !kept) {
            Some((setting, _, rule)) => Err(ListError::Setting { setting, rule }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
