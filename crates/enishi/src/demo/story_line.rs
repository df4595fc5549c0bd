//! Between relay and company: a request that is sent again, overtaken by its own reversal, or altered.

use std::time::Duration;

use enishi_iso8583::{Amount, Message, Stan};
use enishi_party::Text;

use super::citizen::Citizen;
use super::scene::Scene;
use super::stage::{Stage, sale};
use crate::sandbox::{CableMode, Company, PersonKey, SandboxError, Shop};

/// How long the relay may take to be connected again.
const RECONNECTED: Duration = Duration::from_secs(10);

/// Whoever has the relay's line, but not its signing key, has only words that were used.
pub(crate) async fn recorded_at_the_line(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let what = sale(1_870, Some(Company::A))?;
    let report = stage.pay(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    let again = recorded(stage)?.map(under_another_number).transpose()?;
    let came = said(stage, again).await?;
    let debits = stage.debits(PersonKey::Taro, Company::A, 1_870).await?;
    let scene = Scene::new(
        Text::new("拒否 — 会社への要求を再送", "Declined — the request to the company again"),
        "declined 94",
        came,
    )
    .told(
        "中継とさくらカードの間で承認済みの要求を記録した者が、番号だけ変えてもう一度送ります。中継の証言は一度しか使えません。",
        "Somebody at the line between relay and Sakura Card sends an approved request once more, under another number. The relay's word is good once.",
    )
    .check(
        "元の取引は承認され、引き落としは1件だけです",
        "the purchase itself was approved, and there is one debit",
        report.came == "approved" && debits == 1,
    );
    Ok(vec![scene])
}

/// The request is lost, its reversal arrives, and then somebody comes with the request after all.
pub(crate) async fn overtaken_by_its_reversal(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    stage.town.company_a_cable.set(CableMode::CutAtNextRequest);
    let what = sale(2_470, Some(Company::A))?;
    let report = stage.pay(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    let acknowledged = stage.reversals_acknowledged().await?;
    let connected = stage.town.relay_signed_on(RECONNECTED).await;
    // Where the line was still down at the first attempt, what arrives is the repeat, 0421.
    let reversed_alone = stage.heard_by_company_a("0100")? == 0 && stage.heard_by_company_a("042")? > 0;
    let lost = recorded(stage)?;

    // Before the request itself: its assertion must be one that was never used.
    let mut more = lost.clone().map(under_another_number).transpose()?;
    if let Some(more) = &mut more {
        more.set_amount(Amount::new(24_700).map_err(making)?);
    }
    let altered = said(stage, more).await?;
    let charged = stage.debits(PersonKey::Taro, Company::A, 24_700).await?;
    let late = said(stage, lost).await?;
    let standing = stage.debits(PersonKey::Taro, Company::A, 2_470).await?;
    let of_altered = Scene::new(
        Text::new("拒否 — 会社への要求を書き換え", "Declined — the request to the company, altered"),
        "declined 63",
        altered,
    )
    .told(
        "回線が切れ、¥2,470の要求はさくらカードに届きませんでした。何者かがそれを¥24,700に書き換えて送ります。",
        "The line was cut and a request for ¥2,470 never reached Sakura Card. Somebody sends it with ¥24,700.",
    )
    .told("中継が署名した証言と金額が合いません。", "The amount is not the one in the relay's signed word.")
    .check("引き落としはありません", "nothing is debited", charged == 0);
    let of_late = Scene::new(
        Text::new("拒否 — 取消が先に届いた要求", "Declined — a request that its reversal overtook"),
        "declined 12",
        late,
    )
    .told(
        "店には91と出て、取消(0420)が先に届きました。さくらカードは覚えていて、後から来た元の要求を断ります。",
        "The shop had read 91, and the reversal (0420) arrived first. Sakura Card remembers, and declines the request that comes after it.",
    )
    .check(
        "先に届いたのは取消だけで、店には91と出ていました",
        "only the reversal had arrived, and the shop had read 91",
        reversed_alone && report.came == "declined 91",
    )
    .check("取消は応答され、回線は戻っています", "the reversal was answered and the line is back", acknowledged && connected)
    .check("引き落としはありません", "nothing is debited", standing == 0);
    Ok(vec![of_altered, of_late])
}

/// The last request that the relay sent to company A.
fn recorded(stage: &Stage) -> Result<Option<Message>, SandboxError> {
    Ok(stage.said_to_company_a("0100")?.pop())
}

/// The same request as if it were another one.
fn under_another_number(mut request: Message) -> Result<Message, SandboxError> {
    let number = request.stan().map_err(making)?.number();
    request.set_stan(Stan::new((number + 500_000) % 1_000_000).map_err(making)?);
    Ok(request)
}

/// What company A answers to somebody at the line.
async fn said(stage: &Stage, request: Option<Message>) -> Result<String, SandboxError> {
    let Some(request) = request else { return Ok("nothing to send".to_owned()) };
    let Some(answer) = stage.town.say_to_company_a(request).await? else {
        return Ok("unanswered".to_owned());
    };
    let code = answer.response_code().map_err(making)?;
    Ok(if code.is_approved() { "approved".to_owned() } else { format!("declined {}", code.as_str()) })
}

fn making(error: enishi_iso8583::Error) -> SandboxError {
    SandboxError::Making(error.to_string())
}
