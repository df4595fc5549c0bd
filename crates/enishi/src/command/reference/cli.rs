//! Every command as `--help` shows it.

use crate::command::man::pages;

pub(super) fn page() -> String {
    let mut program = crate::program().term_width(100);
    program.build();
    let mut text = String::from(
        "# The command line\n\nOne program, `enishi`. What each command prints with `--help`:\n\n",
    );
    let pages = pages(&program, "enishi");
    for (name, command) in &pages {
        // The name of a page has hyphens where a person types spaces.
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        text.push_str(&format!("- [`{}`](#{name}): {about}\n", typed(command.get_bin_name(), name)));
    }
    for (name, mut command) in pages {
        let typed = typed(command.get_bin_name(), &name);
        let help = command.render_long_help().to_string();
        let help: Vec<_> = help.trim_end().lines().map(str::trim_end).collect();
        text.push_str(&format!("\n## {name}\n\n```text\n$ {typed} --help\n{}\n```\n", help.join("\n")));
    }
    text
}

fn typed(bin_name: Option<&str>, name: &str) -> String {
    bin_name.map_or_else(|| name.to_owned(), str::to_owned)
}
