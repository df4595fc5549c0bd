//! What each endpoint of the app says of itself in the OpenAPI document.

use enishi_party::{IntentId, Malformed, Money, RefusalCode};
use enishi_transport::openapi::{About, Callers, Example, Operation, Schemas};
use enishi_wire::Problem;
use serde_json::json;

use super::problem::AppProblem;
use super::{
    CardView, CardsAnswer, LinkAnswer, LinkCallback, LinkRequest, LinkStarted, LoginAnswer, LoginRequest,
    StatementAnswer, StatementEntry,
};
use crate::session::{BearerSecret, SESSION_LIFE};

pub(super) const ABOUT: About = About {
    title: "Enishi provider's app",
    description: "What the app of a card company's customers talks to: log in, link a card, read the statement. Plain HTTP on \
                  the machine's own loopback, behind the company's own TLS front. Refusals are problem documents (RFC 9457); \
                  unknown fields of a request are refused, unknown fields of an answer must be ignored.",
};

const LABEL: &str = "Card A ••1234";

/// How bringing back a link's result can fail.
const BRINGING: [AppProblem; 7] = [
    AppProblem::Malformed,
    AppProblem::NoSuchCard,
    AppProblem::Refused(RefusalCode::ClientNotAllowed),
    AppProblem::Refused(RefusalCode::IntentInvalid),
    AppProblem::Refused(RefusalCode::ContractNotInForce),
    AppProblem::Refused(RefusalCode::IdentityMismatch),
    AppProblem::Refused(RefusalCode::LinkConflict),
];

/// An operation with its refusals.
fn operation(
    schemas: &mut Schemas,
    (id, summary): (&'static str, &'static str),
    callers: Callers,
    refusals: &[AppProblem],
) -> Operation {
    let operation = Operation::new(id, summary, callers);
    let refusals = refusals.iter().chain([&AppProblem::Fault]);
    refusals.fold(operation, |operation, refusal| {
        let document = refusal.document();
        operation.problem::<Problem>(schemas, document.status, &document.code, &document)
    })
}

/// An operation that takes a session.
fn in_session(
    schemas: &mut Schemas,
    name: (&'static str, &'static str),
    refusals: &[AppProblem],
) -> Operation {
    let refusals: Vec<_> = refusals.iter().chain([&AppProblem::NotLoggedIn]).copied().collect();
    operation(schemas, name, Callers::Session, &refusals).answer_header(401, "WWW-Authenticate", "Bearer.")
}

fn secret() -> String {
    BearerSecret::from_random([0x5a; 32]).expose()
}

pub(super) fn log_in(schemas: &mut Schemas) -> Operation {
    let refusals = [AppProblem::Malformed, AppProblem::NotLoggedIn, AppProblem::TooManyLogins];
    let body = json!({ "customer": "example-customer", "password": "an example of a password" });
    let session = LoginAnswer { session: secret(), life_s: SESSION_LIFE.as_secs() };
    operation(schemas, ("logIn", "Begin a session"), Callers::Anyone, &refusals)
        .about("Nobody learns whether a customer exists. After some wrong passwords the login is closed for a while.")
        .body::<LoginRequest>(schemas, vec![Example::of("customer", &body)])
        .answer::<LoginAnswer>(schemas, 200, "A session.", vec![Example::of("session", &session)])
        .answer_header(401, "WWW-Authenticate", "Bearer.")
}

pub(super) fn cards(schemas: &mut Schemas) -> Operation {
    let cards = CardsAnswer { cards: vec![CardView { card: 0, label: LABEL.to_owned() }] };
    in_session(schemas, ("cards", "List the customer's cards, never their numbers"), &[])
        .answer::<CardsAnswer>(schemas, 200, "By slot.", vec![Example::of("one card", &cards)])
}

pub(super) fn begin_link(schemas: &mut Schemas) -> Operation {
    let refusals = [
        AppProblem::Malformed,
        AppProblem::NoSuchCard,
        AppProblem::Refused(RefusalCode::ClientNotAllowed),
        AppProblem::Refused(RefusalCode::ContractNotInForce),
    ];
    let request = LinkRequest { card: 0, offer_jointly: true };
    let started = LinkStarted { intent: IntentId::from_random(*b"example-octets-1"), life_s: 600 };
    in_session(schemas, ("beginLink", "Begin to link a card"), &refusals)
        .body::<LinkRequest>(schemas, vec![Example::of("first card", &request)])
        .answer::<LinkStarted>(
            schemas,
            201,
            "What the customer takes to a terminal or phone.",
            vec![Example::of("intent", &started)],
        )
}

pub(super) fn finish_link(schemas: &mut Schemas) -> Operation {
    let name = ("finishLink", "Bring back what the terminal gave, to the session that began the link");
    let operation = in_session(schemas, name, &BRINGING);
    brought_back(schemas, operation)
}

pub(super) fn finish_invited(schemas: &mut Schemas) -> Operation {
    let name =
        ("finishInvited", "Bring back what the terminal gave, for a customer whom the company invited");
    let operation = operation(schemas, name, Callers::Anyone, &BRINGING).about(
        "Takes no session: the state is a secret that is good once. Name and birth date decide, as ever.",
    );
    brought_back(schemas, operation)
}

fn brought_back(schemas: &mut Schemas, operation: Operation) -> Operation {
    let brought = LinkCallback { state: secret(), code: secret() };
    let linked = LinkAnswer { label: LABEL.to_owned() };
    operation.body::<LinkCallback>(schemas, vec![Example::of("brought back", &brought)]).answer::<LinkAnswer>(
        schemas,
        200,
        "The card is linked.",
        vec![Example::of("linked", &linked)],
    )
}

pub(super) fn statement(schemas: &mut Schemas) -> Operation {
    in_session(schemas, ("statement", "Read the latest entries of the customer's cards (ご利用明細)"), &[])
        .answer::<StatementAnswer>(
        schemas,
        200,
        "The latest first.",
        vec![Example::tried("one purchase", entries())],
    )
}

fn entries() -> Result<StatementAnswer, Malformed> {
    let entry = StatementEntry {
        at: "2026-04-01T03:00:00Z".to_owned(),
        kind: "purchase".to_owned(),
        card: LABEL.to_owned(),
        merchant: "SHOP-1".parse()?,
        amount: Money::yen(1_980)?,
        approval_number: "000123".to_owned(),
    };
    Ok(StatementAnswer { entries: vec![entry] })
}
