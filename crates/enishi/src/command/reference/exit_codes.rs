//! How commands end.

use super::cell;
use crate::command::exit::Exit;

pub(super) fn page() -> String {
    let mut text = String::from(
        "# Exit codes\n\nThe same for every command. What went wrong is one line on stderr: `enishi COMMAND: what went wrong; what to do`.\n\n\
         | code | meaning |\n|---|---|\n",
    );
    for exit in Exit::ALL {
        text.push_str(&format!("| {} | {} |\n", exit.code(), cell(exit.meaning())));
    }
    text
}
