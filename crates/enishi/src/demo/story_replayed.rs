//! Refused: a recorded signature at the same shop, at another shop, with another amount; a login; a forgery.

use enishi_card::{LastTry, Session};
use enishi_jpki::{AuthPin, Challenge, Context, LoginContext, Nonce, Origin};
use enishi_party::{Environment, IdempotencyKey, PartyRole, PartyUri, Text};

use super::scene::Scene;
use super::stage::{Stage, sale};
use crate::sandbox::{CARD_AUTH_PIN, Company, PersonKey, Recording, SandboxError, Shop};

/// Somebody recorded a purchase between terminal and relay, or at the terminal, and sends it again.
pub(crate) async fn replayed(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let prepared = stage.prepare(Shop::Books, PersonKey::Taro, &sale(3_300, Some(Company::A))?).await?;
    let first = stage.town.submit(Shop::Books).await?;
    let mut scenes = vec![
        Scene::new(
            Text::new("承認 — 記録される取引", "Approved — the purchase that is recorded"),
            "approved",
            first,
        )
        .told(
            "太郎さんの¥3,300の取引が、何者かに丸ごと記録されました。",
            "Taro's purchase of ¥3,300 was recorded whole by somebody.",
        ),
    ];

    let again = Recording { key: key("replay-at-the-same-shop")?, ..prepared.clone() };
    let came = stage.town.send_as(Shop::Books, &again).await?;
    scenes.push(
        Scene::new(
            Text::new("拒否 — 同じ店で署名を再利用", "Refused — the signature again, same shop"),
            "refused challenge_reused",
            came,
        )
        .told(
            "同じ署名を別の取引として送ります。チケットは一度しか使えません。",
            "The same signature as a new request: its ticket was used.",
        ),
    );

    let coffee = altered(&prepared, "replay-at-another-shop", |body| {
        set(body, "/terminal", Shop::Coffee.terminal());
        set(body, "/merchant", Shop::Coffee.merchant());
    })?;
    let came = stage.town.send_as(Shop::Coffee, &coffee).await?;
    scenes.push(
        Scene::new(
            Text::new("拒否 — 別の店で署名を再利用", "Refused — the signature again, another shop"),
            "refused challenge_expired",
            came,
        )
        .told(
            "こだま珈琲の端末から、自分の取引として送ります。チケットは書店の端末のものです。",
            "Sent by Kodama Coffee's terminal as its own purchase. The ticket belongs to the bookshop's terminal.",
        ),
    );

    let more = altered(&prepared, "replay-with-another-amount", |body| set(body, "/amount/minor", 33_000))?;
    let came = stage.town.send_as(Shop::Books, &more).await?;
    scenes.push(
        Scene::new(
            Text::new("拒否 — 金額を書き換えて再利用", "Refused — the signature with another amount"),
            "refused context_mismatch",
            came,
        )
        .told(
            "¥3,300を¥33,000に書き換えます。署名は元の金額へのものです。",
            "¥3,300 becomes ¥33,000. The signature is over the first amount.",
        ),
    );
    let debits = stage.debits(PersonKey::Taro, Company::A, 3_300).await?;
    if let Some(last) = scenes.last_mut() {
        last.checks.push((
            Text::new("さくらカードの引き落としは1件だけです", "Sakura Card has one debit, not more"),
            debits == 1 && stage.debits(PersonKey::Taro, Company::A, 33_000).await? == 0,
        ));
    }
    Ok(scenes)
}

/// A site tricked the holder into a login; its signature is offered as a payment.
pub(crate) async fn login_offered_as_payment(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let prepared = stage.prepare(Shop::Books, PersonKey::Taro, &sale(5_500, Some(Company::A))?).await?;
    let making = |error: String| SandboxError::Making(error);
    let body: serde_json::Value =
        serde_json::from_slice(&prepared.body).map_err(|error| making(error.to_string()))?;
    let ticket = Nonce::parse(body.get("nonce").and_then(|nonce| nonce.as_str()).unwrap_or_default())
        .map_err(|error| making(error.to_string()))?;
    let login = Context::Login(LoginContext {
        relay: PartyUri::new(Environment::Sandbox, PartyRole::Relay, "relay")?,
        client: "my-portal".to_owned(),
        request_sha256: "00".repeat(32),
    });
    let nonce = Nonce::new(&ticket.ticket(), &login);
    let origin =
        Origin::parse("https://login.relay.enishi.example").map_err(|error| making(error.to_string()))?;
    let reader = stage.town.reader(PersonKey::Taro)?;
    let mut session = Session::open(reader.connect()?)?;
    let pin = AuthPin::parse(CARD_AUTH_PIN).map_err(|error| making(error.to_string()))?;
    let proven = session.prove(&pin, &Challenge::new(origin, nonce.clone()), LastTry::NotConfirmed)?;
    session.close()?;
    let token = proven.into_token().to_json();
    let offered = altered(&prepared, "login-offered-as-payment", |body| {
        set(body, "/token", token);
        set(body, "/nonce", nonce.as_str());
    })?;
    let came = stage.town.send_as(Shop::Books, &offered).await?;
    Ok(vec![
        Scene::new(
            Text::new("拒否 — ログインの署名を支払いに流用", "Refused — a login signature offered as a payment"),
            "refused context_mismatch",
            came,
        )
        .told(
            "太郎さんがログインのために作った署名を、支払いとして送ります。署名は用途と送り先に結び付いています。",
            "A signature that Taro made to log in is sent as a payment. A signature is tied to its occasion and channel.",
        ),
    ])
}

