use serde_json::{Map, Value, json};

use super::{Endpoint, Schemas};

/// What stands at the head of a document.
#[derive(Debug, Clone, Copy)]
pub struct About {
    /// Its title.
    pub title: &'static str,
    /// What the interface is for, and what holds for all of it.
    pub description: &'static str,
}

/// The OpenAPI 3.1 document of these endpoints; the same list gives the same document, octet for octet.
#[must_use]
pub fn document<S>(about: About, endpoints: &[Endpoint<S>]) -> Value {
    let mut schemas = Schemas::new();
    let mut paths = Map::new();
    let mut schemes = Map::new();
    for endpoint in endpoints {
        let operation = (endpoint.describe)(&mut schemas);
        if let Some((name, scheme)) = operation.callers.scheme() {
            schemes.insert(name.to_owned(), scheme);
        }
        let operation = operation.into_json(&mut schemas);
        // axum marks a part that takes the rest of the path; the document has no such mark.
        let path = endpoint.path.replace("{*", "{");
        if let Some(item) = paths.entry(path).or_insert_with(|| json!({})).as_object_mut() {
            item.insert(endpoint.method.to_owned(), operation);
        }
    }
    let (definitions, examples) = schemas.into_parts();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": about.title,
            "description": about.description,
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": { "schemas": definitions, "examples": examples, "securitySchemes": schemes },
    });
    document.sort_all_objects();
    document
}
