//! Writes a configuration with the template's explanations.

use serde::Serialize;
use toml::{Table, Value};

use super::{Form, Key, Presence, Section, Template, TemplateError};

/// Whether what a file leaves out is shown, too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Show {
    /// With every explanation and everything that could stand there.
    All,
    /// What is there and nothing else: the second and later tables of a row.
    Bare,
}

impl Template {
    /// A file that says what the configuration says, every key with its explanation.
    ///
    /// # Errors
    /// A key that the template does not explain.
    pub fn write(&self, config: &impl Serialize) -> Result<String, TemplateError> {
        let failed = |error: toml::ser::Error| TemplateError::Writing(error.to_string());
        let table = Table::try_from(config).map_err(failed)?;
        if let Some(key) = unexplained(&self.root, &table, "") {
            return Err(TemplateError::Unexplained { file: self.file, key });
        }
        let mut text = String::new();
        comment(&mut text, &self.head);
        text.push('\n');
        keys(&mut text, &self.root, &table, Show::All);
        inner(&mut text, &self.root, &table, Show::All);
        text.truncate(text.trim_end().len());
        text.push('\n');
        Ok(text)
    }
}

/// The first key that stands in the table and not in the section.
fn unexplained(section: &Section, table: &Table, before: &str) -> Option<String> {
    table.iter().find_map(|(name, value)| {
        let path = if before.is_empty() { name.clone() } else { format!("{before}.{name}") };
        let inside = section.sections.iter().filter(|inner| leads(inner, section, name));
        let tables: Vec<&Table> = match value {
            Value::Table(table) => vec![table],
            Value::Array(values) => values.iter().filter_map(Value::as_table).collect(),
            _ => Vec::new(),
        };
        let mut known = section.keys.iter().any(|key| key.name == name && tables.is_empty());
        for inner in inside {
            known = true;
            // A sum's variant is a step of its own: [model.entrusted] is the table "entrusted" in the key "model".
            let tail = inner.path.get(section.path.len().saturating_add(1)..).unwrap_or_default();
            for table in &tables {
                let reached = tail.iter().try_fold(*table, |table, step| table.get(*step)?.as_table());
                let found = reached.and_then(|table| unexplained(inner, table, &path));
                if found.is_some() {
                    return found;
                }
            }
        }
        // An inline table, as { ja = …, en = … }, is one value.
        let inline = section.keys.iter().any(|key| key.name == name);
        (!known && !inline).then_some(path)
    })
}

/// Whether a key of a section is the way to one of its tables.
fn leads(inner: &Section, outer: &Section, key: &str) -> bool {
    inner.path.get(outer.path.len()).is_some_and(|step| *step == key)
}

fn keys(text: &mut String, section: &Section, table: &Table, show: Show) {
    for key in &section.keys {
        let value = table.get(key.name);
        let table_below = match value {
            Some(Value::Table(table)) => section.sections.iter().find(|inner| {
                leads(inner, section, key.name)
                    && inner.path.last().is_some_and(|last| table.contains_key(*last))
            }),
            _ => None,
        };
        match (value, table_below) {
            (None, _) if show == Show::Bare => {}
            (None, _) => {
                comment(text, &key.comment);
                line(text, &format!("#{} = {}", key.name, key.example), show);
            }
            (Some(_), Some(below)) => {
                if show == Show::All {
                    comment(text, &key.comment);
                    line(text, &format!("# Here it is the table [{}].", below.path.join(".")), show);
                }
            }
            (Some(value), None) => {
                if show == Show::All {
                    comment(text, &key.comment);
                }
                line(text, &format!("{} = {value}", key.name), show);
            }
        }
    }
}

/// The tables in a section, each with its own.
fn inner(text: &mut String, section: &Section, table: &Table, show: Show) {
    for inner in &section.sections {
        let steps = inner.path.get(section.path.len()..).unwrap_or_default();
        let (last, way) = match steps.split_last() {
            Some((last, way)) => (*last, way),
            None => continue,
        };
        let reached = way.iter().try_fold(table, |table, step| table.get(*step)?.as_table());
        let tables: Vec<&Table> = match reached.and_then(|table| table.get(last)) {
            Some(Value::Table(table)) => vec![table],
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_table).collect(),
            _ => Vec::new(),
        };
        if tables.is_empty() && show == Show::All {
            left_out(text, inner);
        }
        for (number, table) in tables.into_iter().enumerate() {
            let show = if number == 0 { show } else { Show::Bare };
            if show == Show::All {
                comment(text, &inner.comment);
            }
            line(text, &header(inner), Show::Bare);
            keys(text, inner, table, show);
            if show == Show::Bare {
                text.push('\n');
            }
            self::inner(text, inner, table, show);
        }
    }
}

/// A table that the configuration does not have, as it could stand there.
fn left_out(text: &mut String, section: &Section) {
    comment(text, &section.comment);
    line(text, &format!("#{}", header(section)), Show::Bare);
    for Key { name, comment: words, example, .. } in &section.keys {
        comment(text, words);
        line(text, &format!("#{name} = {example}"), Show::All);
    }
    for inner in &section.sections {
        left_out(text, inner);
    }
}

fn header(section: &Section) -> String {
    let path = section.path.join(".");
    match section.form {
        Form::Table => format!("[{path}]"),
        Form::Array => format!("[[{path}]]"),
    }
}

fn comment(text: &mut String, words: &[&str]) {
    for words in words {
        text.push_str("# ");
        text.push_str(words);
        text.push('\n');
    }
}

fn line(text: &mut String, code: &str, show: Show) {
    text.push_str(code);
    text.push('\n');
    if show == Show::All {
        text.push('\n');
    }
}

impl Key {
    /// Whether a file may leave it out.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        self.presence == Presence::Optional
    }
}
