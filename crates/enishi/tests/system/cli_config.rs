//! `enishi config check` and `enishi keys init`: what is wrong, in words that say what to do.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::cli_world::Sandbox;
use crate::console::{Said, piped};
use crate::random::Random;
use crate::world::root;

fn check(file: &Path) -> Said {
    piped(&["config", "check", file.to_str().unwrap()], "")
}

/// What a person reads, without the folder of this run.
fn told(said: &Said, folder: &Path) -> String {
    let text = format!("exit {}\n{}{}", said.code.unwrap(), said.out, said.err);
    text.replace(folder.to_str().unwrap(), "FOLDER")
}

fn edit(file: &Path, changes: &[(&str, &str)]) {
    let mut text = fs::read_to_string(file).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{}: {from:?}", file.display());
        text = text.replacen(from, to, 1);
    }
    fs::write(file, text).unwrap();
}

#[test]
fn a_new_sandbox_is_good_and_every_fault_in_it_is_named_at_once() {
    let sandbox = Sandbox::make(&mut Random::seeded("cli_config"));
    let folder = sandbox.path("");
    let folder = folder.to_str().unwrap().trim_end_matches('/').to_owned();
    let files = [
        "authority/authority.toml",
        "relay/relay.toml",
        "company-a/provider.toml",
        "company-b/provider.toml",
        "terminal-books/terminal.toml",
        "terminal-coffee/terminal.toml",
    ];
    for file in files {
        let said = check(&sandbox.path(file));
        assert_eq!(said.code, Some(0), "{file}: {said:?}");
        let text = fs::read_to_string(sandbox.path(file)).unwrap();
        assert!(text.starts_with("# "), "{file} says what it is");
    }
    let mut pages = String::new();
    let mut page = |file: &str| {
        let said = check(&sandbox.path(file));
        pages.push_str(&format!("--- {file}\n{}\n", told(&said, Path::new(&folder))));
    };

    let relay = sandbox.path("relay/relay.toml");
    let whole = fs::read_to_string(&relay).unwrap();
    edit(&relay, &[("listen = ", "colour = \"red\"\nlisten = ")]);
    page("relay/relay.toml");
    fs::write(&relay, &whole).unwrap();
    edit(&relay, &[("lookup = \"ocsp\"", "lookup = \"phone\"")]);
    page("relay/relay.toml");
    fs::write(&relay, &whole).unwrap();
    edit(&relay, &[("party_ca = ", "# party_ca = ")]);
    page("relay/relay.toml");
    fs::write(&relay, &whole).unwrap();
    let own = line_that_begins(&whole, "listen_ops = ");
    edit(
        &relay,
        &[
            (&own, "listen_ops = \"0.0.0.0:9000\""),
            ("origin = \"https://", "origin = \"ftp://"),
            ("number = \"SANDBOX-PF-1\"", "number = \"PF-1\""),
            ("provider = \"minato-card\"", "provider = \"nobody\""),
        ],
    );
    fs::set_permissions(sandbox.path("relay/tickets.key"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(sandbox.path("relay/indexes.key"), "00".repeat(32)).unwrap();
    fs::remove_file(sandbox.path("relay/assertions.pk8")).unwrap();
    page("relay/relay.toml");

    break_company(&sandbox);
    page("company-b/provider.toml");

    edit(
        &sandbox.path("terminal-books/terminal.toml"),
        &[("identity = \"tls\"", "identity = \"../terminal-coffee/tls\"")],
    );
    page("terminal-books/terminal.toml");
    fs::remove_file(sandbox.path("authority/register/SANDBOX")).unwrap();
    page("authority/authority.toml");
    fs::write(sandbox.path("other.toml"), "answer = 42\n").unwrap();
    page("other.toml");
    page("missing.toml");
    insta::assert_snapshot!("config_check", pages);
}

/// A key of no form, an origin elsewhere, no anchors, a relay's key that is none.
fn break_company(sandbox: &Sandbox) {
    let company = sandbox.path("company-b/provider.toml");
    let whole = fs::read_to_string(&company).unwrap();
    let (key, app) = (line_that_begins(&whole, "relay_key = "), line_that_begins(&whole, "listen_app = "));
    edit(
        &company,
        &[
            (&key, "relay_key = \"04\""),
            (&app, "listen_app = \"0.0.0.0:9001\""),
            ("app_origin = \"http://127.0.0.1", "app_origin = \"http://192.0.2.1"),
        ],
    );
    fs::remove_dir_all(sandbox.path("company-b/anchors")).unwrap();
    fs::create_dir(sandbox.path("company-b/anchors")).unwrap();
    fs::write(sandbox.path("company-b/zone.key"), "too short").unwrap();
}

/// A whole line, whose end differs from run to run.
fn line_that_begins(text: &str, begins: &str) -> String {
    text.lines().find(|line| line.starts_with(begins)).unwrap().to_owned()
}

#[test]
fn a_party_is_made_in_a_folder_of_its_own_and_its_configuration_is_good() {
    let folder = root();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (ca, anchors) = (path("ca"), folder.path().join("relay/anchors"));
    assert_eq!(piped(&["keys", "init", "ca", &ca], "").code, Some(0));
    for (party, name) in [
        ("authority", "jlis"),
        ("relay", "relay"),
        ("provider", "sakura-card"),
        ("terminal", "4980000000012"),
    ] {
        let order = ["keys", "init", party, &path(party), "--name", name, "--ca", &ca];
        let made = piped(&order, "");
        assert_eq!(made.code, Some(0), "{made:?}");
        assert_eq!(piped(&order, "").code, Some(2), "nothing is overwritten");
        for entry in walk(&folder.path().join(party)) {
            let mode = fs::metadata(&entry).unwrap().permissions().mode() & 0o777;
            let public = entry.extension().is_some_and(|kind| kind == "cer") || entry.ends_with("SANDBOX");
            assert!(mode & 0o077 == 0 || public, "{}: {mode:o}", entry.display());
        }
    }
    // What `keys init` said is left to do.
    for entry in fs::read_dir(folder.path().join("authority/anchors")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), anchors.join(entry.file_name())).unwrap();
    }
    for (file, problems) in [
        ("authority/authority.toml", ""),
        ("relay/relay.toml", ""),
        ("provider/provider.toml", "relay_key"),
        ("terminal/terminal.toml", ""),
    ] {
        let said = check(&folder.path().join(file));
        match problems {
            "" => assert_eq!(said.code, Some(0), "{file}: {said:?}"),
            key => assert!(
                said.code == Some(2) && said.err.contains(key) && said.err.contains("1 problem"),
                "{said:?}"
            ),
        }
    }
    let order = ["keys", "init", "terminal", &path("till"), "--name", "shop", "--ca", &ca];
    let refused = piped(&order, "");
    assert!(refused.code == Some(2) && refused.err.contains("13 digits"), "{refused:?}");
    let order = ["keys", "init", "relay", &path("r"), "--name", "relay", "--ca", &path("nowhere")];
    let refused = piped(&order, "");
    assert!(refused.code == Some(2) && refused.err.contains("enishi keys init ca"), "{refused:?}");
    assert!(!folder.path().join("till").exists() && !folder.path().join("r").exists());
}

#[test]
fn a_folder_to_which_others_may_write_gets_no_keys() {
    let folder = root();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let ca = path("ca");
    assert_eq!(piped(&["keys", "init", "ca", &ca], "").code, Some(0));
    for (number, mode) in [0o777, 0o1777, 0o770, 0o702].into_iter().enumerate() {
        let open = path(&number.to_string());
        fs::create_dir(&open).unwrap();
        fs::set_permissions(&open, fs::Permissions::from_mode(mode)).unwrap();
        for order in [
            &["keys", "init", "sandbox", &open][..],
            &["keys", "init", "ca", &open],
            &["keys", "init", "relay", &open, "--name", "relay", "--ca", &ca],
            &["demo", "--keep", &open],
        ] {
            let refused = piped(order, "");
            assert!(refused.code == Some(2) && refused.err.contains("chmod go-w"), "{mode:o} {refused:?}");
            assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
        }
    }
    let seen = path("seen");
    fs::create_dir(&seen).unwrap();
    fs::set_permissions(&seen, fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(piped(&["keys", "init", "ca", &seen], "").code, Some(0), "others may see that there are keys");
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}
