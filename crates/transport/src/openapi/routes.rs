use axum::Router;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;
use serde_json::Value;

use super::page;

/// The page has no script, and nothing that it shows comes from elsewhere.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("style.css");

/// `/openapi.json`, `/docs` and its style, for the operators' listener.
pub fn openapi_routes(document: &Value) -> Router {
    let json = serde_json::to_string_pretty(document).unwrap_or_default();
    let html = page(document);
    Router::new()
        .route("/openapi.json", get(move || serve("application/json", json.clone())))
        .route("/docs", get(move || serve("text/html; charset=utf-8", html.clone())))
        .route("/docs/style.css", get(|| serve("text/css; charset=utf-8", STYLE.to_owned())))
}

async fn serve(media: &'static str, body: String) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, media),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, body)
}
