use serde_json::Value;

mod html;
mod schema;

use html::Html;

/// The methods in which an operation can stand.
const METHODS: [&str; 3] = ["get", "post", "put"];

/// The page of a document: plain HTML that needs no script, no network and no other file than its style.
#[must_use]
pub fn page(document: &Value) -> String {
    let title = text(at(at(document, "info"), "title"));
    let mut html = Html::page(title);
    html.element("h1", "", title);
    html.paragraph(text(at(at(document, "info"), "description")));
    html.raw("<p>Version <b>");
    html.text(text(at(at(document, "info"), "version")));
    html.raw("</b> · OpenAPI ");
    html.text(text(at(document, "openapi")));
    html.raw(" · <a href=\"/openapi.json\">/openapi.json</a></p>");

    html.raw("<nav><h2>Operations</h2><ul>");
    for (path, method, operation) in operations(document) {
        let link = format!("#{}", text(at(operation, "operationId")));
        html.raw("<li>");
        html.link(&link, &format!("{} {path}", method.to_uppercase()), "route");
        html.text(" ");
        html.text(text(at(operation, "summary")));
        html.raw("</li>");
    }
    html.raw("</ul></nav><main>");
    for (path, method, operation) in operations(document) {
        describe(&mut html, document, path, method, operation);
    }
    html.element("h2", "problems", "Problem documents");
    for (code, example) in entries(at(at(document, "components"), "examples")) {
        html.element("h3", &format!("problem-{code}"), code);
        html.raw("<pre>");
        html.text(&serde_json::to_string_pretty(at(example, "value")).unwrap_or_default());
        html.raw("</pre>");
    }
    html.element("h2", "schemas", "Schemas");
    for (name, schema) in entries(at(at(document, "components"), "schemas")) {
        schema::define(&mut html, name, schema);
    }
    html.raw("</main>");
    html.close()
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &'static str, &Value)> {
    entries(at(document, "paths")).flat_map(|(path, item)| {
        METHODS.into_iter().filter_map(move |method| Some((path, method, item.get(method)?)))
    })
}

fn describe(html: &mut Html, document: &Value, path: &str, method: &str, operation: &Value) {
    html.raw("<section>");
    let heading = format!("{} {path}", method.to_uppercase());
    html.element("h2", text(at(operation, "operationId")), &heading);
    html.paragraph(text(at(operation, "summary")));
    if let Some(description) = at(operation, "description").as_str() {
        html.paragraph(description);
    }
    callers(html, document, operation);
    parameters(html, operation);
    if let Some(body) = operation.get("requestBody") {
        html.element("h3", "", "Request");
        html.paragraph(text(at(body, "description")));
        contents(html, at(body, "content"));
    }
    html.element("h3", "", "Answers");
    for (status, reply) in entries(at(operation, "responses")) {
        html.raw("<div class=\"reply\">");
        html.element("h4", "", status);
        html.paragraph(text(at(reply, "description")));
        for (name, header) in entries(at(reply, "headers")) {
            html.paragraph(&format!("Header {name}: {}", text(at(header, "description"))));
        }
        contents(html, at(reply, "content"));
        html.raw("</div>");
    }
    html.raw("</section>");
}

fn callers(html: &mut Html, document: &Value, operation: &Value) {
    let schemes = at(operation, "security").as_array().map(Vec::as_slice).unwrap_or_default();
    if schemes.is_empty() {
        html.paragraph("Who may call: everyone.");
    }
    for (name, _) in schemes.iter().flat_map(entries) {
        let scheme = at(at(at(document, "components"), "securitySchemes"), name);
        let kind = text(at(scheme, "type"));
        html.paragraph(&format!("Who may call: {name} ({kind}). {}", text(at(scheme, "description"))));
    }
}

fn parameters(html: &mut Html, operation: &Value) {
    let parameters = at(operation, "parameters").as_array().map(Vec::as_slice).unwrap_or_default();
    if parameters.is_empty() {
        return;
    }
    html.raw("<h3>Parameters</h3><table><tr><th>name</th><th>in</th><th>form</th><th>what</th></tr>");
    for parameter in parameters {
        html.raw("<tr><td><code>");
        html.text(text(at(parameter, "name")));
        html.raw("</code></td><td>");
        html.text(text(at(parameter, "in")));
        html.raw("</td><td>");
        schema::form(html, at(parameter, "schema"));
        html.raw("</td><td>");
        html.text(text(at(parameter, "description")));
        html.raw(" Example: <code>");
        html.text(&plain(at(parameter, "example")));
        html.raw("</code></td></tr>");
    }
    html.raw("</table>");
}

fn contents(html: &mut Html, contents: &Value) {
    for (media, content) in entries(contents) {
        html.raw("<p><code>");
        html.text(media);
        html.raw("</code> ");
        if let Some(form) =
            content.get("schema").filter(|form| form.as_object().is_some_and(|it| !it.is_empty()))
        {
            schema::form(html, form);
        }
        html.raw("</p>");
        for (name, example) in entries(at(content, "examples")) {
            if example.get("$ref").is_some() {
                html.link(&format!("#problem-{name}"), name, "schema");
                html.raw(" ");
                continue;
            }
            html.raw("<details><summary>Example: ");
            html.text(name);
            html.raw("</summary><pre>");
            html.text(&serde_json::to_string_pretty(at(example, "value")).unwrap_or_default());
            html.raw("</pre></details>");
        }
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A field, or null.
fn at<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

/// A text without its quotation marks, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
