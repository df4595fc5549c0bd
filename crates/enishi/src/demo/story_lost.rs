//! What the network loses: the company's answer, and the answer to the shop.

use enishi_party::Text;

use super::citizen::Citizen;
use super::scene::Scene;
use super::stage::{Stage, sale};
use crate::sandbox::{CableMode, Company, PersonKey, SandboxError, Shop};

/// Declined 91 to the shop, then 0420 and 0421 until 0430: no debit stands that the shop was not told of.
pub(crate) async fn company_does_not_answer(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    stage.town.company_a_cable.set(CableMode::AnswersHeld);
    let what = sale(2_100, Some(Company::A))?;
    let report = stage.pay(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    let repeated = {
        let stage = &*stage;
        stage.until(async || Ok(stage.heard_by_company_a("0421")? > 0)).await?
    };
    let (requests, first) = (stage.heard_by_company_a("0100")?, stage.heard_by_company_a("0420")?);
    stage.town.company_a_cable.set(CableMode::Whole);
    let acknowledged = stage.reversals_acknowledged().await?;
    let standing = stage.debits(PersonKey::Taro, Company::A, 2_100).await?;
    let scene = Scene::new(
        Text::new("不成立 — 会社が答えない", "Not completed — the company does not answer"),
        "declined 91",
        report.came.clone(),
    )
    .told(
        "さくらカードからの応答が途中で止まります。店には「91・商品を渡さないでください」と出ます。",
        "Sakura Card's answers are held up on the way. The shop reads 91: do not hand over the goods.",
    )
    .told(
        "中継は取消(0420)を送り、応答(0430)があるまで0421で繰り返します。",
        "The relay sends a reversal (0420) and repeats it as 0421 until it is answered (0430).",
    )
    .check(
        format!("0100は{requests}回、0420は{first}回届き、その後は0421が届きました"),
        format!("0100 arrived {requests} time, 0420 {first} time, and then 0421"),
        requests == 1 && first == 1 && repeated,
    )
    .check("取消は応答され、残っていません", "the reversal was answered, none is left", acknowledged)
    .check("さくらカードに残る引き落としはありません", "no debit stands at Sakura Card", standing == 0);
    Ok(vec![scene])
}

/// The answer to the shop is lost; the terminal asks again with the same bytes and gets the first answer.
pub(crate) async fn answer_to_the_shop_is_lost(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    // Its connection is open and its tickets are there: the next byte from the relay is the answer to the purchase.
    stage.begin()?;
    stage.town.refill(Shop::Books).await?;
    stage.town.books_cable.set(CableMode::CutAtNextAnswer);
    let what = sale(1_234, Some(Company::A))?;
    let report = stage.pay_without_refill(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    let cut = stage.town.books_cable.mode() == CableMode::Whole;
    let trips = report.relay.len();
    let debits = stage.debits(PersonKey::Taro, Company::A, 1_234).await?;
    let requests = stage.heard_by_company_a("0100")?;
    let scene = Scene::new(
        Text::new("承認 — 店への応答が失われた", "Approved — the answer to the shop is lost"),
        "approved",
        report.came.clone(),
    )
    .told(
        "承認の応答が店に届く前に回線が切れました。端末は同じ要求をもう一度送り、同じ答えを受け取ります。",
        "The line was cut before the approval reached the shop. The terminal sends the same request again and gets the same answer.",
    )
    .check(
        format!("端末は{trips}回たずね、さくらカードに届いたのは{requests}回です"),
        format!("the terminal asked {trips} times, Sakura Card heard {requests}"),
        cut && trips >= 2 && requests == 1,
    )
    .check("引き落としは1件だけです", "there is one debit", debits == 1);
    Ok(vec![scene])
}
