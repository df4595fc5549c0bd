use enishi_server::{
    AccreditationEntry, AuthorityEntry, ContractLine, KeyFiles, LimitsEntry, PlatformEntry, ProviderLine,
    RelayConfig, TerminalLine,
};
use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::{Presence, Section, Template, parse, templates};
use crate::party::{AuthorityFile, EntrustedEntry, PcscEntry, PolicyEntry, ProviderFile, TerminalFile};

/// Asks a type which fields it reads, and gives it nothing.
struct Asking<'a>(&'a mut Vec<&'static str>);

impl<'de> Deserializer<'de> for Asking<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("asked"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Error> {
        self.0.extend(fields);
        Err(serde::de::Error::custom("asked"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

fn fields<T: DeserializeOwned>() -> Vec<&'static str> {
    let mut fields = Vec::new();
    assert!(T::deserialize(Asking(&mut fields)).is_err());
    assert!(!fields.is_empty());
    fields.sort_unstable();
    fields
}

/// The names that the template gives a table: its keys and the tables in it.
fn names(section: &Section) -> Vec<&'static str> {
    let inner = section.sections.iter().map(|inner| inner.path[section.path.len()]);
    let mut names: Vec<_> = section.keys.iter().map(|key| key.name).chain(inner).collect();
    names.sort_unstable();
    names.dedup();
    names
}

fn section<'a>(file: &'static str, path: &str) -> &'a Section {
    fn find<'a>(section: &'a Section, path: &str) -> Option<&'a Section> {
        if section.path.join(".") == path {
            return Some(section);
        }
        section.sections.iter().find_map(|inner| find(inner, path))
    }
    find(&Template::of(file).unwrap().root, path).unwrap()
}

#[test]
fn every_key_of_every_file_is_in_its_template_and_no_other() {
    let explained: [(&str, &str, Vec<&str>); 15] = [
        ("authority.toml", "", fields::<AuthorityFile>()),
        ("relay.toml", "", fields::<RelayConfig>()),
        ("relay.toml", "keys", fields::<KeyFiles>()),
        ("relay.toml", "authority", fields::<AuthorityEntry>()),
        ("relay.toml", "platform", fields::<PlatformEntry>()),
        ("relay.toml", "platform.accreditation", fields::<AccreditationEntry>()),
        ("relay.toml", "limits", fields::<LimitsEntry>()),
        ("relay.toml", "terminal", fields::<TerminalLine>()),
        ("relay.toml", "provider", fields::<ProviderLine>()),
        ("relay.toml", "contract", fields::<ContractLine>()),
        ("relay.toml", "contract.model.entrusted", fields::<AccreditationEntry>()),
        ("provider.toml", "", fields::<ProviderFile>()),
        ("provider.toml", "policy", fields::<PolicyEntry>()),
        ("provider.toml", "model.entrusted", fields::<EntrustedEntry>()),
        ("terminal.toml", "", fields::<TerminalFile>()),
    ];
    for (file, path, fields) in explained {
        assert_eq!(names(section(file, path)), fields, "{file} [{path}]");
    }
    assert_eq!(names(section("terminal.toml", "reader.pcsc")), fields::<PcscEntry>());
}

fn every_section(section: &Section, visit: &mut impl FnMut(&Section)) {
    visit(section);
    section.sections.iter().for_each(|inner| every_section(inner, visit));
}

#[test]
fn every_explanation_is_a_sentence() {
    for template in templates().unwrap() {
        assert!(template.head.len() >= 2, "{}", template.file);
        every_section(&template.root, &mut |section| {
            let tables = (!section.path.is_empty()).then_some((section.path.join("."), &section.comment));
            let keys = section.keys.iter().map(|key| (key.name.to_owned(), &key.comment));
            for (name, comment) in keys.chain(tables) {
                let text = comment.join(" ");
                assert!(text.len() > 12 && text.ends_with('.'), "{} {name}: {text:?}", template.file);
            }
        });
    }
}

