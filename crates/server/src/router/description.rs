//! What each endpoint says of itself in the OpenAPI document, with the refusals that it really has.

use enishi_party::{AssertionId, IdempotencyKey, IntentId, LinkId, PaymentId, RefusalCode};
use enishi_transport::openapi::{About, Callers, Example, Operation, Schemas};
use enishi_wire::{
    CancelAnswer, CancelOutcome, CancelRequest, ConfirmOutcome, ConfirmationAnswer, ContinueRequest,
    EnrolmentAnswer, EnrolmentRequest, EvidenceAnswer, IntentAnswer, IntentRequest, IntentView,
    PaymentAnswer, PaymentRequest, Problem, RedeemAnswer, RedeemRequest, TicketsAnswer, TicketsRequest,
};

use super::sample;

pub(super) const ABOUT: About = About {
    title: "Enishi relay",
    description: "The shared relay platform (共通的PF, 中継サービス): what terminals and providers ask of it. Mutual TLS 1.3, \
                  HTTP/1.1; who calls is what the client certificate says. A business decline is a 200 with a status; a \
                  refusal or a fault is a problem document (RFC 9457) whose code is one of a closed list. Unknown fields of a \
                  request are refused; unknown fields of an answer must be ignored.",
};

/// How a proof can fail (①, ③), whatever it is for.
const PROOF: [RefusalCode; 8] = [
    RefusalCode::CertUnknownIssuer,
    RefusalCode::ProfileInvalid,
    RefusalCode::CertNotYetValid,
    RefusalCode::CertExpired,
    RefusalCode::ChallengeExpired,
    RefusalCode::ContextMismatch,
    RefusalCode::SignatureInvalid,
    RefusalCode::RevocationUnavailable,
];

/// How a purchase can fail once its proof is genuine.
const PURCHASE: [RefusalCode; 5] = [
    RefusalCode::Cancelled,
    RefusalCode::ContractNotInForce,
    RefusalCode::NotLinked,
    RefusalCode::CertRevoked,
    RefusalCode::UnboundNotAllowed,
];

/// An operation with the refusals of its own, beside those that every operation has.
fn operation(
    schemas: &mut Schemas,
    (id, summary): (&'static str, &'static str),
    callers: Callers,
    refusals: &[&[RefusalCode]],
) -> Operation {
    let everywhere = [RefusalCode::MalformedRequest, RefusalCode::ClientNotAllowed];
    let mut codes: Vec<_> = everywhere.iter().chain(refusals.iter().copied().flatten()).copied().collect();
    codes.sort_unstable();
    codes.dedup();
    let operation = codes.into_iter().fold(Operation::new(id, summary, callers), |operation, code| {
        let problem = match code {
            RefusalCode::MalformedRequest => Problem::refusal(code).with_detail("the body is not JSON"),
            _ => Problem::refusal(code),
        };
        operation.problem::<Problem>(schemas, code.http_status(), code.code(), &problem)
    });
    let fault = Problem::fault();
    operation.problem::<Problem>(schemas, fault.status, &fault.code, &fault)
}

pub(super) fn tickets(schemas: &mut Schemas) -> Operation {
    operation(schemas, ("tickets", "Fetch tickets, before the customer comes"), Callers::Terminals, &[])
        .body::<TicketsRequest>(schemas, vec![Example::of("two", &TicketsRequest { count: 2 })])
        .answer::<TicketsAnswer>(
            schemas,
            200,
            "Tickets, good for the caller's TLS key alone.",
            vec![Example::tried("one", sample::tickets())],
        )
}

pub(super) fn payments(schemas: &mut Schemas) -> Operation {
    let own = [
        RefusalCode::IdempotencyMismatch,
        RefusalCode::RequestInFlight,
        RefusalCode::ChallengeReused,
        RefusalCode::SlipReused,
    ];
    operation(
        schemas,
        ("pay", "Ask for a purchase with the card's proof (slide 9)"),
        Callers::Terminals,
        &[&PROOF, &PURCHASE, &own],
    )
    .about(
        "The same key with the same body gets the first answer again, however often it is sent; after no answer, send the \
         same request again, or cancel it.",
    )
    .header::<IdempotencyKey>(schemas, "Idempotency-Key", IDEMPOTENCY, &sample::KEY)
    .body::<PaymentRequest>(schemas, vec![Example::tried("joint", sample::payment())])
    .answer::<PaymentAnswer>(schemas, 200, "Approved, declined, or a question for the holder.", outcomes())
}

pub(super) fn go_on(schemas: &mut Schemas) -> Operation {
    let own = [RefusalCode::RequestInFlight, RefusalCode::ChoiceInvalid];
    operation(
        schemas,
        ("continue", "Answer what the relay asked the holder"),
        Callers::Terminals,
        &[&PROOF, &PURCHASE, &own],
    )
    .path::<PaymentId>(schemas, "id", "The payment that asked.", &sample::payment_id())
    .body::<ContinueRequest>(
        schemas,
        vec![Example::of("choice", &sample::choice()), Example::of("pin", &sample::pin())],
    )
    .answer::<PaymentAnswer>(schemas, 200, "Approved, declined, or the next question.", outcomes())
}

