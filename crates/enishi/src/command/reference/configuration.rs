//! Every key of every configuration file.

use enishi_sandbox::party::{Form, Section, Template, templates};

use super::cell;
use crate::command::exit::Failure;

pub(super) fn page() -> Result<String, Failure> {
    let mut text = String::from(
        "# Configuration files\n\nTOML. An unknown key is refused, with its line and the keys that are known there. Secrets are in files of their \
         own, never in these. `enishi keys init` writes each file with these explanations in it; `enishi config check FILE` says what is wrong \
         with one.\n",
    );
    for template in templates().map_err(Failure::surroundings)? {
        file(&mut text, template);
    }
    Ok(text)
}

fn file(text: &mut String, template: &Template) {
    text.push_str(&format!("\n## {}\n\n{}\n", template.file, template.head.join("\n")));
    section(text, &template.root);
}

fn section(text: &mut String, section: &Section) {
    if !section.path.is_empty() {
        let path = section.path.join(".");
        let header = match section.form {
            Form::Table => format!("[{path}]"),
            Form::Array => format!("[[{path}]]"),
        };
        text.push_str(&format!("\n### `{header}`\n\n{}\n", section.comment.join("\n")));
    }
    if !section.keys.is_empty() {
        text.push_str("\n| key | example | needed | meaning |\n|---|---|---|---|\n");
    }
    for key in &section.keys {
        let needed = if key.is_optional() { "no" } else { "yes" };
        let (example, meaning) = (cell(key.example), cell(&key.comment.join(" ")));
        text.push_str(&format!("| `{}` | `{example}` | {needed} | {meaning} |\n", key.name));
    }
    section.sections.iter().for_each(|inner| self::section(text, inner));
}
