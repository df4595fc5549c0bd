//! The annotated configuration files: one template for each party, from which new files and the reference are made.
//!
//! A template is TOML in which every key has the comment before it that explains it. `#name = …` and `#[name]`, without a
//! space, are what a file may leave out; the comment before says what that means. In a table that may be left out, `##name`
//! is a key that may be left out where the table stands.

mod parse;
mod write;

use std::sync::LazyLock;

/// An annotated configuration file.
#[derive(Debug)]
pub struct Template {
    /// What the file is called.
    pub file: &'static str,
    /// What it is, a few lines.
    pub head: Vec<&'static str>,
    /// The keys outside of all tables, and the tables.
    pub root: Section,
}

/// A table of a configuration file.
#[derive(Debug, Default)]
pub struct Section {
    /// From the file's root.
    pub path: Vec<&'static str>,
    /// What it is for, a few lines.
    pub comment: Vec<&'static str>,
    /// Whether there may be several.
    pub form: Form,
    /// Whether it may be left out.
    pub presence: Presence,
    /// Its own keys.
    pub keys: Vec<Key>,
    /// The tables in it.
    pub sections: Vec<Self>,
}

/// How often a table stands in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Once: `[name]`.
    #[default]
    Table,
    /// Any number of times: `[[name]]`.
    Array,
}

/// Whether something must stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Presence {
    /// It must.
    #[default]
    Required,
    /// It may be left out.
    Optional,
}

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it means, a few lines.
    pub comment: Vec<&'static str>,
    /// A value, as it is written.
    pub example: &'static str,
    /// Whether it may be left out.
    pub presence: Presence,
}

/// A template that is no template, or a configuration that it does not explain.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A line that is neither comment, key nor table, or a key without a comment.
    #[error("{file}:{line}: {reason}")]
    Line {
        /// Which template.
        file: &'static str,
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: &'static str,
    },
    /// A key of a configuration that the template does not have.
    #[error("{file} does not explain {key}")]
    Unexplained {
        /// Which template.
        file: &'static str,
        /// Which key.
        key: String,
    },
    /// A configuration that cannot be written as TOML.
    #[error("a configuration could not be written: {0}")]
    Writing(String),
}

/// The templates' own texts.
const SOURCES: [(&str, &str); 4] = [
    ("authority.toml", include_str!("templates/authority.toml")),
    ("relay.toml", include_str!("templates/relay.toml")),
    ("provider.toml", include_str!("templates/provider.toml")),
    ("terminal.toml", include_str!("templates/terminal.toml")),
];

static TEMPLATES: LazyLock<Result<Vec<Template>, TemplateError>> =
    LazyLock::new(|| SOURCES.iter().map(|(file, text)| parse::parse(file, text)).collect());

/// Every template: authority, relay, provider, terminal.
///
/// # Errors
/// A template of this program is none; a test excludes it.
pub fn templates() -> Result<&'static [Template], TemplateError> {
    match &*TEMPLATES {
        Ok(templates) => Ok(templates),
        Err(error) => Err(error.clone()),
    }
}

impl Template {
    /// The template of a file, by its name.
    ///
    /// # Errors
    /// As [`templates`].
    pub fn of(file: &'static str) -> Result<&'static Self, TemplateError> {
        let found = templates()?.iter().find(|template| template.file == file);
        found.ok_or(TemplateError::Line { file, line: 0, reason: "there is no such template" })
    }
}

#[cfg(test)]
mod tests;