pub(super) fn cancellations(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("cancel", "Take back a purchase whose answer never came"),
        Callers::Terminals,
        &[&[RefusalCode::RequestInFlight]],
    )
    .about("Repeat it until it is answered: an approved purchase is reversed, one that never came is refused should it come.")
    .body::<CancelRequest>(schemas, vec![Example::tried("key", sample::cancel())])
    .answer::<CancelAnswer>(
        schemas,
        200,
        "What the cancellation did.",
        vec![Example::of("never seen", &CancelAnswer { outcome: CancelOutcome::NeverSeen })],
    )
}

pub(super) fn create_intent(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("createLinkIntent", "Begin to link a customer who is logged in"),
        Callers::Providers,
        &[&[RefusalCode::ContractNotInForce]],
    )
    .body::<IntentRequest>(schemas, vec![Example::tried("under 代行", sample::intent())])
    .answer::<IntentAnswer>(
        schemas,
        200,
        "The intent, for the customer to take to a terminal.",
        vec![Example::of("intent", &IntentAnswer { intent: sample::intent_id(), life_s: 600 })],
    )
}

pub(super) fn view_intent(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("viewLinkIntent", "Read what the citizen is to consent to"),
        Callers::Terminals,
        &[&[RefusalCode::IntentInvalid]],
    )
    .path::<IntentId>(schemas, "id", "The intent.", &sample::intent_id())
    .answer::<IntentView>(
        schemas,
        200,
        "The terms, and their digest for the card to sign.",
        vec![Example::tried("terms", sample::view())],
    )
}

pub(super) fn redeem(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("redeem", "Redeem the code that the customer's session brought"),
        Callers::Providers,
        &[&[RefusalCode::IntentInvalid, RefusalCode::ContractNotInForce]],
    )
    .path::<IntentId>(schemas, "id", "The intent.", &sample::intent_id())
    .body::<RedeemRequest>(schemas, vec![Example::of("code", &sample::redeem())])
    .answer::<RedeemAnswer>(
        schemas,
        200,
        "The link, pending confirmation, and who signed.",
        vec![Example::tried("under 代行", sample::redeemed())],
    )
}

pub(super) fn enrol(schemas: &mut Schemas) -> Operation {
    let own = [
        RefusalCode::IntentInvalid,
        RefusalCode::ConsentInvalid,
        RefusalCode::ContractNotInForce,
        RefusalCode::CertRevoked,
        RefusalCode::IdentityMismatch,
        RefusalCode::LinkConflict,
    ];
    operation(
        schemas,
        ("enrol", "Bring the citizen's consent, proven by both keys of the card"),
        Callers::Terminals,
        &[&PROOF, &own],
    )
    .body::<EnrolmentRequest>(schemas, vec![Example::of("consent", &sample::enrolment())])
    .answer::<EnrolmentAnswer>(
        schemas,
        200,
        "What the citizen takes back to the provider's session, and keeps.",
        vec![Example::tried("code", sample::enrolled())],
    )
}

pub(super) fn confirm(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("confirmLink", "Say whether the applicant is the customer"),
        Callers::Providers,
        &[&[RefusalCode::IntentInvalid, RefusalCode::ContractNotInForce, RefusalCode::LinkConflict]],
    )
    .path::<LinkId>(schemas, "id", "The link.", &sample::link_id())
    .body::<ConfirmOutcome>(
        schemas,
        vec![
            Example::of("confirmed", &ConfirmOutcome::Confirmed { instrument: sample::instrument() }),
            Example::of("other person", &ConfirmOutcome::IdentityMismatch),
        ],
    )
    .answer::<ConfirmationAnswer>(
        schemas,
        200,
        "The link's state.",
        vec![
            Example::of("active", &ConfirmationAnswer::Active),
            Example::of("rolled back", &ConfirmationAnswer::RolledBack),
        ],
    )
}

pub(super) fn evidence(schemas: &mut Schemas) -> Operation {
    operation(
        schemas,
        ("evidence", "Fetch the sealed evidence of an assertion (委託)"),
        Callers::Providers,
        &[&[RefusalCode::NotLinked]],
    )
    .path::<AssertionId>(schemas, "id", "The assertion.", &sample::assertion_id())
    .answer::<EvidenceAnswer>(
        schemas,
        200,
        "Evidence that the provider alone can open.",
        vec![Example::of("sealed", &sample::evidence())],
    )
}

const IDEMPOTENCY: &str =
    "Makes the request one act (draft-ietf-httpapi-idempotency-key-header), of one terminal; random.";

fn outcomes() -> Vec<Example> {
    vec![
        Example::of("approved", &sample::approved()),
        Example::of("declined", &sample::declined()),
        Example::of("choose", &sample::choose()),
        Example::of("company's PIN", &sample::ask_pin()),
    ]
}
