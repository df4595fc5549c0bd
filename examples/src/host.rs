//! The company's sockets: ISO 8583 from the relay, and results of enrolments from customers.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use clap::{Parser, Subcommand};
use enishi_iso8583::{De, Message, Mti, ResponseCode, japan_credit};
use enishi_party::{Clock, CustomerId, MerchantId, Money, Timestamp};
use enishi_provider::{Answer, BookKey, Keyed, LinkAnswer};
use enishi_transport::{
    CancellationToken, HttpLimits, IsoHandler, IsoServerConfig, IsoServerLimits, Peer, serve_http, serve_iso,
};
use enishi_wire::Problem;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::books::Customer;
use crate::enrolment::NotLinked;
use crate::{Company, Fault, Folder, Verification};

/// How often a verifier fetches the revocation lists.
const REFRESH: Duration = Duration::from_secs(60);

/// A card company with books of its own.
#[derive(Parser)]
pub struct Order {
    /// The company's configuration file, as `enishi keys init` makes it.
    #[arg(long)]
    pub config: PathBuf,
    /// What to do.
    #[command(subcommand)]
    pub act: Act,
}

/// What to do.
#[derive(Subcommand)]
pub enum Act {
    /// Takes the customers over and serves until SIGTERM.
    Serve {
        /// The company's customers, as in examples/customers.toml.
        #[arg(long)]
        customers: PathBuf,
    },
    /// Prints a one-time code for `enishi terminal enrol`, beside a company that serves.
    Invite {
        /// Whom.
        customer: CustomerId,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customers {
    customers: Vec<Customer>,
}

#[async_trait]
impl IsoHandler for Company {
    /// `None` leaves the message unanswered: the relay takes the outcome for unknown, tells the shop "not completed"
    /// and sends a reversal until it is answered. That is right wherever the books failed.
    async fn handle(&self, peer: &Peer, message: Message) -> Option<Message> {
        if peer.party != self.relay_party {
            return None;
        }
        let now = self.clock.now();
        let answered = match message.mti() {
            Mti::AUTHORISATION_REQUEST => self.authorise(&message, now).await,
            Mti::REVERSAL_ADVICE | Mti::REVERSAL_ADVICE_REPEAT => self.reverse(&message, now),
            _ => Ok(Answer::Declined(ResponseCode::InvalidTransaction)),
        };
        match answered {
            Ok(answer) => {
                let answer = answer.message(&message).ok()?;
                println!("{} answered {}", message.mti(), answer.response_code().ok()?);
                Some(answer)
            }
            Err(failed) => {
                eprintln!("{} left unanswered: {failed}", message.mti());
                None
            }
        }
    }
}

impl Company {
    async fn authorise(&self, message: &Message, now: Timestamp) -> Result<Answer, rusqlite::Error> {
        // What the transaction is known by: elements 7, 11, 32, 37 and 41, and a digest of all but a PIN block.
        let (Ok(keyed), Some((amount, merchant))) = (Keyed::of(message, now), facts(message)) else {
            return Ok(Answer::Declined(ResponseCode::FormatError));
        };
        // The same message again: the same answer, and no second debit.
        if let Some(answer) = self.books.answered(&keyed)? {
            return Ok(answer);
        }
        let checked = self.check(message, now).await;
        self.books.settle(&keyed, &checked, (amount, &merchant), now)
    }

    fn reverse(&self, message: &Message, now: Timestamp) -> Result<Answer, rusqlite::Error> {
        let original = message.original_data().map(|original| original.mti);
        let (Ok(key), Some((amount, merchant))) = (BookKey::of_original(message, now), facts(message)) else {
            return Ok(Answer::Declined(ResponseCode::FormatError));
        };
        // Parts of amounts (DE 95) are an ATM's business, and only purchases are undone here.
        if original != Ok(Mti::AUTHORISATION_REQUEST) || message.has(De::REPLACEMENT_AMOUNTS) {
            return Ok(Answer::Declined(ResponseCode::InvalidTransaction));
        }
        // "Declined" with 00: an acknowledgement has no approval number.
        self.books.reverse(&key, amount, &merchant, now).map(Answer::Declined)
    }

    /// Does what the command line says.
    ///
    /// # Errors
    /// A file, a socket, or the relay.
    pub async fn run(self, folder: &Folder, act: Act) -> Result<(), Fault> {
        match act {
            Act::Serve { customers } => {
                let customers: Customers = toml::from_str(&std::fs::read_to_string(customers)?)?;
                self.books.take_over(&customers.customers)?;
                Arc::new(self).serve(folder).await
            }
            Act::Invite { customer } => {
                let invitation = self.invite(&customer, self.clock.now()).await?;
                println!("{}", invitation.code);
                eprintln!("good for {} minutes and one enrolment", invitation.life_s / 60);
                Ok(())
            }
        }
    }

    async fn serve(self: Arc<Self>, folder: &Folder) -> Result<(), Fault> {
        let (identity, ca) = folder.identity()?;
        let iso = TcpListener::bind(&folder.listen_iso).await?;
        let app = TcpListener::bind(&folder.listen_app).await?;
        if !app.local_addr()?.ip().is_loopback() {
            return Err("listen_app must be a loopback address: it is plain HTTP".into());
        }
        let config = IsoServerConfig {
            clients: vec![self.relay_party.clone()],
            dialect: japan_credit(),
            limits: IsoServerLimits::default(),
            tap: None,
        };
        let routes = Router::new().route("/app/invitation-callback", post(bring)).with_state(self.clone());
        self.refresh().await;
        let (stop, token) = (CancellationToken::new(), CancellationToken::new());
        tokio::spawn(until_told(stop.clone()));
        tokio::spawn(token.clone().run_until_cancelled_owned(refresh_always(self.clone())));
        println!("serves");
        let iso = serve_iso(iso, &identity, &ca, config, self, stop.clone());
        let app = serve_http(app, routes, HttpLimits::default(), None, stop);
        let ended = tokio::try_join!(iso, app);
        token.cancel();
        ended?;
        Ok(())
    }

    /// 委託: the company's own revocation lists; without a current one evidence cannot be judged, and is refused.
    async fn refresh(&self) {
        if let Verification::Own(verifier) = &self.verification {
            for renewed in verifier.refresh().await.iter().filter(|renewed| renewed.outcome.is_err()) {
                eprintln!("a revocation list was not renewed: {renewed:?}");
            }
        }
    }
}

/// Amount and payee of a message, where both can be read and the currency is the yen.
fn facts(message: &Message) -> Option<(Money, MerchantId)> {
    let yen = message.currency().is_ok_and(|currency| currency == enishi_iso8583::CurrencyNumber::JPY);
    let amount = Money::yen(message.amount().ok()?.minor_units()).ok()?;
    let merchant = message.merchant().ok()?.as_str().parse().ok()?;
    yen.then_some((amount, merchant))
}

/// `POST /app/invitation-callback`: the terminal, or the customer's phone, brings state and code.
async fn bring(State(company): State<Arc<Company>>, body: Bytes) -> Response {
    let Ok(brought) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    match company.finish(brought, company.clock.now()).await {
        Ok(label) => json(StatusCode::OK, "application/json", &LinkAnswer { label }),
        Err(NotLinked::Refused(code)) => {
            let status = StatusCode::from_u16(code.http_status()).unwrap_or(StatusCode::FORBIDDEN);
            json(status, Problem::CONTENT_TYPE, &Problem::refusal(code))
        }
        Err(NotLinked::Failed(error)) => {
            eprintln!("not linked: {error}");
            json(StatusCode::INTERNAL_SERVER_ERROR, Problem::CONTENT_TYPE, &Problem::fault())
        }
    }
}

fn json(status: StatusCode, content_type: &'static str, body: &impl serde::Serialize) -> Response {
    let headers = [(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, "no-store")];
    (status, headers, serde_json::to_vec(body).unwrap_or_default()).into_response()
}

async fn refresh_always(company: Arc<Company>) {
    loop {
        tokio::time::sleep(REFRESH).await;
        company.refresh().await;
    }
}

async fn until_told(stop: CancellationToken) {
    if let Ok(mut told) = signal(SignalKind::terminate()) {
        tokio::select! {
            _ = told.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        stop.cancel();
    }
}
