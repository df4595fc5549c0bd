//! What a citizen is asked to consent to, and the signed record of a yes.

use enishi_linkage::{AnyContract, Intent, Offer};
use enishi_party::{ConsentId, Text, Timestamp, VerifierModel};
use enishi_wire::{AssertionKey, ConsentReceipt, ConsentTerms, Octets};
use serde::Serialize;

use crate::proof::sha256;
use crate::stop::Fault;

/// The terms of one intent: who, what, and who will know what (slides 15 to 17), in both languages.
pub(crate) fn terms(intent: &Intent, contract: &AnyContract) -> ConsentTerms {
    let name = contract.name();
    let model = contract.model();
    let statement = match model {
        VerifierModel::Proxy => Text::new(
            format!(
                "共通的プラットフォームが検証者としてあなたの電子証明書のシリアル番号を管理し、{}には会社ごとの変換用IDと、\
                 申込みの氏名・生年月日だけを渡します。カード番号はプラットフォームに渡りません。登録はいつでも停止できます。",
                name.ja
            ),
            format!(
                "The shared platform, as the verifier, keeps your certificate's serial number; {} receives an identifier made \
                 for it alone, and the name and birth date of your application. The platform never receives a card number. You \
                 can stop this at any time.",
                name.en
            ),
        ),
        VerifierModel::Entrusted => Text::new(
            format!(
                "{}が検証者としてあなたの電子証明書を確認し、シリアル番号を管理します。共通的プラットフォームはその委託を受けて\
                 処理するだけで、ほかの会社の登録とは分けて保管します。登録はいつでも停止できます。",
                name.ja
            ),
            format!(
                "{} is the verifier: it checks your certificate and keeps its serial number. The shared platform only works for \
                 it, and keeps this apart from every other company's. You can stop this at any time.",
                name.en
            ),
        ),
    };
    ConsentTerms {
        intent: intent.id,
        contract: contract.id().clone(),
        provider: name.clone(),
        model,
        label: intent.label.expose().to_owned(),
        offer_jointly: intent.offer == Offer::Jointly,
        statement,
    }
}

/// The terms as they are hashed, shown and signed: RFC 8785 JSON, and its SHA-256 in lower-case hex.
pub(crate) fn canonical(terms: &ConsentTerms) -> Result<(Vec<u8>, String), Fault> {
    let canonical = serde_json_canonicalizer::to_vec(terms)
        .map_err(|error| Fault::Making { what: "consent terms", reason: error.to_string() })?;
    let hex = sha256(&canonical).iter().map(|octet| format!("{octet:02x}")).collect();
    Ok((canonical, hex))
}

/// Signs the record of a consent.
pub(crate) fn receipt(
    id: ConsentId,
    terms: ConsentTerms,
    given_at: Timestamp,
    key: &AssertionKey,
) -> Result<ConsentReceipt, Fault> {
    /// What is signed: the receipt without its signature.
    #[derive(Serialize)]
    struct Body<'a> {
        consent: ConsentId,
        terms: &'a ConsentTerms,
        given_at: &'a str,
    }
    let given_at = given_at.to_string();
    let making = |reason: String| Fault::Making { what: "a consent receipt", reason };
    let body = serde_json_canonicalizer::to_vec(&Body { consent: id, terms: &terms, given_at: &given_at })
        .map_err(|error| making(error.to_string()))?;
    let signature = key.sign(&body).map_err(|error| making(error.to_string()))?;
    Ok(ConsentReceipt { consent: id, terms, given_at, signature: Octets(signature) })
}
