use serde_json::Value;

use super::html::Html;
use super::{at, entries, plain, text};

/// Keywords that bound a value, in the words of the page.
const BOUNDS: [(&str, &str); 9] = [
    ("format", "format"),
    ("contentEncoding", "in"),
    ("minLength", "length from"),
    ("maxLength", "length to"),
    ("minimum", "from"),
    ("maximum", "to"),
    ("minItems", "items from"),
    ("maxItems", "items to"),
    ("pattern", "pattern"),
];

/// Where a reference to a component begins.
const COMPONENT: &str = "#/components/schemas/";

/// A component, under its name.
pub(super) fn define(html: &mut Html, name: &str, schema: &Value) {
    html.raw("<section>");
    html.element("h3", &anchor(name), name);
    html.paragraph(text(at(schema, "description")));
    body(html, schema);
    html.raw("</section>");
}

/// A schema in one phrase, with links to the components that it names.
pub(super) fn form(html: &mut Html, schema: &Value) {
    if let Some(name) = text(at(schema, "$ref")).strip_prefix(COMPONENT) {
        html.link(&format!("#{}", anchor(name)), name, "schema");
        return;
    }
    for (keyword, words) in [("anyOf", " or "), ("oneOf", " or "), ("allOf", ", ")] {
        let parts = at(schema, keyword).as_array().map(Vec::as_slice).unwrap_or_default();
        // What only narrows a problem document to its codes stands in the sentence above it.
        let parts = parts.iter().filter(|part| !(keyword == "allOf" && part.get("$ref").is_none()));
        for (index, part) in parts.enumerate() {
            if index > 0 {
                html.raw(words);
            }
            form(html, part);
        }
    }
    match at(schema, "type") {
        Value::String(one) => html.text(one),
        Value::Array(many) => html.text(&many.iter().map(text).collect::<Vec<_>>().join(" or ")),
        _ => {}
    }
    if let Some(items) = schema.get("items") {
        html.raw(" of ");
        form(html, items);
    }
    for (keyword, words) in BOUNDS {
        if let Some(bound) = schema.get(keyword) {
            html.raw(", ");
            html.raw(words);
            html.raw(" <code>");
            html.text(&plain(bound));
            html.raw("</code>");
        }
    }
    constants(html, schema);
}

fn constants(html: &mut Html, schema: &Value) {
    let one = schema.get("const").into_iter();
    let many = at(schema, "enum").as_array().map(Vec::as_slice).unwrap_or_default();
    for constant in one.chain(many) {
        html.raw(" <code>");
        html.text(&constant.to_string());
        html.raw("</code>");
    }
}

fn body(html: &mut Html, schema: &Value) {
    if schema.get("properties").is_some() {
        properties(html, schema);
    }
    let alternatives = at(schema, "oneOf").as_array().map(Vec::as_slice).unwrap_or_default();
    if alternatives.is_empty() && schema.get("properties").is_none() {
        html.raw("<p>");
        form(html, schema);
        html.raw("</p>");
    }
    if !alternatives.is_empty() {
        html.raw("<p>One of:</p><ul>");
    }
    for alternative in alternatives {
        html.raw("<li>");
        html.text(text(at(alternative, "description")));
        if alternative.get("properties").is_some() {
            properties(html, alternative);
            if alternative.get("$ref").is_some() {
                html.raw("<p>and the fields of ");
                form(html, &serde_json::json!({ "$ref": at(alternative, "$ref") }));
                html.raw("</p>");
            }
        } else {
            html.raw(" ");
            form(html, alternative);
        }
        html.raw("</li>");
    }
    if !alternatives.is_empty() {
        html.raw("</ul>");
    }
}

fn properties(html: &mut Html, schema: &Value) {
    let required = at(schema, "required").as_array().map(Vec::as_slice).unwrap_or_default();
    html.raw("<table><tr><th>field</th><th>form</th><th>what</th></tr>");
    for (name, property) in entries(at(schema, "properties")) {
        html.raw("<tr><td><code>");
        html.text(name);
        html.raw("</code>");
        if !required.iter().any(|it| it == name) {
            html.raw(" <i>optional</i>");
        }
        html.raw("</td><td>");
        form(html, property);
        html.raw("</td><td>");
        html.text(text(at(property, "description")));
        html.raw("</td></tr>");
    }
    html.raw("</table>");
    if at(schema, "additionalProperties") == false {
        html.raw("<p>Any other field is refused.</p>");
    }
}

fn anchor(name: &str) -> String {
    format!("schema-{name}")
}
