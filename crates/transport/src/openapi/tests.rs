use axum::extract::State;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{About, Callers, Endpoint, Example, Operation, PlainProblem, document, page};

/// A <b>bold</b> wish.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Wish {
    /// How many & of what.
    #[schemars(range(min = 1, max = 9))]
    count: u8,
}

async fn grant(State(()): State<()>) {}

fn endpoints() -> Vec<Endpoint<()>> {
    vec![Endpoint::post("/wishes/{*rest}", grant, |schemas| {
        Operation::new("wish", "Make a wish", Callers::Terminals)
            .path::<String>(schemas, "rest", "Whose.", &"x")
            .body::<Wish>(schemas, vec![Example::of("one", &Wish { count: 1 })])
            .answer::<Wish>(schemas, 200, "Granted.", vec![Example::of("one", &Wish { count: 1 })])
            .problem::<PlainProblem>(schemas, 400, "no_wish", &"x")
    })]
}

const ABOUT: About = About { title: "Wishes", description: "Made <here>." };

#[test]
fn the_same_endpoints_give_the_same_document() {
    assert_eq!(document(ABOUT, &endpoints()).to_string(), document(ABOUT, &endpoints()).to_string());
}

#[test]
fn an_operation_names_its_callers_its_codes_and_what_the_server_answers_itself() {
    let document = document(ABOUT, &endpoints());
    let operation = &document["paths"]["/wishes/{rest}"]["post"];
    assert_eq!(operation["security"][0]["terminal"], serde_json::json!([]));
    assert_eq!(document["components"]["securitySchemes"]["terminal"]["type"], "mutualTLS");
    let codes = &operation["responses"]["400"]["content"]["application/problem+json"]["schema"]["allOf"][1];
    assert_eq!(codes["properties"]["code"]["enum"], serde_json::json!(["no_wish", "body_incomplete"]));
    let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(statuses, ["200", "400", "408", "413", "431", "500", "503"]);
    assert_eq!(document["components"]["schemas"]["Wish"]["additionalProperties"], false);
}

#[test]
fn the_page_shows_every_operation_and_escapes_what_it_shows() {
    let html = page(&document(ABOUT, &endpoints()));
    assert!(html.contains("POST /wishes/{rest}") && html.contains("body_too_large"));
    assert!(html.contains("Made &lt;here&gt;.") && html.contains("A &lt;b&gt;bold"));
    assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("http://"));
}
