use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::reply::{Reply, examples_of};
use super::{Example, PlainProblem, Schemas};
use crate::problem::Problem;

/// Who may call an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Callers {
    /// Everyone.
    Anyone,
    /// Terminals, by their TLS certificate.
    Terminals,
    /// Providers, by their TLS certificate.
    Providers,
    /// Registered verifiers, by their TLS certificate.
    Verifiers,
    /// Whoever holds a session.
    Session,
}

impl Callers {
    /// Its name among the document's security schemes, and the scheme itself.
    pub(super) fn scheme(self) -> Option<(&'static str, Value)> {
        let party = |role: &str| {
            let description =
                format!("A client certificate of the party CA whose URI is urn:enishi:*:{role}.");
            json!({ "type": "mutualTLS", "description": description })
        };
        match self {
            Self::Anyone => None,
            Self::Terminals => Some(("terminal", party("terminal:NUMBER"))),
            Self::Providers => Some(("provider", party("provider:NAME"))),
            Self::Verifiers => Some(("verifier", party("relay:NAME or urn:enishi:*:provider:NAME"))),
            Self::Session => Some((
                "session",
                json!({ "type": "http", "scheme": "bearer", "description": "The session that the login gave." }),
            )),
        }
    }

    const fn has_certificate(self) -> bool {
        matches!(self, Self::Terminals | Self::Providers | Self::Verifiers)
    }
}

/// What one endpoint says of itself.
pub struct Operation {
    pub(super) callers: Callers,
    id: &'static str,
    summary: &'static str,
    description: Option<&'static str>,
    parameters: Vec<Value>,
    body: Option<Value>,
    replies: BTreeMap<u16, Reply>,
}

impl Operation {
    /// Names an operation, with one sentence.
    #[must_use]
    pub fn new(id: &'static str, summary: &'static str, callers: Callers) -> Self {
        let replies = BTreeMap::new();
        Self { callers, id, summary, description: None, parameters: Vec::new(), body: None, replies }
    }

    /// Says more.
    #[must_use]
    pub fn about(mut self, description: &'static str) -> Self {
        self.description = Some(description);
        self
    }

    /// A part of the path.
    #[must_use]
    pub fn path<T: JsonSchema>(
        self,
        schemas: &mut Schemas,
        name: &str,
        description: &str,
        example: &impl Serialize,
    ) -> Self {
        self.parameter::<T>(schemas, ("path", name), description, example)
    }

    /// A header that must be sent.
    #[must_use]
    pub fn header<T: JsonSchema>(
        self,
        schemas: &mut Schemas,
        name: &str,
        description: &str,
        example: &impl Serialize,
    ) -> Self {
        self.parameter::<T>(schemas, ("header", name), description, example)
    }

    fn parameter<T: JsonSchema>(
        mut self,
        schemas: &mut Schemas,
        (place, name): (&str, &str),
        description: &str,
        example: &impl Serialize,
    ) -> Self {
        self.parameters.push(json!({
            "name": name,
            "in": place,
            "required": true,
            "description": description,
            "schema": schemas.of::<T>(),
            "example": serde_json::to_value(example).unwrap_or_default(),
        }));
        self
    }

    /// A JSON body of this type, with examples.
    #[must_use]
    pub fn body<T: JsonSchema>(mut self, schemas: &mut Schemas, examples: Vec<Example>) -> Self {
        let content = json!({ "schema": schemas.of::<T>(), "examples": examples_of(examples) });
        self.body = Some(json!({ "required": true, "content": { "application/json": content } }));
        self
    }

    /// A body of octets.
    #[must_use]
    pub fn raw_body(mut self, media: &str, description: &str) -> Self {
        self.body = Some(json!({ "required": true, "description": description, "content": { media: {} } }));
        self
    }

    /// A JSON answer of this type, with examples.
    #[must_use]
    pub fn answer<T: JsonSchema>(
        mut self,
        schemas: &mut Schemas,
        status: u16,
        words: &str,
        examples: Vec<Example>,
    ) -> Self {
        let schema = schemas.of::<T>();
        let reply = self.replies.entry(status).or_default();
        reply.say(words);
        reply.content("application/json", schema, examples);
        self
    }

    /// An answer of octets.
    #[must_use]
    pub fn raw_answer(mut self, status: u16, words: &str, media: &'static str) -> Self {
        let reply = self.replies.entry(status).or_default();
        reply.say(words);
        reply.content(media, json!({}), Vec::new());
        self
    }

    /// A header of an answer.
    #[must_use]
    pub fn answer_header(mut self, status: u16, name: &str, description: &str) -> Self {
        let header = json!({ "description": description, "schema": { "type": "string" } });
        self.replies.entry(status).or_default().header(name, header);
        self
    }

    /// A problem document (RFC 9457) of this type and code; the document itself is the example.
    #[must_use]
    pub fn problem<T: JsonSchema>(
        mut self,
        schemas: &mut Schemas,
        status: u16,
        code: &str,
        document: &impl Serialize,
    ) -> Self {
        let document = serde_json::to_value(document).unwrap_or_default();
        let example = schemas.problem(code, document);
        self.replies.entry(status).or_default().problem(schemas.of::<T>(), code, example);
        self
    }

    /// What the server answers itself, before or instead of the handler.
    fn transport(mut self, schemas: &mut Schemas) -> Self {
        for problem in Problem::ALL {
            if problem == Problem::TooManyConnections && !self.callers.has_certificate() {
                continue;
            }
            let (status, code, document) = (problem.status().as_u16(), problem.code(), problem.document());
            self = self.problem::<PlainProblem>(schemas, status, code, &document);
            if status == 503 {
                self = self.answer_header(status, "Retry-After", "Seconds, where the server was overloaded.");
            }
        }
        self.replies.entry(431).or_default().say("More or longer headers than are read; without a body.");
        self
    }

    pub(super) fn into_json(self, schemas: &mut Schemas) -> Value {
        let described = self.transport(schemas);
        let replies: BTreeMap<_, _> = described
            .replies
            .into_iter()
            .map(|(status, reply)| (status.to_string(), reply.into_json(status)))
            .collect();
        let security: Vec<_> =
            described.callers.scheme().map(|(name, _)| json!({ name: [] })).into_iter().collect();
        let mut operation = json!({
            "operationId": described.id,
            "summary": described.summary,
            "security": security,
            "responses": replies,
        });
        if let Some(operation) = operation.as_object_mut() {
            if let Some(description) = described.description {
                operation.insert("description".to_owned(), description.into());
            }
            if !described.parameters.is_empty() {
                operation.insert("parameters".to_owned(), described.parameters.into());
            }
            if let Some(body) = described.body {
                operation.insert("requestBody".to_owned(), body);
            }
        }
        operation
    }
}
