//! The hops' names for people.

use enishi_party::Text;
use enishi_relay::Hop;

/// A hop's name for people.
pub(crate) fn name(hop: Hop) -> Text {
    match hop {
        Hop::Prove => Text::new("③証明・所持", "③ prove"),
        Hop::Link => Text::new("②紐付", "② link"),
        Hop::Clear => Text::new("③失効確認", "③ clear"),
        Hop::Provider => Text::new("会社", "company"),
    }
}
