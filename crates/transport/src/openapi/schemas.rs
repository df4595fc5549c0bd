use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Where a document keeps its schemas.
const PLACE: &str = "/components/schemas";

/// The schemas that a document's operations have named so far.
pub struct Schemas {
    generator: SchemaGenerator,
    /// The problem documents, by code; operations refer to them.
    problems: Map<String, Value>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings =
            SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = PLACE.into());
        Self { generator: settings.into_generator(), problems: Map::new() }
    }

    /// The schema of a type: a reference where it has a name of its own.
    pub(super) fn of<T: JsonSchema + ?Sized>(&mut self) -> Value {
        self.generator.subschema_for::<T>().to_value()
    }

    /// Keeps the document of a code, and gives a reference to it.
    pub(super) fn problem(&mut self, code: &str, document: Value) -> Value {
        self.problems.entry(code).or_insert_with(|| json!({ "value": document }));
        json!({ "$ref": format!("#/components/examples/{code}") })
    }

    /// Schemas, and the examples that operations refer to.
    pub(super) fn into_parts(mut self) -> (Map<String, Value>, Map<String, Value>) {
        (self.generator.take_definitions(true), self.problems)
    }
}

/// The problem document (RFC 9457) of an answer that no business rule gave: type, title, status and a code.
pub struct PlainProblem;

impl JsonSchema for PlainProblem {
    fn schema_name() -> Cow<'static, str> {
        "PlainProblem".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": "A problem document (RFC 9457) of an answer that no business rule gave; it repeats nothing of the request.",
            "properties": {
                "type": { "const": "about:blank" },
                "title": { "type": "string" },
                "status": { "type": "integer", "minimum": 400, "maximum": 599 },
                "code": { "type": "string", "pattern": "^[a-z_]+$" },
            },
            "required": ["type", "title", "status", "code"],
        })
    }
}
