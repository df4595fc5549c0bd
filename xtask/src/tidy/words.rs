//! Words that may not stand in any file: machine paths, promises, registry hosts, allowed lints.

use super::source::is_name;
use super::{Finding, house::House};

/// A text and why it may not stand there.
struct Banned {
    text: &'static str,
    why: &'static str,
    edges: Edges,
}

/// What may stand beside the text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    Anything,
    /// No letter, digit or underscore: a word of its own.
    Word,
}

/// Written in pieces, since this file is looked at too.
const BANNED: &[Banned] = &[
    Banned { text: concat!("/ro", "ot/"), why: "a path of one machine", edges: Edges::Anything },
    Banned { text: concat!("/ho", "me/"), why: "a path of one machine", edges: Edges::Anything },
    Banned { text: concat!("/wo", "rk/"), why: "a path of one machine", edges: Edges::Anything },
    Banned { text: concat!("TO", "DO"), why: "do it, or name it in ARCHITECTURE.md", edges: Edges::Word },
    Banned { text: concat!("FIX", "ME"), why: "do it, or name it in ARCHITECTURE.md", edges: Edges::Word },
    Banned { text: concat!("to", "do!("), why: "a stub", edges: Edges::Word },
    Banned { text: concat!("unimpl", "emented!("), why: "a stub", edges: Edges::Word },
    Banned { text: concat!("crates", ".io"), why: "a registry host", edges: Edges::Anything },
    Banned { text: concat!("pypi", ".org"), why: "a registry host", edges: Edges::Anything },
    Banned { text: concat!("python", "hosted.org"), why: "a registry host", edges: Edges::Anything },
    Banned { text: concat!("debian", ".org"), why: "a registry host", edges: Edges::Anything },
    Banned { text: concat!("npmjs", ".org"), why: "a registry host", edges: Edges::Anything },
    Banned { text: concat!("#[all", "ow("), why: "expect with a reason instead", edges: Edges::Anything },
    Banned { text: concat!("#![all", "ow("), why: "expect with a reason instead", edges: Edges::Anything },
];

/// Written by cargo, not by us.
const LOCK: &str = "Cargo.lock";

pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.files.iter().filter(|file| file.path != LOCK) {
        for (number, line) in file.text.lines().enumerate() {
            for banned in BANNED.iter().filter(|banned| banned.stands_in(line)) {
                let what = format!("{}: {}", banned.text, banned.why);
                findings.push(Finding::at(&file.path, number.saturating_add(1), what));
            }
        }
    }
    findings
}

impl Banned {
    fn stands_in(&self, line: &str) -> bool {
        line.match_indices(self.text).any(|(at, _)| {
            let before = line.get(..at).and_then(|it| it.chars().next_back());
            let after = line.get(at.saturating_add(self.text.len())..).and_then(|it| it.chars().next());
            let macro_call = self.text.ends_with('(');
            self.edges == Edges::Anything
                || !(before.is_some_and(is_name) || (!macro_call && after.is_some_and(is_name)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{BANNED, LOCK, check};
    use crate::tidy::house::samples::house;

    #[test]
    fn every_banned_text_is_found_in_any_file_but_the_lock() {
        for banned in BANNED {
            let line = format!("a\nb {} c", banned.text);
            let found = check(&house(&[("docs/a.md", &line), (LOCK, &line)]));
            assert!(found.iter().any(|its| its.place == "docs/a.md:2"), "{}: {found:?}", banned.text);
            assert!(found.iter().all(|its| its.place != "Cargo.lock:2"));
        }
    }

    #[test]
    fn a_word_inside_another_is_none() {
        let text = format!("M{}X {}_LIST expect(", concat!("TO", "DO"), concat!("TO", "DO"));
        assert_eq!(check(&house(&[("a.rs", &text)])), []);
    }
}
