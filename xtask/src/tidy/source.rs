//! Rust source without its comments and literals, so that words and braces in them are not taken for code.

/// The same text with comments and the insides of literals as spaces: every line and column stays where it was.
pub(super) fn code_of(text: &str) -> String {
    let mut cursor = Cursor { rest: text, before: None, code: String::with_capacity(text.len()) };
    while let Some(next) = cursor.rest.chars().next() {
        match cursor.literal() {
            Some(length) => cursor.blank(length),
            None => cursor.keep(next),
        }
    }
    cursor.code
}

struct Cursor<'a> {
    rest: &'a str,
    before: Option<char>,
    code: String,
}

impl Cursor<'_> {
    /// The length of the comment or literal that starts here.
    fn literal(&self) -> Option<usize> {
        let rest = self.rest;
        if rest.starts_with("//") {
            return Some(rest.find('\n').unwrap_or(rest.len()));
        }
        if rest.starts_with("/*") {
            return Some(block_comment(rest));
        }
        if rest.starts_with('"') {
            return Some(string(rest));
        }
        if let Some(after) = rest.strip_prefix('\'') {
            return character(after).map(|length| length.saturating_add(1));
        }
        // r"…", r#"…"#, br"…", cr"…", unless the letter ends a name.
        if self.before.is_some_and(is_name) {
            return None;
        }
        let prefix = ["br", "cr", "r"].into_iter().find(|prefix| rest.starts_with(prefix))?;
        raw_string(rest.get(prefix.len()..)?).map(|length| length.saturating_add(prefix.len()))
    }

    fn blank(&mut self, length: usize) {
        let (literal, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, ""));
        // One space for one octet, so that offsets into code and text agree.
        self.code.extend(literal.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        self.before = Some(' ');
        self.rest = rest;
    }

    fn keep(&mut self, next: char) {
        self.code.push(next);
        self.before = Some(next);
        self.rest = self.rest.get(next.len_utf8()..).unwrap_or("");
    }
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("/*") {
            depth = depth.saturating_add(1);
            at = at.saturating_add(2);
        } else if rest.starts_with("*/") {
            depth = depth.saturating_sub(1);
            at = at.saturating_add(2);
            if depth == 0 {
                return at;
            }
        } else {
            at = at.saturating_add(rest.chars().next().map_or(1, char::len_utf8));
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// What follows the quote of a character; a lifetime has no second quote and is none.
fn character(after: &str) -> Option<usize> {
    let mut characters = after.char_indices();
    let (_, first) = characters.next()?;
    if first == '\\' {
        // The escaped character itself may be a quote.
        characters.next()?;
        return characters.find(|(_, it)| *it == '\'').map(|(at, _)| at.saturating_add(1));
    }
    characters.next().filter(|(_, it)| *it == '\'').map(|(at, _)| at.saturating_add(1))
}

/// From the first `#` or quote on; `r#name` is no string.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    let body = text.get(hashes..)?.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = hashes.saturating_add(1);
    Some(body.find(&end).map_or(text.len(), |at| start.saturating_add(at).saturating_add(end.len())))
}

pub(super) fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The line of an offset, counted from one.
pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count().saturating_add(1)
}

/// Offsets just behind each occurrence of a keyword that stands alone.
pub(super) fn after_keyword<'a>(code: &'a str, keyword: &'a str) -> impl Iterator<Item = usize> + 'a {
    code.match_indices(keyword).filter_map(move |(at, _)| {
        let after = at.saturating_add(keyword.len());
        let before = code.get(..at)?.chars().next_back();
        let behind = code.get(after..)?.chars().next();
        (!before.is_some_and(is_name) && !behind.is_some_and(is_name)).then_some(after)
    })
}

#[cfg(test)]
mod tests {
    use super::{after_keyword, code_of, line_of};

    #[test]
    fn comments_and_literals_become_spaces_and_lines_stay() {
        let text = "a /* { /* } */ { */ b // }\n\"{ \\\" }\" c '{' '\\'' d 'e f<'a>(縁)\nbr#\"}\"#;r\"{\" bar\"}\" r#fn";
        let code = code_of(text);
        assert_eq!(code.len(), text.len());
        assert_eq!(code.lines().count(), text.lines().count());
        assert!(!code.contains(['{', '}', '"']), "{code}");
        for kept in ["a ", " b ", " c ", " d 'e f<'a>(縁)", "bar", "r#fn"] {
            assert!(code.contains(kept), "{kept} in {code}");
        }
    }

    #[test]
    fn a_text_that_ends_inside_a_literal_ends_there() {
        for text in ["/* a", "\"a", "r#\"a\"", "// a", "'", "b'\\"] {
            assert_eq!(code_of(text).len(), text.len(), "{text}");
        }
    }

    #[test]
    fn keywords_stand_alone() {
        assert_eq!(after_keyword("fn a() { fnord; is_fn(); } pub fn b", "fn").collect::<Vec<_>>(), [2, 33]);
        assert_eq!(line_of("a\nb\nc", 4), 3);
    }
}
