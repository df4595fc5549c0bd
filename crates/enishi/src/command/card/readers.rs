//! `enishi card readers`

use enishi_card::PcscReaders;

use super::advice::failure;
use super::{print, tell};
use crate::command::exit::{Exit, Failure};

pub(super) fn list() -> Result<Exit, Failure> {
    let names = PcscReaders::new().and_then(|readers| readers.names()).map_err(failure)?;
    if names.is_empty() {
        tell("no reader is connected");
    }
    for name in names {
        print(&name)?;
    }
    Ok(Exit::Done)
}
