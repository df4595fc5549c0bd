//! Why the relay refuses: one closed list, in the order in which the checks run.
//!
//! A refusal is a verdict about the request; what fails on our side is a fault and another type.

use serde::{Deserialize, Serialize};

use crate::Language;

/// Who is the verifier of the law for a contract (slides 13 to 17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VerifierModel {
    /// 委託: the provider is the verifier, the relay its processor (slide 15).
    Entrusted,
    /// 代行: the relay is the verifier, the provider never holds a serial number (slide 16).
    Proxy,
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident {
        code: $code:literal, http: $http:literal, iso8583: $iso:literal,
        ja: $ja:literal, en: $en:literal, clerk_ja: $clerk_ja:literal, clerk_en: $clerk_en:literal $(,)?
    })*) => {
        /// A reason to refuse, in precedence order: of two that hold, the earlier is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum RefusalCode {
            $($(#[$doc])* $name,)*
        }

        impl RefusalCode {
            /// Every reason, in precedence order.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The word on the wire; also the last part of the problem type's URI.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status of its problem document (RFC 9457).
            #[must_use]
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $http,)* }
            }

            /// The ISO 8583 DE 39 response code a till shows for it.
            #[must_use]
            pub const fn response_code(self) -> &'static str {
                match self { $(Self::$name => $iso,)* }
            }

            /// What the person at the terminal reads.
            #[must_use]
            pub const fn user_message(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Ja) => $ja, (Self::$name, Language::En) => $en,)*
                }
            }

            /// What the clerk can do.
            #[must_use]
            pub const fn clerk_action(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Ja) => $clerk_ja, (Self::$name, Language::En) => $clerk_en,)*
                }
            }
        }
    };
}

