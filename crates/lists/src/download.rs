//! One list on its way: into a file where lists are kept, else into memory.

use std::fs::File;
use std::io::{Cursor, Seek};

use enishi_party::Timestamp;
use enishi_transport::{Fetch, FetchError, PlainHttpClient};
use enishi_verify::{CrlShelf, CrlSource, DetailStore, DetailsInMemory, Placed, ShelfError};

use crate::ListError;
use crate::folder::{Incoming, ListFolder};
use crate::name::ListName;

const LIST_TYPE: &str = "application/pkix-crl";

/// What came.
pub(crate) enum Download {
    Kept(File, Incoming),
    InMemory(Vec<u8>),
}

impl Download {
    /// One call.
    pub(crate) async fn fetch(
        client: &PlainHttpClient,
        folder: Option<&ListFolder>,
        name: &ListName,
        url: &str,
        body_bytes: usize,
    ) -> Result<Self, ListError> {
        let fetch = Fetch { url, expected_type: LIST_TYPE, body_bytes };
        let Some(folder) = folder else {
            return Ok(Self::InMemory(client.get(fetch).await?.into()));
        };
        // Where this future is dropped, the file goes with it.
        let (file, incoming) = folder.incoming(name)?;
        let mut file = tokio::fs::File::from_std(file);
        client.get_to(fetch, &mut file).await?;
        Ok(Self::Kept(file.into_std().await, incoming))
    }

    /// Checks it, puts it on the shelf, and keeps it where it is newer. Takes seconds where the list is large.
    pub(crate) fn place(
        self,
        shelf: &CrlShelf,
        folder: Option<&ListFolder>,
        name: &ListName,
        now: Timestamp,
    ) -> Result<Placed, ListError> {
        let (mut file, _incoming, folder) = match (self, folder) {
            (Self::Kept(file, incoming), Some(folder)) => (file, incoming, folder),
            (Self::InMemory(list), _) => return Ok(place(shelf, name, &mut Cursor::new(list), None, now)?),
            (Self::Kept(..), None) => return Err(ListError::CutOff),
        };
        let rewound = file.rewind().map_err(|error| ListError::Fetch(FetchError::Sink(error.kind())));
        let placed = rewound.and_then(|()| Ok(place(shelf, name, &mut file, Some(folder), now)?));
        if matches!(placed, Ok(Placed::Newer))
            && let Err(error) = folder.keep(name, &file)
        {
            // The list serves all the same; only a restart would not have it.
            tracing::error!(kind = ?name.kind, key_id = %name.key_id, %error, "a revocation list was not kept");
        }
        placed
    }
}

/// Takes back a list that was kept, if there is one. One past its window serves nobody, but keeps older ones out.
pub(crate) fn restore(
    shelf: &CrlShelf,
    folder: &ListFolder,
    name: &ListName,
    octets_max: usize,
    now: Timestamp,
) -> Result<Option<Placed>, ListError> {
    let Some(mut file) = folder.kept(name, octets_max)? else { return Ok(None) };
    let point = name.point.as_deref();
    Ok(Some(shelf.restore_from(name.kind, &name.key_id, point, &mut file, folder.details(), now)?))
}

fn place(
    shelf: &CrlShelf,
    name: &ListName,
    source: &mut dyn CrlSource,
    folder: Option<&ListFolder>,
    now: Timestamp,
) -> Result<Placed, ShelfError> {
    let store: &dyn DetailStore = match folder {
        Some(folder) => folder.details(),
        None => &DetailsInMemory,
    };
    shelf.place_from(name.kind, &name.key_id, name.point.as_deref(), source, store, now)
}
