use axum::Router;
use axum::handler::Handler;
use axum::routing::{MethodRouter, get, post, put};

use super::{Operation, Schemas};

/// What makes a description; called once for a document.
pub(super) type Describe = fn(&mut Schemas) -> Operation;

/// One method of one path: what answers it, and what it says of itself.
pub struct Endpoint<S> {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) describe: Describe,
    handler: MethodRouter<S>,
}

impl<S: Clone + Send + Sync + 'static> Endpoint<S> {
    /// A GET.
    pub fn get<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H, describe: Describe) -> Self {
        Self { method: "get", path, describe, handler: get(handler) }
    }

    /// A POST.
    pub fn post<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H, describe: Describe) -> Self {
        Self { method: "post", path, describe, handler: post(handler) }
    }

    /// A PUT.
    pub fn put<H: Handler<T, S>, T: 'static>(path: &'static str, handler: H, describe: Describe) -> Self {
        Self { method: "put", path, describe, handler: put(handler) }
    }
}

/// The routes of these endpoints.
pub fn router_of<S: Clone + Send + Sync + 'static>(endpoints: Vec<Endpoint<S>>) -> Router<S> {
    endpoints
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(endpoint.path, endpoint.handler))
}