refusals! {
    /// The body is not what the interface describes.
    MalformedRequest {
        code: "malformed_request", http: 400, iso8583: "30",
        ja: "端末の要求が正しくありません。", en: "The terminal's request is not well formed.",
        clerk_ja: "端末の提供元に連絡してください。", clerk_en: "Call the terminal's vendor.",
    }
    /// The mutual-TLS identity may not do this, or the body disagrees with it.
    ClientNotAllowed {
        code: "client_not_allowed", http: 403, iso8583: "58",
        ja: "この端末ではご利用になれません。", en: "This terminal may not do that.",
        clerk_ja: "端末の登録を確認してください。", clerk_en: "Check the terminal's registration.",
    }
    /// The key was used with another body.
    IdempotencyMismatch {
        code: "idempotency_mismatch", http: 422, iso8583: "94",
        ja: "同じ番号で内容の異なる要求です。", en: "The same key came with another request.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// The first request with this key is not finished.
    RequestInFlight {
        code: "request_in_flight", http: 409, iso8583: "09",
        ja: "処理中です。", en: "The request is still being worked on.",
        clerk_ja: "少し待って同じ要求を送ってください。", clerk_en: "Wait and send the same request again.",
    }
    /// The link intent is unknown, used or over.
    IntentInvalid {
        code: "intent_invalid", http: 404, iso8583: "12",
        ja: "登録の手続きが見つからないか、期限が切れています。", en: "The registration is unknown or out of time.",
        clerk_ja: "会社の画面からやり直してください。", clerk_en: "Start again at the company's screen.",
    }
    /// The certificate is none of ours: unknown authority or forged.
    CertUnknownIssuer {
        code: "cert_unknown_issuer", http: 403, iso8583: "14",
        ja: "このカードには対応していません。", en: "This card is not supported.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// The certificate is not of the kind that proves a holder.
    ProfileInvalid {
        code: "profile_invalid", http: 403, iso8583: "14",
        ja: "このカードには対応していません。", en: "This card is not supported.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// Before the certificate's validity.
    CertNotYetValid {
        code: "cert_not_yet_valid", http: 403, iso8583: "54",
        ja: "電子証明書の有効期間の前です。", en: "The certificate is not valid yet.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// After the certificate's validity.
    CertExpired {
        code: "cert_expired", http: 403, iso8583: "54",
        ja: "電子証明書の有効期限が切れています。市区町村の窓口で更新できます。",
        en: "The certificate has expired. The municipal office renews it.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// The ticket is too old, of another channel or another terminal, or no ticket of ours.
    ChallengeExpired {
        code: "challenge_expired", http: 403, iso8583: "55",
        ja: "時間切れです。もう一度お願いします。", en: "Time is up. Please try again.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// What was signed is not what is asked: another amount, payee, terminal or occasion.
    ContextMismatch {
        code: "context_mismatch", http: 403, iso8583: "63",
        ja: "署名された内容と取引の内容が一致しません。", en: "What the card signed is not this transaction.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// The card's signature does not verify.
    SignatureInvalid {
        code: "signature_invalid", http: 403, iso8583: "63",
        ja: "カードの署名を確認できません。", en: "The card's signature does not verify.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// What was consented to is not what was shown.
    ConsentInvalid {
        code: "consent_invalid", http: 403, iso8583: "12",
        ja: "同意の内容を確認できません。", en: "The consent cannot be confirmed.",
        clerk_ja: "会社の画面からやり直してください。", clerk_en: "Start again at the company's screen.",
    }
    /// A cancellation for this key came before its request.
    Cancelled {
        code: "cancelled", http: 409, iso8583: "21",
        ja: "この取引は取り消されています。", en: "This transaction was cancelled.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// The ticket was used already: a replay.
    ChallengeReused {
        code: "challenge_reused", http: 403, iso8583: "94",
        ja: "この署名はすでに使われています。", en: "This signature was used already.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// The slip number was used with another body today.
    SlipReused {
        code: "slip_reused", http: 422, iso8583: "94",
        ja: "伝票番号が重複しています。", en: "The slip number was used already.",
        clerk_ja: "伝票番号を進めてやり直してください。", clerk_en: "Advance the slip number and start again.",
    }
    /// The contract's accreditation or life does not cover now.
    ContractNotInForce {
        code: "contract_not_in_force", http: 403, iso8583: "57",
        ja: "この会社のサービスは現在ご利用になれません。", en: "This company's service is not in force now.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// No link of this holder serves the request.
    NotLinked {
        code: "not_linked", http: 404, iso8583: "14",
        ja: "このカードはまだ登録されていません。", en: "This card is not registered yet.",
        clerk_ja: "登録の方法をご案内ください。", clerk_en: "Offer to register it.",
    }
    /// An answer to a question that was not asked, or was answered already, or out of time.
    ChoiceInvalid {
        code: "choice_invalid", http: 409, iso8583: "12",
        ja: "選択が正しくありません。", en: "The choice is not one that was offered.",
        clerk_ja: "新しい取引としてやり直してください。", clerk_en: "Start a new transaction.",
    }
    /// The certificate is revoked; why is not for the clerk.
    CertRevoked {
        code: "cert_revoked", http: 403, iso8583: "41",
        ja: "このカードの電子証明書は失効しています。", en: "The card's certificate has been revoked.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// No fresh revocation information: closed, and no policy opens it.
    RevocationUnavailable {
        code: "revocation_unavailable", http: 503, iso8583: "91",
        ja: "混み合っています。しばらくしてからお試しください。", en: "Busy. Please try again later.",
        clerk_ja: "ほかの支払方法をご案内ください。", clerk_en: "Offer another way to pay.",
    }
    /// The company wants the amount under the card's signature.
    UnboundNotAllowed {
        code: "unbound_not_allowed", http: 403, iso8583: "57",
        ja: "金額を確定してからカードをかざしてください。", en: "The amount must be fixed before the card is tapped.",
        clerk_ja: "金額を入力してからやり直してください。", clerk_en: "Enter the amount first, then start again.",
    }
    /// The signed application and the tapped card, or the customer, are not one person.
    IdentityMismatch {
        code: "identity_mismatch", http: 403, iso8583: "12",
        ja: "申込者とカードの持ち主が一致しません。", en: "The applicant and the card's holder are not the same person.",
        clerk_ja: "ご本人のカードでやり直してください。", clerk_en: "Start again with the applicant's own card.",
    }
    /// This person is linked to another customer of the company.
    LinkConflict {
        code: "link_conflict", http: 409, iso8583: "12",
        ja: "すでに別の登録があります。", en: "There is another registration already.",
        clerk_ja: "会社にお問い合わせください。", clerk_en: "Ask the company.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::RefusalCode;
    use crate::Language;

    #[test]
    fn every_refusal_has_its_own_word_and_says_what_to_do_in_both_languages() {
        let words: HashSet<_> = RefusalCode::ALL.iter().map(|code| code.code()).collect();
        assert_eq!(words.len(), RefusalCode::ALL.len());
        for code in RefusalCode::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.code());
            assert!((400..600).contains(&code.http_status()), "{code:?}");
            assert_eq!(code.response_code().len(), 2, "{code:?}");
            for language in [Language::Ja, Language::En] {
                assert!(!code.user_message(language).is_empty() && !code.clerk_action(language).is_empty());
            }
        }
    }

    #[test]
    fn the_clerk_never_reads_why_a_certificate_was_revoked() {
        let text = RefusalCode::CertRevoked.user_message(Language::En);
        assert!(!text.contains("lost") && !text.contains("compromise"));
    }
}
