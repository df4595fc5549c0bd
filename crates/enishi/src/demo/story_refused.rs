//! Refused: not linked, revoked, locked, not signed.

use std::time::Duration;

use enishi_authority::RevocationReason;
use enishi_jpki::CertKind;
use enishi_party::{Clock, Text};
use enishi_transport::SystemClock;
use enishi_wire::AmountBinding;

use super::citizen::Citizen;
use super::scene::Scene;
use super::stage::{Stage, sale};
use crate::sandbox::{Company, Item, Needle, Party, PersonKey, SandboxError, Shop};

/// How long the relay may take to fetch a list that was published.
const LIST_WAIT: Duration = Duration::from_secs(20);

/// The certificate is genuine and its holder here, but nobody linked it.
pub(crate) async fn not_linked(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let report =
        stage.pay(Shop::Books, PersonKey::Yuki, sale(1_200, Some(Company::A))?, &mut Citizen::new()).await?;
    let scene = Scene::new(
        Text::new("拒否 — 登録のないカード", "Refused — card not linked"),
        "refused not_linked",
        report.came.clone(),
    )
    .told(
        "雪さんのカードはまだどの会社にも登録されていません。店員は登録をご案内します。",
        "Yuki's card is linked nowhere yet. The clerk offers to register it.",
    )
    .check(
        "会社には何も送られていません",
        "nothing was sent to any company",
        stage.heard_by_company_a("0100")? == 0,
    );
    Ok(vec![scene])
}

/// OCSP knows at once; a list knows with the next list. The story says which company asked which.
pub(crate) async fn revoked_a_moment_ago(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let registry = stage.town.registry();
    let serial = stage.town.serial(PersonKey::Jiro).cloned();
    let serial = serial.ok_or_else(|| SandboxError::Making("Jiro has no certificate".to_owned()))?;
    blocking({
        let registry = registry.clone();
        move || {
            registry.revoke(
                CertKind::Authentication,
                &serial,
                RevocationReason::CertificateHold,
                SystemClock.now(),
            )
        }
    })
    .await?;
    let mut scenes = Vec::new();
    let report =
        stage.pay(Shop::Books, PersonKey::Jiro, sale(2_400, Some(Company::A))?, &mut Citizen::new()).await?;
    scenes.push(
        Scene::new(
            Text::new("拒否 — たった今失効(さくらカードはOCSP)", "Refused — revoked a moment ago (Sakura Card asks OCSP)"),
            "refused cert_revoked",
            report.came.clone(),
        )
        .told(
            "次郎さんがカードの紛失を届け出ました。さくらカードの契約は毎回J-LISに問い合わせるので、すぐに拒否されます。",
            "Jiro reported his card lost. Sakura Card's contract asks J-LIS each time, so it is refused at once.",
        ),
    );
    let report =
        stage.pay(Shop::Books, PersonKey::Jiro, sale(2_500, Some(Company::B))?, &mut Citizen::new()).await?;
    scenes.push(
        Scene::new(
            Text::new("承認 — 次の失効リストまで(みなとカードはCRL)", "Approved — until the next list (Minato Card reads the CRL)"),
            "approved",
            report.came.clone(),
        )
        .told(
            "みなとカードの契約は手元の失効リストを見ます。届け出はまだ載っていないので、承認されてしまいます。",
            "Minato Card's contract reads the list at hand. The report is not in it yet, so the purchase is approved.",
        ),
    );
    blocking(move || registry.publish(SystemClock.now())).await?;
    let taken_in = stage.town.relay_has_published_lists(LIST_WAIT).await?;
    let report =
        stage.pay(Shop::Books, PersonKey::Jiro, sale(2_600, Some(Company::B))?, &mut Citizen::new()).await?;
    scenes.push(
        Scene::new(
            Text::new(
                "拒否 — 次の失効リストが出た後(みなとカード)",
                "Refused — after the next list (Minato Card)",
            ),
            "refused cert_revoked",
            report.came.clone(),
        )
        .told(
            "J-LISが次の失効リストを公開し、中継が取り込みました。これでみなとカードでも拒否されます。",
            "J-LIS published its next list and the relay took it in. Now Minato Card's contract refuses too.",
        )
        .check(
            "中継は新しい失効リストを取り込みました",
            "the relay works with the new list",
            taken_in,
        ),
    );
    Ok(scenes)
}

/// The card checks its own PIN and locks itself; the relay never hears of it.
pub(crate) async fn pin_wrong_three_times(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let mut came = Vec::new();
    let mut citizen = Citizen::new().with_card_pin("9998");
    for _ in 0..4 {
        let report =
            stage.pay(Shop::Coffee, PersonKey::Ken, sale(700, Some(Company::A))?, &mut citizen).await?;
        came.push(report.came.clone());
    }
    let verify = Needle::octets(Item::CardPin, &[0x00, 0x20, 0x00, 0x80, 0x04, b'9', b'9', b'9', b'8']);
    let heard = stage.passed_anywhere(&verify)?
        || stage.town.seen(Party::Relay)?.received("terminal", b"/v1/payments") > 0;
    let scene = Scene::new(
        Text::new("拒否 — 暗証番号を3回間違えた", "Refused — PIN wrong three times"),
        "card: wrong PIN, 2 left | card: wrong PIN, 1 left | card: PIN locked | card: PIN locked",
        came.join(" | "),
    )
    .told(
        "健さんが暗証番号を思い出せません。3回目でカードが自分でロックし、市区町村の窓口まで使えません。",
        "Ken cannot remember his PIN. At the third try the card locks itself, until the municipal office opens it.",
    )
    .check(
        "中継は支払いの要求も暗証番号も受け取っていません",
        "the relay heard neither a payment nor a PIN",
        !heard,
    );
    Ok(vec![scene])
}

/// The deck's order (amount after the tap) at a company that wants the amount under the signature.
pub(crate) async fn amount_not_signed(stage: &mut Stage) -> Result<Vec<Scene>, SandboxError> {
    let mut scenes = Vec::new();
    for (company, expected) in [(Company::A, "refused unbound_not_allowed"), (Company::B, "approved")] {
        let mut what = sale(1_500, Some(company))?;
        what.amount_binding = AmountBinding::Unbound;
        let report = stage.pay(Shop::Books, PersonKey::Hanako, what, &mut Citizen::new()).await?;
        let (name, (ja, en)) = (
            company.name(),
            match company {
                Company::A => ("拒否", "Refused"),
                Company::B => ("承認", "Approved"),
            },
        );
        let scene = Scene::new(
            Text::new(
                format!("{ja} — 金額に署名していない証明({})", name.ja),
                format!("{en} — a proof without the amount in it ({})", name.en),
            ),
            expected,
            report.came.clone(),
        );
        scenes.push(match company {
            Company::A => scene.told(
                "スライド9の順(認証してから金額)です。さくらカードは金額への署名を求めるので拒否します。",
                "The order of slide 9, amount after the tap. Sakura Card wants the amount signed, and refuses.",
            ),
            Company::B => scene.told(
                "みなとカードは5,000円まではこの順を認めています。",
                "Minato Card allows that order up to ¥5,000.",
            ),
        });
    }
    Ok(scenes)
}

/// The authority's register is on the disk.
async fn blocking<T: Send + 'static, E: Into<SandboxError> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, SandboxError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| SandboxError::Making(error.to_string()))?.map_err(Into::into)
}
