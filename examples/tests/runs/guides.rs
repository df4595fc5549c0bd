//! The guides show code of the examples and no other.

use std::path::Path;

const GUIDES: [&str; 2] = ["terminal.md", "provider.md"];

/// Fences are marked ```` ```rust examples/src/… ````.
fn marked(text: &str) -> Vec<(&str, String)> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(file) = line.strip_prefix("```rust") {
            let body: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            found.push((file.trim(), body.join("\n")));
        }
    }
    found
}

/// Lines without their indentation: a guide may show a piece of a block at its margin.
fn plain(text: &str) -> String {
    text.lines().map(str::trim).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_piece_of_code_in_a_guide_stands_in_the_file_that_it_names() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    for guide in GUIDES {
        let text = std::fs::read_to_string(root.join("docs/guide").join(guide)).unwrap();
        let marked = marked(&text);
        assert!(marked.len() >= 3, "{guide} shows {} pieces", marked.len());
        for (file, piece) in marked {
            assert!(file.starts_with("examples/"), "{guide}: a piece of Rust names no example: {piece}");
            let source = plain(&std::fs::read_to_string(root.join(file)).unwrap());
            assert!(source.contains(&plain(&piece)), "{guide}: {file} has no\n{piece}");
        }
    }
}
