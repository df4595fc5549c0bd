//! How long functions are.

use super::source::{after_keyword, code_of, is_name, line_of};
use super::{Finding, house::House};

/// From the line of `fn` to that of the closing brace.
const LINES_MAX: usize = 70;

pub(super) fn check(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in house.rust_files() {
        for function in functions(&code_of(&file.text)) {
            if function.lines > LINES_MAX {
                let what = format!("fn {} has {} lines", function.name, function.lines);
                findings.push(Finding::at(&file.path, function.line, what));
            }
        }
    }
    findings
}

struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Functions with a body; `fn(…)` types and declarations have none.
fn functions(code: &str) -> Vec<Function> {
    let mut functions = Vec::new();
    for after in after_keyword(code, "fn") {
        let rest = code.get(after..).unwrap_or("").trim_start();
        let name: String = rest.chars().take_while(|it| is_name(*it) || *it == '$').collect();
        if name.is_empty() {
            continue;
        }
        if let Some(end) = body_end(code, after) {
            let line = line_of(code, after);
            let lines = line_of(code, end).saturating_sub(line).saturating_add(1);
            functions.push(Function { name, line, lines });
        }
    }
    functions
}

/// The offset of the brace that closes the body.
fn body_end(code: &str, start: usize) -> Option<usize> {
    let mut inside = 0_usize;
    let mut braces = 0_usize;
    for (at, byte) in code.bytes().enumerate().skip(start) {
        match byte {
            // Array types in the signature hold semicolons, const arguments hold braces.
            b'(' | b'[' if braces == 0 => inside = inside.saturating_add(1),
            b')' | b']' if braces == 0 => inside = inside.checked_sub(1)?,
            b';' if braces == 0 && inside == 0 => return None,
            b'{' if inside == 0 => braces = braces.saturating_add(1),
            b'}' if inside == 0 => match braces {
                0 => return None,
                1 => return Some(at),
                _ => braces = braces.saturating_sub(1),
            },
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{check, functions};
    use crate::tidy::house::samples::house;

    #[test]
    fn a_function_over_the_limit_is_found_with_its_name_and_line() {
        let long = format!(
            "struct A;\nimpl A {{\n    fn long(a: [u8; 2]) -> A {{\n{}    }}\n}}\n",
            "a(\"}\");\n".repeat(69)
        );
        let found = check(&house(&[("a.rs", &long)]));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].to_string(), "a.rs:3: fn long has 71 lines");
        let kept = long.replacen("a(\"}\");\n", "", 1);
        assert_eq!(check(&house(&[("a.rs", &kept)])), []);
    }

    #[test]
    fn declarations_and_types_have_no_body() {
        let lines =
            |code| functions(code).iter().map(|its| (its.name.clone(), its.lines)).collect::<Vec<_>>();
        assert_eq!(
            lines("trait T { fn a(&self); fn b(&self) {\n} } type F = fn(u8);"),
            [("b".to_owned(), 2)]
        );
        assert_eq!(
            lines("fn a<T>(f: impl Fn([u8; 2]) -> T)\nwhere T: X,\n{\n  if b {}\n}"),
            [("a".to_owned(), 5)]
        );
    }
}
