//! What an HTTP interface says of itself: an OpenAPI 3.1 document that is made beside its routes, and a page to read it.
//!
//! An [`Endpoint`] is a handler with its description; [`router_of`] and [`document`] are made from the same list, so that
//! no route lacks a description and no description a route. Schemas come from the types (JSON Schema 2020-12), examples
//! from values of those types.

mod document;
mod endpoint;
mod operation;
mod page;
mod reply;
mod routes;
mod schemas;

pub use document::{About, document};
pub use endpoint::{Endpoint, router_of};
pub use operation::{Callers, Operation};
pub use page::page;
pub use reply::Example;
pub use routes::openapi_routes;
pub use schemas::{PlainProblem, Schemas};

#[cfg(test)]
mod tests;
