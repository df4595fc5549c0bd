//! An interface description as a judge: does an exchange agree with the OpenAPI document?

use jsonschema::Validator;
use serde_json::{Value, json};

/// The methods in which an operation can stand.
const METHODS: [&str; 3] = ["get", "post", "put"];

/// An OpenAPI 3.1 document that judges exchanges. An answer may hold no field that the document does not name.
pub struct Contract {
    document: Value,
    components: Value,
    closed: Value,
}

/// One operation of a document.
#[derive(Clone, Copy)]
pub struct Described<'a> {
    /// `GET` and so on.
    pub method: &'static str,
    /// With parameters in braces.
    pub path: &'a str,
    /// What the document says.
    pub operation: &'a Value,
}

impl Contract {
    /// Takes a document.
    #[must_use]
    pub fn new(document: Value) -> Self {
        let components = document["components"].clone();
        let mut closed = components.clone();
        for (name, schema) in closed["schemas"].as_object_mut().unwrap() {
            // What another schema extends is not whole by itself.
            let extended = components["schemas"].as_object().unwrap().values().any(|its| extends(its, name));
            if !extended {
                close(schema);
            }
        }
        Self { document, components, closed }
    }

    /// The document.
    #[must_use]
    pub const fn document(&self) -> &Value {
        &self.document
    }

    /// Every operation.
    pub fn operations(&self) -> impl Iterator<Item = Described<'_>> {
        self.document["paths"].as_object().unwrap().iter().flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let operation = item.get(method)?;
                let method = match method {
                    "get" => "GET",
                    "post" => "POST",
                    _ => "PUT",
                };
                Some(Described { method, path, operation })
            })
        })
    }

    /// The operation that a request reaches.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<Described<'_>> {
        let fits = |its: &Described<'_>| its.method == method && same_path(its.path, path);
        self.operations().find(fits)
    }

    /// The examples of a content, by name.
    pub fn examples<'a>(&'a self, content: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> {
        content["examples"].as_object().into_iter().flatten().map(|(name, example)| {
            let kept = example["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
            let example = kept.map_or(example, |pointer| self.document.pointer(pointer).unwrap());
            (name.as_str(), &example["value"])
        })
    }

    /// A schema of the document, as a request must satisfy it.
    #[must_use]
    pub fn schema(&self, schema: &Value) -> Validator {
        validator(schema, &self.components)
    }

    /// What is wrong with a request body; none: nothing.
    #[must_use]
    pub fn request(&self, described: Described<'_>, body: &Value) -> Option<String> {
        let schema = &described.operation["requestBody"]["content"]["application/json"]["schema"];
        complaint(&self.schema(schema), body)
    }

    /// What is wrong with an answer; none: nothing.
    #[must_use]
    pub fn answer(
        &self,
        described: Described<'_>,
        status: u16,
        media: Option<&str>,
        body: &[u8],
    ) -> Option<String> {
        let Some(reply) = described.operation["responses"].get(status.to_string()) else {
            return Some(format!("status {status} is not described"));
        };
        let Some(media) = media else {
            let empty = body.is_empty() && reply.get("content").is_none();
            return (!empty).then(|| format!("{status} without a content type"));
        };
        let Some(content) = reply["content"].get(media) else {
            return Some(format!("{status} with {media} is not described"));
        };
        if !media.ends_with("json") {
            return None;
        }
        let Ok(body) = serde_json::from_slice(body) else {
            return Some(format!("{status} with {media} is not JSON"));
        };
        complaint(&validator(&content["schema"], &self.closed), &body)
            .map(|complaint| format!("{status}: {complaint}"))
    }
}

fn validator(schema: &Value, components: &Value) -> Validator {
    let mut root = schema.clone();
    root["components"] = components.clone();
    jsonschema::options().should_validate_formats(true).build(&root).unwrap()
}

fn complaint(validator: &Validator, value: &Value) -> Option<String> {
    let complaints: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    (!complaints.is_empty()).then(|| complaints.join("; "))
}

/// Unknown fields must be ignored by clients, but the server has none.
fn close(schema: &mut Value) {
    let object = schema.get("properties").is_some() || schema.get("oneOf").is_some();
    if object && schema.get("additionalProperties").is_none() {
        schema["unevaluatedProperties"] = json!(false);
    }
}

/// Whether a schema, or a part of it, has the fields of that component beside its own.
fn extends(schema: &Value, name: &str) -> bool {
    match schema {
        Value::Object(fields) => {
            let reference = fields.get("$ref").and_then(Value::as_str).unwrap_or_default();
            let here = fields.contains_key("properties") && reference.ends_with(&format!("/{name}"));
            here || fields.values().any(|its| extends(its, name))
        }
        Value::Array(items) => items.iter().any(|its| extends(its, name)),
        _ => false,
    }
}

fn same_path(template: &str, path: &str) -> bool {
    let (mut template, mut path) = (template.split('/'), path.split('/'));
    loop {
        match (template.next(), path.next()) {
            (None, None) => return true,
            (Some(part), Some(found)) if part == found || (part.starts_with('{') && !found.is_empty()) => {}
            _ => return false,
        }
    }
}
