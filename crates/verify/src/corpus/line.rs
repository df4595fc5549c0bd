//! One JSON object in, one out.

use std::time::Duration;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use enishi_jpki::SignatureAlgorithm;
use enishi_jpki::oid::Oid;
use enishi_party::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use super::case::{
    Case, CaseError, CrlCase, MEMBERS_MAX, NONCE_OCTETS_MAX, OcspCase, PathCase, PathProfile, SigCase,
};
use super::{Judgement, Verdict, judge};

/// The standard alphabet; padding may be left out, for nothing depends on it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// DER in base64.
struct Octets(Vec<u8>);

impl<'de> Deserialize<'de> for Octets {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64.decode(text).map(Self).map_err(|_| de::Error::custom("octets not in base64"))
    }
}

/// Every field of every kind; which of them belong together is checked behind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    id: Option<Value>,
    kind: Option<String>,
    now: Option<String>,
    profile: Option<String>,
    leaf: Option<Octets>,
    intermediates: Option<Vec<Octets>>,
    anchors: Option<Vec<Octets>>,
    crls: Option<Vec<Octets>>,
    required_policy: Option<String>,
    crl: Option<Octets>,
    issuer: Option<Octets>,
    certificate: Option<Octets>,
    response: Option<Octets>,
    nonce: Option<Octets>,
    max_age_s: Option<u64>,
    algorithm: Option<String>,
    key: Option<Octets>,
    message: Option<Octets>,
    signature: Option<Octets>,
}

#[derive(Serialize)]
struct Answer<'a> {
    id: &'a Value,
    verdict: Verdict,
    reason: &'a str,
}

/// Judges the case on one line; whatever the line holds, the answer is one JSON object without a line break.
#[must_use]
pub fn answer_line(line: &[u8]) -> String {
    let (id, judgement) = match serde_json::from_slice::<Fields>(line) {
        Ok(fields) => {
            let id = fields.id.clone().filter(is_id).unwrap_or(Value::Null);
            (id, fields.case().map_or_else(Judgement::from, |case| judge(&case)))
        }
        Err(error) => {
            // What can be read of it, so that the answer finds its question.
            let id = match serde_json::from_slice::<Value>(line) {
                Ok(Value::Object(mut fields)) => fields.remove("id").filter(is_id).unwrap_or(Value::Null),
                _ => Value::Null,
            };
            (id, CaseError::Json(error.to_string()).into())
        }
    };
    render(&id, &judgement)
}

/// The answer to a line that was not even read: longer than `octets`.
#[must_use]
pub fn answer_overlong(octets: usize) -> String {
    render(
        &Value::Null,
        &Judgement::new(Verdict::Error, format_args!("no case: line of more than {octets} octets")),
    )
}

