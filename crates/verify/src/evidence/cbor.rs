//! The form in which evidence is kept and sent: one CBOR array (RFC 8949), deterministic, to the octet.

use ciborium::Value;
use enishi_jpki::{Challenge, Context, Nonce, Origin, SignatureAlgorithm, Token};
use enishi_party::Timestamp;

use super::{Evidence, EvidenceError};
use crate::crl::CrlNumber;
use crate::revocation::StatusMethod;

/// Version of the array's fields.
const VERSION: i64 = 1;
/// Two certificates of at most 4 KiB, a context of 2 KiB, an OCSP answer of 16 KiB, and small fields.
const EVIDENCE_OCTETS_MAX: usize = 32 * 1024;
/// The array, the status array in it, and their elements.
const DEPTH_MAX: usize = 4;
const CRL: i64 = 1;
const OCSP: i64 = 2;

impl Evidence {
    /// Writes the CBOR form.
    #[must_use]
    pub fn to_cbor(&self) -> Vec<u8> {
        let status = match &self.method {
            StatusMethod::Crl { number, this_update, next_update } => vec![
                Value::from(CRL),
                Value::from(number.as_octets().as_slice()),
                Value::from(this_update.as_second()),
                Value::from(next_update.as_second()),
            ],
            StatusMethod::Ocsp { produced_at, this_update, next_update, nonce, response } => vec![
                Value::from(OCSP),
                Value::from(produced_at.as_second()),
                Value::from(this_update.as_second()),
                next_update.map_or(Value::Null, |next| Value::from(next.as_second())),
                Value::from(nonce.as_slice()),
                Value::from(response.as_slice()),
            ],
        };
        let fields = vec![
            Value::from(VERSION),
            Value::from(self.challenge.origin().as_str()),
            Value::from(self.challenge.nonce().as_str()),
            Value::from(self.context.canonical()),
            Value::from(self.token.certificate()),
            Value::from(algorithm_name(self.token.algorithm())),
            Value::from(self.token.signature()),
            Value::from(self.authority.as_slice()),
            Value::from(self.checked_at.as_millisecond()),
            Value::from(status),
        ];
        let mut out = Vec::new();
        // Writing to memory fails for want of memory only.
        let _ = ciborium::into_writer(&Value::from(fields), &mut out);
        out
    }

    /// Reads the CBOR form; nothing in it is believed yet.
    ///
    /// # Errors
    /// Anything that [`Evidence::to_cbor`] would not have written, to the octet.
    pub fn from_cbor(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > EVIDENCE_OCTETS_MAX {
            return Err(EvidenceError::TooLarge { octets: bytes.len() });
        }
        let value = ciborium::de::from_reader_with_recursion_limit(bytes, DEPTH_MAX)
            .map_err(|_| EvidenceError::Form)?;
        let mut fields = Fields::of(value)?;
        if fields.integer("version")? != VERSION {
            return Err(EvidenceError::Field("version"));
        }
        let origin = Origin::parse(&fields.text("origin")?).map_err(|_| EvidenceError::Field("origin"))?;
        let nonce = Nonce::parse(&fields.text("nonce")?).map_err(|_| EvidenceError::Field("nonce"))?;
        let context = Context::from_canonical(&fields.bytes("context")?)
            .map_err(|_| EvidenceError::Field("context"))?;
        let certificate = fields.bytes("certificate")?;
        let algorithm = algorithm(&fields.text("algorithm")?)?;
        let signature = fields.bytes("signature")?;
        let token =
            Token::new(certificate, algorithm, signature).map_err(|_| EvidenceError::Field("token"))?;
        let authority = fields.bytes("authority")?;
        let checked_at =
            Timestamp::from_millisecond(fields.integer("time")?).map_err(|_| EvidenceError::Field("time"))?;
        let method = read_method(Fields::of(fields.next("status")?)?)?;
        fields.finish()?;
        let challenge = Challenge::new(origin, nonce);
        let evidence = Self { token, challenge, context, authority, method, checked_at };
        // One form for one content: lengths, order and what follows are all covered by this.
        if evidence.to_cbor() == bytes { Ok(evidence) } else { Err(EvidenceError::Form) }
    }
}

fn read_method(mut fields: Fields) -> Result<StatusMethod, EvidenceError> {
    let method = match fields.integer("method")? {
        CRL => {
            let number = fields.bytes("number")?.try_into().map_err(|_| EvidenceError::Field("number"))?;
            StatusMethod::Crl {
                number: CrlNumber::from_octets(number),
                this_update: fields.second()?,
                next_update: fields.second()?,
            }
        }
        OCSP => StatusMethod::Ocsp {
            produced_at: fields.second()?,
            this_update: fields.second()?,
            next_update: fields.optional_second()?,
            nonce: fields.bytes("nonce")?.try_into().map_err(|_| EvidenceError::Field("nonce"))?,
            response: fields.bytes("response")?,
        },
        _ => return Err(EvidenceError::Field("method")),
    };
    fields.finish()?;
    Ok(method)
}

const fn algorithm_name(algorithm: SignatureAlgorithm) -> &'static str {
    match algorithm {
        SignatureAlgorithm::Rs256 => "RS256",
        SignatureAlgorithm::Es256 => "ES256",
        SignatureAlgorithm::Es384 => "ES384",
    }
}

fn algorithm(name: &str) -> Result<SignatureAlgorithm, EvidenceError> {
    [SignatureAlgorithm::Rs256, SignatureAlgorithm::Es256, SignatureAlgorithm::Es384]
        .into_iter()
        .find(|&algorithm| algorithm_name(algorithm) == name)
        .ok_or(EvidenceError::Field("algorithm"))
}

/// The elements of an array, taken in order.
struct Fields(std::vec::IntoIter<Value>);

impl Fields {
    fn of(value: Value) -> Result<Self, EvidenceError> {
        value.into_array().map(|fields| Self(fields.into_iter())).map_err(|_| EvidenceError::Form)
    }

    fn next(&mut self, word: &'static str) -> Result<Value, EvidenceError> {
        self.0.next().ok_or(EvidenceError::Field(word))
    }

    fn integer(&mut self, word: &'static str) -> Result<i64, EvidenceError> {
        let integer = self.next(word)?.into_integer().map_err(|_| EvidenceError::Field(word))?;
        i64::try_from(integer).map_err(|_| EvidenceError::Field(word))
    }

    fn text(&mut self, word: &'static str) -> Result<String, EvidenceError> {
        self.next(word)?.into_text().map_err(|_| EvidenceError::Field(word))
    }

    fn bytes(&mut self, word: &'static str) -> Result<Vec<u8>, EvidenceError> {
        self.next(word)?.into_bytes().map_err(|_| EvidenceError::Field(word))
    }

    fn second(&mut self) -> Result<Timestamp, EvidenceError> {
        Timestamp::from_second(self.integer("time")?).map_err(|_| EvidenceError::Field("time"))
    }

    fn optional_second(&mut self) -> Result<Option<Timestamp>, EvidenceError> {
        match self.next("time")? {
            Value::Null => Ok(None),
            Value::Integer(second) => i64::try_from(second)
                .ok()
                .and_then(|second| Timestamp::from_second(second).ok())
                .map(Some)
                .ok_or(EvidenceError::Field("time")),
            _ => Err(EvidenceError::Field("time")),
        }
    }

    fn finish(mut self) -> Result<(), EvidenceError> {
        if self.0.next().is_none() { Ok(()) } else { Err(EvidenceError::Form) }
    }
}
