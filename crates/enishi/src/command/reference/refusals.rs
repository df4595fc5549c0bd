//! Why the relay refuses.

use enishi_party::{Language, RefusalCode};

use super::cell;

pub(super) fn page() -> String {
    let mut text = String::from(
        "# Refusals\n\nThe closed list of the relay's refusals, in precedence order: of two that hold, the earlier is told. The code is the last \
         part of the problem document's `type` (RFC 9457); DE 39 is what a till of ISO 8583 shows.\n\n\
         | code | HTTP | DE 39 | what the person reads | what the clerk can do |\n|---|---|---|---|---|\n",
    );
    for code in RefusalCode::ALL {
        let both = |ja: &str, en: &str| format!("{}<br>{}", cell(ja), cell(en));
        text.push_str(&format!(
            "| `{}` | {} | {} | {} | {} |\n",
            code.code(),
            code.http_status(),
            code.response_code(),
            both(code.user_message(Language::Ja), code.user_message(Language::En)),
            both(code.clerk_action(Language::Ja), code.clerk_action(Language::En)),
        ));
    }
    text
}