fn render(id: &Value, judgement: &Judgement) -> String {
    let answer = Answer { id, verdict: judgement.verdict, reason: &judgement.reason };
    // Text, numbers and nothing else: this cannot fail, and if it did the stream would still be told.
    serde_json::to_string(&answer)
        .unwrap_or_else(|_| r#"{"id":null,"verdict":"error","reason":"no answer"}"#.to_owned())
}

fn is_id(value: &Value) -> bool {
    matches!(value, Value::String(_) | Value::Number(_))
}

impl From<CaseError> for Judgement {
    fn from(error: CaseError) -> Self {
        Self::new(Verdict::Error, error)
    }
}

impl Fields {
    fn case(self) -> Result<Case, CaseError> {
        if !self.id.as_ref().is_some_and(is_id) {
            return Err(CaseError::Missing("id (text or a number)"));
        }
        let kind = self.kind.clone().ok_or(CaseError::Missing("kind"))?;
        let fields: &[&str] = match kind.as_str() {
            "path" => &["profile", "leaf", "intermediates", "anchors", "crls", "required_policy"],
            "crl" => &["crl", "issuer", "certificate"],
            "ocsp" => &["response", "issuer", "certificate", "nonce", "max_age_s"],
            "sig" => &["algorithm", "key", "message", "signature"],
            _ => return Err(CaseError::Kind(kind)),
        };
        if let Some(field) = self.present().into_iter().find(|field| !fields.contains(field)) {
            return Err(CaseError::Field { field, kind });
        }
        match kind.as_str() {
            "path" => self.path().map(Case::Path),
            "crl" => self.crl().map(Case::Crl),
            "ocsp" => self.ocsp().map(Case::Ocsp),
            _ => self.sig().map(Case::Sig),
        }
    }

    /// The fields, beside those of every kind, that this line has.
    fn present(&self) -> Vec<&'static str> {
        [
            ("profile", self.profile.is_some()),
            ("leaf", self.leaf.is_some()),
            ("intermediates", self.intermediates.is_some()),
            ("anchors", self.anchors.is_some()),
            ("crls", self.crls.is_some()),
            ("required_policy", self.required_policy.is_some()),
            ("crl", self.crl.is_some()),
            ("issuer", self.issuer.is_some()),
            ("certificate", self.certificate.is_some()),
            ("response", self.response.is_some()),
            ("nonce", self.nonce.is_some()),
            ("max_age_s", self.max_age_s.is_some()),
            ("algorithm", self.algorithm.is_some()),
            ("key", self.key.is_some()),
            ("message", self.message.is_some()),
            ("signature", self.signature.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, present)| present.then_some(name))
        .collect()
    }

    fn now(&self) -> Result<Timestamp, CaseError> {
        let now = self.now.as_deref().ok_or(CaseError::Missing("now"))?;
        now.parse().map_err(|_| CaseError::Now)
    }

    fn path(self) -> Result<PathCase, CaseError> {
        Ok(PathCase {
            now: self.now()?,
            profile: match self.profile.as_deref() {
                Some("rfc5280") => PathProfile::Rfc5280,
                Some("jpki") => PathProfile::Jpki,
                Some(other) => return Err(CaseError::Profile(other.to_owned())),
                None => return Err(CaseError::Missing("profile")),
            },
            leaf: needed(self.leaf, "leaf")?,
            intermediates: members(self.intermediates, "intermediates")?,
            anchors: members(self.anchors, "anchors")?,
            crls: members(self.crls, "crls")?,
            required_policy: self
                .required_policy
                .map(|policy| Oid::new(&policy).map_err(|_| CaseError::Policy))
                .transpose()?,
        })
    }

    fn crl(self) -> Result<CrlCase, CaseError> {
        Ok(CrlCase {
            now: self.now()?,
            crl: needed(self.crl, "crl")?,
            issuer: needed(self.issuer, "issuer")?,
            certificate: needed(self.certificate, "certificate")?,
        })
    }

    fn ocsp(self) -> Result<OcspCase, CaseError> {
        let now = self.now()?;
        let nonce = self.nonce.map(|nonce| nonce.0);
        if let Some(nonce) = &nonce
            && !(1..=NONCE_OCTETS_MAX).contains(&nonce.len())
        {
            return Err(CaseError::Nonce(nonce.len()));
        }
        Ok(OcspCase {
            now,
            response: needed(self.response, "response")?,
            issuer: needed(self.issuer, "issuer")?,
            certificate: needed(self.certificate, "certificate")?,
            nonce,
            age_max: self.max_age_s.map(Duration::from_secs),
        })
    }

    fn sig(self) -> Result<SigCase, CaseError> {
        Ok(SigCase {
            algorithm: match self.algorithm.as_deref() {
                Some("RS256") => SignatureAlgorithm::Rs256,
                Some("ES256") => SignatureAlgorithm::Es256,
                Some("ES384") => SignatureAlgorithm::Es384,
                Some(other) => return Err(CaseError::Algorithm(other.to_owned())),
                None => return Err(CaseError::Missing("algorithm")),
            },
            key: needed(self.key, "key")?,
            message: needed(self.message, "message")?,
            signature: needed(self.signature, "signature")?,
        })
    }
}

fn needed(octets: Option<Octets>, name: &'static str) -> Result<Vec<u8>, CaseError> {
    octets.map(|octets| octets.0).ok_or(CaseError::Missing(name))
}

fn members(octets: Option<Vec<Octets>>, name: &'static str) -> Result<Vec<Vec<u8>>, CaseError> {
    let octets = octets.unwrap_or_default();
    if octets.len() > MEMBERS_MAX {
        return Err(CaseError::TooMany(name));
    }
    Ok(octets.into_iter().map(|octets| octets.0).collect())
}
