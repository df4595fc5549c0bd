//! Under 委託, and the company's own rules: a lying relay, a choice, a PIN, a limit, a stranger's card.

use enishi_party::Text;

use super::citizen::Citizen;
use super::scene::Scene;
use super::stage::{Stage, receipt, sale};
use crate::sandbox::{Company, Enrolled, Item, Needle, Person, PersonKey, SandboxError, Shop};

/// A dishonest operator points one holder's link at another customer; the company's own look at the evidence finds it.
pub(crate) async fn relay_that_lies(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let honest = stage.town.point_link(PersonKey::Hanako, PersonKey::Jiro, Company::B)?;
    let what = sale(3_980, Some(Company::B))?;
    let report = stage.pay(Shop::Books, PersonKey::Hanako, what, &mut Citizen::new()).await;
    stage.town.restore_link(Company::B, &honest)?;
    let report = report?;
    let charged = stage.debits(PersonKey::Jiro, Company::B, 3_980).await?;
    let scene = Scene::new(
        Text::new("拒否 — 中継がうそをつく(委託)", "Refused — a relay that lies (entrusted)"),
        "declined 63",
        report.came.clone(),
    )
    .told(
        "中継の運用者がデータベースを書き換え、花子さんのカードで次郎さんに請求しようとします。",
        "The relay's operator changes the database so that Hanako's tap charges Jiro.",
    )
    .told(
        "みなとカードは証跡のシリアル番号を自分の記録と照らし、うそを見抜きます。",
        "Minato Card compares the evidence with its own records and finds the lie.",
    )
    .check("次郎さんへの請求はありません", "Jiro is not charged", charged == 0);
    Ok(vec![scene])
}

/// Slide 12: several cards of one holder, chosen by the holder.
pub(crate) async fn holder_chooses(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let mut citizen = Citizen::new().choosing("旅行用");
    let report = stage.pay(Shop::Coffee, PersonKey::Hanako, sale(880, None)?, &mut citizen).await?;
    let chosen =
        receipt(&report, enishi_party::Language::Ja).is_some_and(|receipt| receipt.contains("旅行用"));
    let mut scene = Scene::new(
        Text::new("承認 — 2枚のうち本人が選ぶ", "Approved — the holder chooses between two"),
        "approved",
        report.came.clone(),
    )
    .told(
        "会社を決めずにかざすと、花子さんの画面に2枚が出ます。旅行用を選びます。選ぶのは本人だけです。",
        "No company was named before the tap: two cards are shown to Hanako, and she chooses the one for travel.",
    )
    .check("2枚が示され、選んだカードで支払われました", "two were offered, and the chosen one paid", citizen.offered == 2 && chosen);
    scene.hops = stage.hops(&report)?;
    Ok(vec![scene])
}

/// The company's own PIN, right and wrong, under format 4 over the surrogate number.
pub(crate) async fn company_pin(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let pin = account_pin(PersonKey::Hanako, Company::B)?;
    let mut scenes = Vec::new();
    for (pin, yen, expected) in [(pin, 12_000, "approved"), ("649201847735", 12_500, "declined 55")] {
        let mut citizen = Citizen::new().with_company_pin(pin);
        let report =
            stage.pay(Shop::Books, PersonKey::Hanako, sale(yen, Some(Company::B))?, &mut citizen).await?;
        let needle = Needle::text(Item::CompanyPin, pin);
        let heard = stage.passed_anywhere(&needle)?;
        let scene = match expected {
            "approved" => Scene::new(
                Text::new("承認 — みなとカードの暗証番号", "Approved — Minato Card's own PIN"),
                expected,
                report.came.clone(),
            )
            .told(
                "1万円以上なので、みなとカードが自社の暗証番号を求めます。",
                "From ¥10,000 on Minato Card asks its own PIN.",
            ),
            _ => Scene::new(
                Text::new("拒否 — みなとカードの暗証番号が違う", "Declined — Minato Card's PIN is wrong"),
                expected,
                report.came.clone(),
            )
            .told("暗証番号が違うと、みなとカードが断ります。", "With a wrong PIN Minato Card declines."),
        };
        scenes.push(scene.check("暗証番号はどの通信路にも現れません", "the PIN appears on no wire", !heard));
    }
    Ok(scenes)
}

/// The company's own limit.
pub(crate) async fn over_the_limit(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let what = sale(60_000, Some(Company::A))?;
    let report = stage.pay(Shop::Books, PersonKey::Taro, what, &mut Citizen::new()).await?;
    Ok(vec![
        Scene::new(
            Text::new("拒否 — 限度額超過", "Declined — over the limit"),
            "declined 61",
            report.came.clone(),
        )
        .told(
            "¥60,000は太郎さんのカードの1回の限度額を超えています。決めるのは会社です。",
            "¥60,000 is over the limit of one purchase on Taro's card. The company decides.",
        ),
    ])
}

/// Somebody else's card is tapped on a customer's link intent.
pub(crate) async fn someone_elses_card(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let account = Person::of(PersonKey::Sachi).and_then(|person| person.accounts.first());
    let account = account.ok_or_else(|| SandboxError::Making("Sachi has no account".to_owned()))?;
    let enrolled = stage.town.enrol(account, PersonKey::Yuki, &mut Citizen::new()).await?;
    let came = match enrolled {
        Enrolled::Linked(_) => "linked".to_owned(),
        Enrolled::Refused(code) => format!("refused {code}"),
        Enrolled::NotGiven(what) => what,
    };
    let report =
        stage.pay(Shop::Books, PersonKey::Yuki, sale(900, Some(Company::A))?, &mut Citizen::new()).await?;
    let scene = Scene::new(
        Text::new("拒否 — 自分の申込みに他人のカード", "Refused — someone else's card on my registration"),
        "refused identity_mismatch",
        came,
    )
    .told(
        "幸さんがさくらカードの画面から申し込み、雪さんのカードがかざされました。会社が氏名と生年月日を照らします。",
        "Sachi applied at Sakura Card, and Yuki's card was tapped. The company compares name and birth date.",
    )
    .check(
        "雪さんのカードでは支払えないままです",
        "Yuki's card still pays for nobody",
        report.came == "refused not_linked",
    );
    Ok(vec![scene])
}

fn account_pin(key: PersonKey, company: Company) -> Result<&'static str, SandboxError> {
    let accounts = Person::of(key).map(|person| person.accounts).unwrap_or_default();
    let account = accounts.iter().find(|account| account.company == company);
    account.map(|account| account.pin).ok_or_else(|| SandboxError::Making(format!("{key:?} has no account")))
}
