use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// The content type of a problem document.
const PROBLEM: &str = "application/problem+json";

/// A value that was made from a type, under a name.
pub struct Example {
    pub(super) name: &'static str,
    pub(super) value: Value,
}

impl Example {
    /// Serialises a value.
    pub fn of(name: &'static str, value: &impl Serialize) -> Self {
        // What cannot be serialised is null, and agrees with no schema: the test of the document fails.
        Self { name, value: serde_json::to_value(value).unwrap_or_default() }
    }

    /// Serialises a value that was put together from texts; what could not be is null, as above.
    pub fn tried<E>(name: &'static str, value: Result<impl Serialize, E>) -> Self {
        Self {
            name,
            value: value.ok().and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default(),
        }
    }
}

/// One content type of one status.
#[derive(Default)]
struct Content {
    schema: Option<Value>,
    /// Codes by the schema of their problem documents.
    problems: BTreeMap<String, (Value, Vec<String>)>,
    examples: Map<String, Value>,
}

/// What may come under one status.
#[derive(Default)]
pub(super) struct Reply {
    words: Vec<String>,
    contents: BTreeMap<&'static str, Content>,
    headers: Map<String, Value>,
}

impl Reply {
    pub(super) fn say(&mut self, words: &str) {
        self.words.push(words.to_owned());
    }

    pub(super) fn content(&mut self, media: &'static str, schema: Value, examples: Vec<Example>) {
        let content = self.contents.entry(media).or_default();
        content.schema = Some(schema);
        content.examples.extend(examples_of(examples));
    }

    pub(super) fn problem(&mut self, schema: Value, code: &str, example: Value) {
        let content = self.contents.entry(PROBLEM).or_default();
        let (_, codes) = content.problems.entry(schema.to_string()).or_insert_with(|| (schema, Vec::new()));
        if !codes.iter().any(|known| known == code) {
            codes.push(code.to_owned());
        }
        content.examples.insert(code.to_owned(), example);
    }

    pub(super) fn header(&mut self, name: &str, header: Value) {
        self.headers.insert(name.to_owned(), header);
    }

    pub(super) fn into_json(self, status: u16) -> Value {
        let mut words = self.words;
        let mut contents = Map::new();
        for (media, content) in self.contents {
            let mut codes: Vec<_> =
                content.problems.values().flat_map(|(_, codes)| codes.iter().map(String::as_str)).collect();
            codes.dedup();
            if !codes.is_empty() {
                words.push(format!("Problem documents: {}.", codes.join(", ")));
            }
            contents.insert(media.to_owned(), content.into_json(status));
        }
        let mut reply = json!({ "description": words.join(" ") });
        if let Some(reply) = reply.as_object_mut() {
            if !contents.is_empty() {
                reply.insert("content".to_owned(), Value::Object(contents));
            }
            if !self.headers.is_empty() {
                reply.insert("headers".to_owned(), Value::Object(self.headers));
            }
        }
        reply
    }
}

impl Content {
    fn into_json(self, status: u16) -> Value {
        let mut kinds: Vec<_> = self
            .problems
            .into_values()
            .map(|(schema, codes)| {
                let narrowed = json!({
                    "properties": { "status": { "const": status }, "code": { "enum": codes } },
                });
                json!({ "allOf": [schema, narrowed] })
            })
            .chain(self.schema)
            .collect();
        let schema =
            if kinds.len() == 1 { kinds.pop().unwrap_or_default() } else { json!({ "anyOf": kinds }) };
        let mut content = json!({ "schema": schema });
        if let (Some(content), false) = (content.as_object_mut(), self.examples.is_empty()) {
            content.insert("examples".to_owned(), Value::Object(self.examples));
        }
        content
    }
}

pub(super) fn examples_of(examples: Vec<Example>) -> Map<String, Value> {
    examples.into_iter().map(|its| (its.name.to_owned(), json!({ "value": its.value }))).collect()
}
