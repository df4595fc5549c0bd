//! A strict reader of the Prometheus text format 0.0.4: what it does not know is a failed test.

use std::collections::{BTreeMap, BTreeSet};

/// One family of samples.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) kind: String,
    pub(crate) samples: Vec<Sample>,
}

#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) name: String,
    pub(crate) labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

/// One whole text.
#[derive(Debug)]
pub(crate) struct Exposition(pub(crate) BTreeMap<String, Family>);

impl Exposition {
    pub(crate) fn parse(text: &str) -> Self {
        assert!(text.ends_with('\n'), "the last line ends, too");
        let mut families: BTreeMap<String, Family> = BTreeMap::new();
        let (mut current, mut helped) = (None::<String>, None::<String>);
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').unwrap();
                assert!(help.len() > 3, "{line}");
                assert_eq!(helped.replace(name.to_owned()), None, "a help without a type before {line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').unwrap();
                assert_eq!(helped.take().as_deref(), Some(name), "{line}");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert_name(name);
                assert_eq!(kind == "counter", name.ends_with("_total"), "{line}");
                let family = Family { kind: kind.to_owned(), samples: Vec::new() };
                assert!(families.insert(name.to_owned(), family).is_none(), "twice: {line}");
                current = Some(name.to_owned());
            } else {
                let name = current.as_ref().unwrap();
                let family = families.get_mut(name).unwrap();
                let sample = Sample::parse(line);
                let suffix = sample.name.strip_prefix(name.as_str()).unwrap_or("of another family");
                let allowed: &[&str] =
                    if family.kind == "histogram" { &["_sum", "_count", "_bucket"] } else { &[""] };
                assert!(allowed.contains(&suffix), "{line} in {name}");
                assert!(family.kind == "gauge" || sample.value >= 0.0, "{line}");
                family.samples.push(sample);
            }
        }
        let all = Self(families);
        all.0.iter().for_each(|(name, family)| family.check(name));
        all
    }

    /// The sum of all samples of a metric that have these labels.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        let family = self.0.iter().find(|(family, _)| name.starts_with(family.as_str()));
        let samples = family.iter().flat_map(|(_, family)| &family.samples);
        let fits = |sample: &&Sample| {
            sample.name == name
                && labels.iter().all(|(key, value)| sample.labels.get(*key).is_some_and(|it| it == value))
        };
        samples.filter(fits).map(|sample| sample.value).sum()
    }
}

impl Family {
    /// No sample twice; buckets grow up to the count.
    fn check(&self, name: &str) {
        let mut seen = BTreeSet::new();
        assert!(!self.samples.is_empty(), "{name} has no samples");
        for sample in &self.samples {
            assert!(seen.insert((&sample.name, &sample.labels)), "twice: {sample:?}");
        }
        if self.kind != "histogram" {
            return;
        }
        let mut rows: BTreeMap<_, Vec<(f64, f64)>> = BTreeMap::new();
        for sample in self.samples.iter().filter(|sample| sample.name.ends_with("_bucket")) {
            let mut labels = sample.labels.clone();
            let bound = labels.remove("le").unwrap().replace("+Inf", "inf").parse().unwrap();
            rows.entry(labels).or_default().push((bound, sample.value));
        }
        for (labels, row) in rows {
            assert!(row.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{name} {labels:?}: {row:?}");
            let count = self.samples.iter().find(|it| it.name.ends_with("_count") && it.labels == labels);
            let (bound, all) = row[row.len() - 1];
            assert!(bound.is_infinite(), "{name} {labels:?}: {row:?}");
            assert!((count.unwrap().value - all).abs() < 0.5, "{name} {labels:?}");
        }
    }
}

impl Sample {
    fn parse(line: &str) -> Self {
        let (name, rest) = line.split_at(line.find(['{', ' ']).unwrap());
        assert_name(name);
        let (labels, value) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest),
            None => (BTreeMap::new(), rest),
        };
        let value = value.strip_prefix(' ').unwrap();
        assert!(!value.contains(' '), "a time of its own: {line}");
        Self { name: name.to_owned(), labels, value: value.replace("+Inf", "inf").parse().unwrap() }
    }
}

fn labels(mut rest: &str) -> (BTreeMap<String, String>, &str) {
    let mut labels = BTreeMap::new();
    loop {
        let (key, after) = rest.split_once("=\"").unwrap();
        assert_name(key);
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next().unwrap() {
                (at, '"') => break at,
                (_, '\\') => value.push(match characters.next().unwrap().1 {
                    'n' => '\n',
                    same @ ('\\' | '"') => same,
                    other => panic!("no such escape: {other}"),
                }),
                (_, character) => value.push(character),
            }
        };
        assert!(labels.insert(key.to_owned(), value).is_none(), "{key} twice");
        let (separator, after) = after[end + 1..].split_at(1);
        match separator {
            "," => rest = after,
            "}" => return (labels, after),
            other => panic!("{other} between labels"),
        }
    }
}

fn assert_name(name: &str) {
    let letters = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit() || octet == b'_';
    assert!(name.bytes().all(letters) && name.starts_with(|it: char| it.is_ascii_lowercase()), "{name}");
}
