//! Approved: the shortest whole way, under both models.

use enishi_party::{Text, VerifierModel};
use memchr::memmem;

use super::citizen::Citizen;
use super::scene::Scene;
use super::stage::{Stage, receipt, sale};
use crate::sandbox::{Company, Party, PersonKey, SandboxError, Shop};

/// Slide 9 under 代行: the company knows a pairwise ID and never a serial number.
pub(crate) async fn approved_under_proxy(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let what = sale(1_980, Some(Company::A))?;
    let amount = what.amount;
    let report = stage.pay(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    let mut scene = Scene::new(
        Text::new("承認 — 代行(さくらカード)", "Approved — proxy (Sakura Card)"),
        "approved",
        report.came.clone(),
    )
    .told(
        format!("太郎さんが縁むすび書店で{amount}を支払います。端末に金額が出て、カードをかざし、暗証番号を入れます。"),
        format!("Taro pays {amount} at Enmusubi Books: the amount is shown, the card is tapped, its PIN entered."),
    )
    .told(
        "中継が証明書・所持・失効を確かめ、さくらカードには変換用IDだけを伝えます。",
        "The relay checks certificate, possession and revocation, and tells Sakura Card a pairwise ID only.",
    );
    scene.sight = Some(stage.sight(PersonKey::Taro, VerifierModel::Proxy, amount)?);
    scene.hops = stage.hops(&report)?;
    scene.receipt = receipt(&report, stage.town.language);
    Ok(vec![scene])
}

/// The same under 委託: the company is the verifier and checks the evidence again itself.
pub(crate) async fn approved_under_entrusted(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let what = sale(4_980, Some(Company::B))?;
    let amount = what.amount;
    let report = stage.pay(Shop::Coffee, PersonKey::Hanako, what, &mut Citizen::new()).await?;
    let mut scene = Scene::new(
        Text::new("承認 — 委託(みなとカード)", "Approved — entrusted (Minato Card)"),
        "approved",
        report.came.clone(),
    )
    .told(
        format!("花子さんがこだま珈琲で{amount}を支払います。みなとカードは自らが検証者です。"),
        format!("Hanako pays {amount} at Kodama Coffee. Minato Card is the verifier itself."),
    );
    let sent = stage.town.seen(Party::CompanyB)?.stream(enishi_transport::Direction::Sent, "");
    let fetched = memmem::find(&sent, b"/evidence HTTP/1.1").is_some();
    scene = scene.check(
        "みなとカードは封印された証跡を取り寄せ、自分で検証し直しました",
        "Minato Card fetched the sealed evidence and checked it again itself",
        fetched,
    );
    scene.sight = Some(stage.sight(PersonKey::Hanako, VerifierModel::Entrusted, amount)?);
    scene.hops = stage.hops(&report)?;
    scene.receipt = receipt(&report, stage.town.language);
    Ok(vec![scene])
}
