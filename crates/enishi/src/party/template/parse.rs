//! Reads a template.

use super::{Form, Key, Presence, Section, Template, TemplateError};

/// What one line is.
enum Line {
    Blank,
    Comment(&'static str),
    Table(&'static str, Form, Presence),
    Key(&'static str, &'static str, Presence),
}

pub(super) fn parse(file: &'static str, text: &'static str) -> Result<Template, TemplateError> {
    let mut head = Vec::new();
    let mut comment: Vec<&'static str> = Vec::new();
    let mut section = Section::default();
    let mut done = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let wrong = |reason| TemplateError::Line { file, line: number, reason };
        let own = usize::from(section.presence == Presence::Optional);
        match line_of(line, own).ok_or_else(|| wrong("neither comment nor key nor table"))? {
            Line::Comment(words) => comment.push(words),
            // Only the file's own head stands before an empty line.
            Line::Blank if head.is_empty() => head = std::mem::take(&mut comment),
            Line::Blank if comment.is_empty() => {}
            Line::Blank => return Err(wrong("a comment without key or table")),
            Line::Table(name, form, presence) => {
                let comment = explained(&mut comment, file, number)?;
                let path = name.split('.').collect();
                let next = Section { path, comment, form, presence, ..Section::default() };
                done.push(std::mem::replace(&mut section, next));
            }
            Line::Key(name, example, presence) => {
                let comment = explained(&mut comment, file, number)?;
                section.keys.push(Key { name, comment, example, presence });
            }
        }
    }
    done.push(section);
    Ok(Template { file, head, root: nested(done) })
}

/// Puts each table into the last one before it whose path leads to it; the first is the root.
fn nested(mut flat: Vec<Section>) -> Section {
    while let Some(mut section) = flat.pop() {
        // From the back, so each has its own in the wrong order until it is put away itself.
        section.sections.reverse();
        let parent = flat.iter_mut().rfind(|parent| section.path.starts_with(&parent.path));
        match parent {
            Some(parent) => parent.sections.push(section),
            None => return section,
        }
    }
    Section::default()
}

fn explained(
    comment: &mut Vec<&'static str>,
    file: &'static str,
    line: usize,
) -> Result<Vec<&'static str>, TemplateError> {
    let taken = std::mem::take(comment);
    if taken.is_empty() {
        return Err(TemplateError::Line { file, line, reason: "nothing explains it" });
    }
    Ok(taken)
}

fn line_of(line: &'static str, own: usize) -> Option<Line> {
    let code = line.trim_start_matches('#');
    let marks = line.len().saturating_sub(code.len());
    if line.is_empty() {
        return Some(Line::Blank);
    }
    if marks == 1 && code.starts_with(' ') {
        return Some(Line::Comment(code.trim()));
    }
    // In a table that may be left out, one mark is the table's own.
    let presence = if marks > own { Presence::Optional } else { Presence::Required };
    let table = if marks > 0 { Presence::Optional } else { Presence::Required };
    if let Some(name) = code.strip_prefix("[[").and_then(|code| code.strip_suffix("]]")) {
        return Some(Line::Table(name, Form::Array, table));
    }
    if let Some(name) = code.strip_prefix('[').and_then(|code| code.strip_suffix(']')) {
        return Some(Line::Table(name, Form::Table, table));
    }
    let (name, example) = code.split_once(" = ")?;
    Some(Line::Key(name, example, presence))
}
