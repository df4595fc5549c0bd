//! How rows are told: an aligned table, a table for a document, or one JSON object a row.

use std::io::Write;

use crate::error::BenchError;
use crate::machine::{Machine, load};
use crate::row::Row;

/// How rows are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Table,
    Markdown,
    Json,
}

pub(crate) struct Report {
    form: Form,
    rows: Vec<Row>,
}

const HEADINGS: [&str; 9] = ["name", "ours", "spread", "unit", "bound", "ratio", "goal", "ok", "peers; note"];

impl Report {
    pub(crate) fn begin(form: Form, machine: &Machine) -> Result<Self, BenchError> {
        if form == Form::Table {
            say(&format!("{}\n", machine.line()))?;
        }
        Ok(Self { form, rows: Vec::new() })
    }

    /// Rows of JSON go out at once; a table is aligned when all are there.
    pub(crate) fn take(&mut self, rows: Vec<Row>) -> Result<(), BenchError> {
        if self.form == Form::Json {
            for row in &rows {
                let line = serde_json::to_string(row).map_err(BenchError::of("a row as JSON"))?;
                say(&format!("{line}\n"))?;
            }
        }
        self.rows.extend(rows);
        Ok(())
    }

    /// Prints what is left, and tells how many goals were missed.
    pub(crate) fn end(self, machine: &Machine) -> Result<usize, BenchError> {
        let missed = self.rows.iter().filter(|row| row.ok == Some(false)).count();
        match self.form {
            Form::Json => {}
            Form::Table => {
                say(&table(&self.rows))?;
                let held = self.rows.iter().filter(|row| row.ok == Some(true)).count();
                let load = load().map_or_else(String::new, |load| format!("; load after {load:.2}"));
                say(&format!("{held} goals met, {missed} missed{load}\n"))?;
            }
            Form::Markdown => say(&markdown(&self.rows, machine))?,
        }
        Ok(missed)
    }
}

fn say(text: &str) -> Result<(), BenchError> {
    let mut output = std::io::stdout().lock();
    output.write_all(text.as_bytes())?;
    Ok(output.flush()?)
}

fn cells(row: &Row) -> [String; 9] {
    let figure = |figure: Option<f64>| figure.map_or_else(|| "–".to_owned(), significant);
    let spread = row
        .spread
        .map_or_else(|| "–".to_owned(), |(low, high)| format!("{}–{}", significant(low), significant(high)));
    let part = |part: Option<f64>| part.map_or_else(|| "–".to_owned(), |part| format!("{part:.2}"));
    let ok = match row.ok {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "–",
    };
    let peers = row.peers.iter().filter_map(|(name, value)| Some((name, value.as_f64()?)));
    let mut said: Vec<_> = peers.map(|(name, value)| format!("{name} {}", significant(value))).collect();
    if !row.note.is_empty() {
        said.push(row.note.clone());
    }
    [
        row.name.clone(),
        figure(row.ours),
        spread,
        row.unit.to_owned(),
        figure(row.bound),
        part(row.ratio),
        part(row.goal),
        ok.to_owned(),
        said.join("; "),
    ]
}

/// Three significant digits: a noisy machine gives no more.
fn significant(figure: f64) -> String {
    let size = figure.abs();
    let digits = match size {
        _ if size >= 100.0 || size == 0.0 => 0,
        _ if size >= 10.0 => 1,
        _ if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{figure:.digits$}")
}

fn table(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let mut widths = [0; 9];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in &lines {
        for (at, (cell, width)) in line.iter().zip(widths).enumerate() {
            // Names and words to the left, figures to the right; nothing is padded at the end of a line.
            match at {
                0 | 3 => text.push_str(&format!("{cell:width$}  ")),
                8 => text.push_str(cell),
                _ => text.push_str(&format!("{cell:>width$}  ")),
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn markdown(rows: &[Row], machine: &Machine) -> String {
    let mut text = format!("{}\n\n", machine.line());
    let line = |cells: &[String]| {
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    text.push_str(&line(&HEADINGS.map(str::to_owned)));
    text.push_str("|---|--:|--:|---|--:|--:|--:|---|---|\n");
    rows.iter().for_each(|row| text.push_str(&line(&cells(row))));
    text
}

#[cfg(test)]
mod tests {
    use super::{markdown, significant, table};
    use crate::figures::Figures;
    use crate::machine::Machine;
    use crate::row::{Better, Row};

    fn rows() -> Vec<Row> {
        let figures = |figure: f64| {
            let mut figures = Figures::default();
            figures.push(figure);
            figures
        };
        vec![
            Row::new("fast", "1/s", Better::More, &figures(1234.5), &figures(2469.0)).goal(0.6),
            Row::not_run("absent", "no a|b"),
        ]
    }

    #[test]
    fn three_digits_are_told() {
        assert_eq!(significant(1234.5), "1234");
        assert_eq!(significant(12.345), "12.3");
        assert_eq!(significant(1.2345), "1.23");
        assert_eq!(significant(0.012_345), "0.012");
    }

    #[test]
    fn a_missed_goal_and_a_row_not_run_are_seen() {
        let text = table(&rows());
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].contains("0.50") && lines[1].contains("0.60") && lines[1].ends_with("NO"), "{text}");
        assert!(lines[2].starts_with("absent") && lines[2].ends_with("not run: no a|b"), "{text}");
    }

    #[test]
    fn a_document_gets_the_machine_and_whole_cells() {
        let machine = Machine {
            processor: "P".to_owned(),
            cores: 2,
            file_system: "ext4".to_owned(),
            commit: "abc".to_owned(),
            begun: "2026-06-01T03:00:00Z".parse().unwrap(),
            load: Some(3.0),
            quick: false,
        };
        let text = markdown(&rows(), &machine);
        assert!(
            text.starts_with("2026-06-01 03:00 UTC, commit abc, P (2 cores), ext4, load before 3.00 (busy")
        );
        assert!(text.contains("no a\\|b"), "{text}");
    }
}
