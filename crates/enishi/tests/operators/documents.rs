//! docs/operate/metrics.md, held against the parties and their source.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::exposition::Exposition;

/// A row of a table: type and labels.
type Row = (String, BTreeSet<String>);

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The metrics that the document names.
fn documented() -> BTreeMap<String, Row> {
    let text = std::fs::read_to_string(repository().join("docs/operate/metrics.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in text.lines().filter(|line| line.starts_with("| `enishi_") || line.starts_with("| `process_"))
    {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        let [_, name, kind, labels, meaning, _alert, _] = cells.as_slice() else { panic!("{line}") };
        assert!(!meaning.is_empty(), "{line}");
        let labels = labels.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect();
        let name = name.trim_matches('`').to_owned();
        assert!(rows.insert(name, ((*kind).to_owned(), labels)).is_none(), "twice: {line}");
    }
    rows
}

/// Every family that a party tells stands in the document, with its type and exactly its labels.
pub(crate) fn hold_against(told: &Exposition) {
    let rows = documented();
    for (name, family) in &told.0 {
        let (kind, labels) =
            rows.get(name).unwrap_or_else(|| panic!("{name} is not in docs/operate/metrics.md"));
        assert_eq!(*kind, family.kind, "{name}");
        for sample in &family.samples {
            let own: BTreeSet<_> = sample.labels.keys().filter(|key| *key != "le").cloned().collect();
            assert_eq!(*labels, own, "{name}");
        }
    }
}

/// Also what no test brings about: the names in the source are those of the document, as they are written.
#[test]
fn the_document_names_what_the_source_registers_and_nothing_else() {
    let files = [
        "crates/transport/src/ops/http_metrics.rs",
        "crates/transport/src/ops/process.rs",
        "crates/server/src/metrics.rs",
        "crates/server/src/list_metrics.rs",
        "crates/enishi/src/party/authority/ops.rs",
        "crates/enishi/src/party/provider/ops.rs",
    ];
    let mut registered = BTreeSet::new();
    for file in files {
        let source = std::fs::read_to_string(repository().join(file)).unwrap();
        let names = source.split('"').skip(1).step_by(2);
        let names = names.filter(|text| text.starts_with("enishi_") || *text == "process_start_time");
        registered.extend(names.map(str::to_owned));
    }
    let bare = |name: &String| {
        let suffixes = ["_total", "_seconds", "_info"];
        let bare = suffixes.iter().find_map(|suffix| name.strip_suffix(suffix));
        bare.unwrap_or(name).to_owned()
    };
    let documented: BTreeSet<_> = documented().keys().map(bare).collect();
    assert_eq!(registered, documented);
}

/// No other file registers anything: the list above is whole.
#[test]
fn metrics_are_registered_where_the_document_is_held_against_them() {
    let mut files = Vec::new();
    let crates = std::fs::read_dir(repository().join("crates")).unwrap();
    for one in crates {
        walk(&one.unwrap().path().join("src"), &mut files);
    }
    let registering: BTreeSet<_> = files
        .iter()
        .filter(|file| std::fs::read_to_string(file).unwrap().contains("registry.register"))
        .map(|file| file.strip_prefix(repository().join("crates")).unwrap().to_str().unwrap().to_owned())
        .collect();
    let expected = [
        "enishi/src/party/authority/ops.rs",
        "enishi/src/party/provider/ops.rs",
        "server/src/list_metrics.rs",
        "server/src/metrics.rs",
        "transport/src/ops/exposition/tests.rs",
        "transport/src/ops/http_metrics.rs",
        "transport/src/ops/process.rs",
    ];
    assert_eq!(registering, expected.map(str::to_owned).into());
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
