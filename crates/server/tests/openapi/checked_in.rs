use std::path::Path;

/// Set to write the files anew: `ENISHI_OPENAPI=write cargo test -p enishi-server --test openapi`.
const WRITE: &str = "ENISHI_OPENAPI";

#[test]
fn the_checked_in_documents_are_those_of_the_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference");
    let write = std::env::var(WRITE).is_ok_and(|value| value == "write");
    for described in super::all() {
        let file = folder.join(format!("{}.openapi.json", described.name));
        let text = serde_json::to_string_pretty(&described.document).unwrap() + "\n";
        if write {
            std::fs::write(&file, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(
            kept == text,
            "{} is not what the code says; write it with {WRITE}=write cargo test -p enishi-server --test openapi",
            file.display()
        );
    }
}