/// The text of a template with what may be left out.
fn whole(text: &str) -> String {
    let code = text.lines().filter(|line| !line.starts_with("# "));
    code.map(|line| line.trim_start_matches('#')).collect::<Vec<_>>().join("\n")
}

/// With the other variant of a sum: the line goes, the table stays.
fn with_tables(text: &str) -> String {
    let sums = ["model = \"proxy\"", "reader = \"software\""];
    whole(text).lines().filter(|line| !sums.contains(line)).collect::<Vec<_>>().join("\n")
}

fn without_tables(text: &str) -> String {
    let whole = whole(text);
    let (before, _) = ["[model.entrusted]", "[contract.model.entrusted]", "[reader.pcsc]"]
        .iter()
        .find_map(|table| whole.split_once(table))
        .unwrap_or((&whole, ""));
    before.to_owned()
}

#[test]
fn every_template_parses_as_it_stands_and_with_all_that_may_be_left_out() {
    fn reads<T: DeserializeOwned>(file: &str, text: &str) {
        for text in [text.to_owned(), without_tables(text), with_tables(text)] {
            if let Err(error) = toml::from_str::<T>(&text) {
                panic!("{file}: {error}");
            }
        }
    }
    for (file, text) in super::SOURCES {
        match file {
            "authority.toml" => reads::<AuthorityFile>(file, text),
            "relay.toml" => reads::<RelayConfig>(file, text),
            "provider.toml" => reads::<ProviderFile>(file, text),
            _ => reads::<TerminalFile>(file, text),
        }
    }
}

#[test]
fn a_written_file_says_what_the_configuration_says_and_keeps_every_explanation() {
    fn round_trip<T: DeserializeOwned + serde::Serialize>(file: &'static str, text: &str) {
        for text in [text.to_owned(), without_tables(text), with_tables(text)] {
            let config: T = toml::from_str(&text).unwrap();
            let written = Template::of(file).unwrap().write(&config).unwrap();
            let again: T =
                toml::from_str(&written).unwrap_or_else(|error| panic!("{file}: {error}\n{written}"));
            assert_eq!(
                toml::Table::try_from(&again).unwrap(),
                toml::Table::try_from(&config).unwrap(),
                "{file}"
            );
            let template = Template::of(file).unwrap();
            every_section(&template.root, &mut |section| {
                for words in section.keys.iter().flat_map(|key| &key.comment).chain(&section.comment) {
                    assert!(written.contains(words), "{file} lacks {words:?}:\n{written}");
                }
            });
        }
    }
    for (file, text) in super::SOURCES {
        match file {
            "authority.toml" => round_trip::<AuthorityFile>(file, text),
            "relay.toml" => round_trip::<RelayConfig>(file, text),
            "provider.toml" => round_trip::<ProviderFile>(file, text),
            _ => round_trip::<TerminalFile>(file, text),
        }
    }
}

#[test]
fn a_template_without_explanations_is_none() {
    for (text, line) in [
        ("# Head.\n\nkey = 1\n", 3),
        ("# Head.\n\n# Explained.\nkey = 1\n\n[table]\n", 6),
        ("# Head.\n\n# Explained.\nkey: 1\n", 4),
        ("# Head.\n\n# To nobody.\n\n", 4),
    ] {
        assert!(
            matches!(parse::parse("x.toml", text), Err(super::TemplateError::Line { line: found, .. }) if found == line),
            "{text:?}"
        );
    }
}

#[test]
fn what_may_be_left_out_is_marked() {
    let root = &Template::of("provider.toml").unwrap().root;
    let presence = |name: &str| root.keys.iter().find(|key| key.name == name).unwrap().presence;
    assert_eq!((presence("listen_ops"), presence("listen_iso")), (Presence::Optional, Presence::Required));
    let contract = section("relay.toml", "contract");
    let presence = |name: &str| contract.keys.iter().find(|key| key.name == name).unwrap().presence;
    assert_eq!(contract.presence, Presence::Optional);
    assert_eq!((presence("pin_from"), presence("lookup")), (Presence::Optional, Presence::Required));
}