/// The right request with a signature that the card did not make.
pub(crate) async fn forged_signature(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let prepared = stage.prepare(Shop::Books, PersonKey::Taro, &sale(6_600, Some(Company::A))?).await?;
    let other = stage.prepare(Shop::Books, PersonKey::Hanako, &sale(6_600, Some(Company::A))?).await?;
    let body: serde_json::Value =
        serde_json::from_slice(&other.body).map_err(|error| SandboxError::Making(error.to_string()))?;
    let signature = body.pointer("/token/signature").cloned().unwrap_or_default();
    let forged =
        altered(&prepared, "signature-of-somebody-else", |body| set(body, "/token/signature", signature))?;
    let came = stage.town.send_as(Shop::Books, &forged).await?;
    Ok(vec![
        Scene::new(
            Text::new("拒否 — 他人のカードの署名", "Refused — another card's signature"),
            "refused signature_invalid",
            came,
        )
        .told(
            "太郎さんの証明書に、花子さんのカードの署名を付けて送ります。",
            "Taro's certificate is sent with a signature that Hanako's card made.",
        ),
    ])
}

/// Puts another value into a body's field; a field that is not there is left alone, and the scene then comes out otherwise.
fn set(body: &mut serde_json::Value, at: &str, value: impl Into<serde_json::Value>) {
    if let Some(field) = body.pointer_mut(at) {
        *field = value.into();
    }
}

/// A genuine signature, never used, in a request that says something else: another amount, another payee.
pub(crate) async fn altered_on_the_way(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let prepared = stage.prepare(Shop::Books, PersonKey::Taro, &sale(4_400, Some(Company::A))?).await?;
    let more = altered(&prepared, "amount-never-signed", |body| set(body, "/amount/minor", 44_000))?;
    let came = stage.town.send_as(Shop::Books, &more).await?;
    let debits = stage.debits(PersonKey::Taro, Company::A, 44_000).await?;
    let mut scenes = vec![
        Scene::new(
            Text::new("拒否 — 金額のすり替え", "Refused — another amount than the one signed"),
            "refused context_mismatch",
            came,
        )
        .told(
            "太郎さんが署名した¥4,400を、端末と中継の間で何者かが¥44,000に書き換えます。",
            "Between terminal and relay somebody turns the ¥4,400 that Taro signed into ¥44,000.",
        )
        .check("引き落としはありません", "nothing is debited", debits == 0),
    ];
    let prepared = stage.prepare(Shop::Books, PersonKey::Taro, &sale(4_400, Some(Company::A))?).await?;
    let redirected = altered(&prepared, "payee-of-another-shop", |body| {
        body["merchant"] = Shop::Coffee.merchant().into();
    })?;
    let came = stage.town.send_as(Shop::Books, &redirected).await?;
    let debits = stage.debits(PersonKey::Taro, Company::A, 4_400).await?;
    scenes.push(
        Scene::new(
            Text::new("拒否 — 支払先のすり替え", "Refused — another payee"),
            "refused client_not_allowed",
            came,
        )
        .told(
            "縁むすび書店の端末が、支払先をこだま珈琲と書いて送ります。中継は端末の証明書と登録から支払先を知っています。",
            "The bookshop's terminal names Kodama Coffee as the payee. The relay knows the payee from the terminal's certificate and its register.",
        )
        .check("引き落としはありません", "nothing is debited", debits == 0),
    );
    Ok(scenes)
}

fn key(text: &str) -> Result<IdempotencyKey, SandboxError> {
    Ok(text.parse()?)
}

/// The same request with other contents, under another key.
fn altered(
    recorded: &Recording,
    name: &str,
    alter: impl FnOnce(&mut serde_json::Value),
) -> Result<Recording, SandboxError> {
    let making = |error: serde_json::Error| SandboxError::Making(error.to_string());
    let mut body: serde_json::Value = serde_json::from_slice(&recorded.body).map_err(making)?;
    alter(&mut body);
    Ok(Recording { key: key(name)?, body: serde_json::to_vec(&body).map_err(making)? })
}
