//! What a person reads on the terminal.

use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use enishi_party::{Language, Text};

use super::scene::{Scene, Standing};
use super::{Colour, sight};
use crate::sandbox::Party;

/// Prints stories in one language.
pub(crate) struct Screen<'a> {
    out: &'a mut (dyn Write + Send),
    language: Language,
    colour: Colour,
    number: usize,
}

impl<'a> Screen<'a> {
    pub(crate) fn new(out: &'a mut (dyn Write + Send), language: Language, colour: Colour) -> Self {
        Self { out, language, colour, number: 0 }
    }

    fn say(&mut self, ja: &str, en: &str) -> io::Result<()> {
        let text = if self.language == Language::Ja { ja } else { en };
        writeln!(self.out, "{text}")?;
        self.out.flush()
    }

    fn paint(&self, code: &str, text: &str) -> String {
        match self.colour {
            Colour::Allowed => format!("\x1b[{code}m{text}\x1b[0m"),
            Colour::Plain => text.to_owned(),
        }
    }

    pub(crate) fn opening(&mut self, root: &Path) -> io::Result<()> {
        self.say(
            "縁 — マイナンバーカード1枚で支払う(サンドボックス)",
            "Enishi — paying with one My Number Card (sandbox)",
        )?;
        self.say(
            "模擬J-LIS、中継、カード会社2社、店2軒を起動しています。すべてこのPCの中だけで、架空の人と鍵を使います。",
            "Starting a sandbox J-LIS, the relay, two card companies and two shops: all on this machine, invented people and keys.",
        )?;
        self.say(&format!("フォルダ: {}", root.display()), &format!("folder: {}", root.display()))?;
        self.say("待ち時間は実際より短くしてあります。", "Time-outs are shortened for the demo.")
    }

    /// A line as it is: a command to copy.
    pub(crate) fn command(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "    {line}")?;
        self.out.flush()
    }

    /// One line about an enrolment.
    pub(crate) fn note(&mut self, text: &Text) -> io::Result<()> {
        writeln!(self.out, "  · {}", text.of(self.language))?;
        self.out.flush()
    }

    pub(crate) fn heading(&mut self, text: &Text) -> io::Result<()> {
        writeln!(self.out, "\n{}", self.paint("1", text.of(self.language)))
    }

    pub(crate) fn scene(&mut self, scene: &Scene) -> io::Result<()> {
        self.number += 1;
        let title = format!("{}. {}", self.number, scene.title.of(self.language));
        writeln!(self.out, "\n{}", self.paint("1", &title))?;
        for line in &scene.told {
            writeln!(self.out, "  {}", line.of(self.language))?;
        }
        let result = match (scene.standing(), self.language) {
            (Standing::AsExpected, Language::Ja) => {
                self.paint("32", &format!("→ {} (想定どおり)", scene.came))
            }
            (Standing::AsExpected, Language::En) => {
                self.paint("32", &format!("→ {} (as expected)", scene.came))
            }
            (Standing::Otherwise, Language::Ja) => {
                self.paint("31", &format!("→ {} (想定: {})", scene.came, scene.expected))
            }
            (Standing::Otherwise, Language::En) => {
                self.paint("31", &format!("→ {} (expected: {})", scene.came, scene.expected))
            }
        };
        writeln!(self.out, "  {result}")?;
        for (text, holds) in &scene.checks {
            let mark = if *holds { self.paint("32", "✓") } else { self.paint("31", "✗") };
            writeln!(self.out, "    {mark} {}", text.of(self.language))?;
        }
        if !scene.hops.is_empty() {
            let hops =
                scene.hops.iter().map(|(name, took)| format!("{} {}", name.of(self.language), millis(*took)));
            writeln!(self.out, "    ⏱ {}", hops.collect::<Vec<_>>().join(" · "))?;
        }
        self.sight(scene)?;
        if let Some(receipt) = &scene.receipt {
            for line in receipt.lines() {
                writeln!(self.out, "    │ {line}")?;
            }
        }
        self.out.flush()
    }

    fn sight(&mut self, scene: &Scene) -> io::Result<()> {
        let Some(sight) = &scene.sight else { return Ok(()) };
        for party in Party::ALL {
            let (saw, not) = sight.of_party(party);
            let words = |items: Vec<_>| {
                let words: Vec<_> =
                    items.into_iter().map(|item| sight::name(item).of(self.language).to_owned()).collect();
                if words.is_empty() { "—".to_owned() } else { words.join(", ") }
            };
            let name = sight::party(party);
            let (saw, not) = (words(saw), words(not));
            let line = match self.language {
                Language::Ja => format!("{}: 見た {saw} / 見ていない {not}", name.ja),
                Language::En => format!("{}: saw {saw}; did not see {not}", name.en),
            };
            writeln!(self.out, "    👁 {line}")?;
        }
        Ok(())
    }

    pub(crate) fn table(&mut self, scenes: &[Scene]) -> io::Result<()> {
        self.heading(&Text::new("まとめ", "Summary"))?;
        let rows: Vec<_> = scenes
            .iter()
            .enumerate()
            .map(|(index, scene)| {
                let number = format!("{:>2}", index + 1);
                (
                    number,
                    last_part(&scene.came).to_owned(),
                    scene.title.of(self.language).to_owned(),
                    scene.standing(),
                )
            })
            .collect();
        let widest = rows.iter().map(|(_, came, _, _)| came.chars().count()).max().unwrap_or_default();
        for (number, came, title, standing) in rows {
            let mark = match standing {
                Standing::AsExpected => self.paint("32", "✓"),
                Standing::Otherwise => self.paint("31", "✗"),
            };
            writeln!(self.out, "  {mark} {number}  {came:<widest$}  {title}")?;
        }
        Ok(())
    }

    pub(crate) fn closing(&mut self, scenes: &[Scene], kept: Option<&Path>) -> io::Result<()> {
        let wrong = scenes.iter().filter(|scene| scene.standing() == Standing::Otherwise).count();
        let all = scenes.len();
        writeln!(self.out)?;
        if wrong == 0 {
            self.say(
                &format!("{all}場面すべて想定どおりです。"),
                &format!("All {all} scenes came out as expected."),
            )?;
        } else {
            self.say(
                &format!("{all}場面のうち{wrong}場面が想定と違います。"),
                &format!("{wrong} of {all} scenes came out otherwise."),
            )?;
        }
        match kept {
            Some(path) => {
                self.say(&format!("残したフォルダ: {}", path.display()), &format!("kept: {}", path.display()))
            }
            None => self.say("一時フォルダは削除しました。", "The temporary folder is removed."),
        }
    }
}

/// Of several outcomes in a row the table shows the last.
fn last_part(came: &str) -> &str {
    came.rsplit(" | ").next().unwrap_or(came)
}

/// Milliseconds with one decimal.
fn millis(span: Duration) -> String {
    let tenths = span.as_micros() / 100;
    format!("{}.{} ms", tenths / 10, tenths % 10)
}
