//! Every reason to refuse is given by somebody: a reason that nobody gives is a promise, not a rule.

use super::source::{after_keyword, code_of};
use super::{Finding, house::House};

const LIST: &str = "crates/party/src/refusal.rs";

pub(super) fn check(house: &House) -> Vec<Finding> {
    let Some(list) = house.file(LIST) else {
        return vec![Finding::new(LIST, "is missing")];
    };
    let reasons = reasons(&list.text);
    if reasons.is_empty() {
        return vec![Finding::new(LIST, "holds no reason that could be read")];
    }
    let users: Vec<String> = house
        .rust_files()
        .filter(|file| {
            file.path.starts_with("crates/") && !file.path.starts_with("crates/party/") && !file.is_test()
        })
        .map(|file| code_of(&file.text))
        .collect();
    let given = |reason: &str| {
        let word = format!("RefusalCode::{reason}");
        users.iter().any(|code| after_keyword(code, &word).next().is_some())
    };
    reasons
        .into_iter()
        .filter(|reason| !given(reason))
        .map(|reason| Finding::new(LIST, format!("{reason} is given by nobody")))
        .collect()
}

/// The names that open a block within `refusals! { … }`.
fn reasons(text: &str) -> Vec<&str> {
    let list = text.split_once("\nrefusals! {").map_or("", |(_, list)| list);
    let list = list.split_once("\n}").map_or("", |(list, _)| list);
    list.lines()
        .filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"))
        .filter(|name| name.starts_with(|first: char| first.is_ascii_uppercase()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{LIST, check};
    use crate::tidy::house::samples::house;

    const REASONS: &str =
        "\nrefusals! {\n    /// A.\n    Late {\n        code: \"late\",\n    }\n    Lost {\n    }\n}\n";

    fn found(user: (&str, &str)) -> Vec<String> {
        check(&house(&[(LIST, REASONS), user])).into_iter().map(|its| its.what).collect()
    }

    #[test]
    fn a_reason_that_nobody_gives_is_found() {
        let user = "fn f() { a(RefusalCode::Late); } // RefusalCode::Lost";
        assert_eq!(found(("crates/relay/src/a.rs", user)), ["Lost is given by nobody"]);
        assert_eq!(found(("crates/relay/src/a.rs", "RefusalCode::Late, RefusalCode::LostCard")).len(), 1);
        assert!(found(("crates/relay/src/a.rs", "RefusalCode::Late | RefusalCode::Lost")).is_empty());
    }

    #[test]
    fn a_reason_in_tests_or_at_home_is_given_by_nobody() {
        let user = "RefusalCode::Late; RefusalCode::Lost";
        for path in ["crates/relay/tests/a.rs", "crates/relay/src/a/tests.rs", "crates/party/src/b.rs"] {
            assert_eq!(found((path, user)).len(), 2, "{path}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_read_is_found() {
        assert_eq!(check(&house(&[])).len(), 1);
        assert_eq!(check(&house(&[(LIST, "enum RefusalCode {}")])).len(), 1);
    }
}
