//! The OCSP responder (RFC 6960, nonces by RFC 9654): it answers from the register, ahead of the lists.

pub(crate) mod delegate;
pub(crate) mod issuer_hashes;
pub(crate) mod presigned;
mod request;
mod response;

use std::sync::{Arc, atomic::Ordering};

use axum::body::Bytes;
use enishi_jpki::Serial;
use jiff::Timestamp;

use crate::{
    Authority, AuthorityError, OcspAnswered, OcspAnswers, OcspKey,
    generation::Generation,
    register::certificates::{self, Standing},
    validity,
};
use presigned::{PRESIGNED_LIFE_MAX, Presigned};
use request::{CertId, OcspRequest};
use response::{SingleAnswer, Trouble, Window};

pub use request::OCSP_REQUEST_MAX_OCTETS;

/// The most certificates whose answer is made without handing it to another thread: some 5 µs each.
const AT_ONCE_MAX: usize = 4;

/// What is sent.
pub(crate) enum OcspReply {
    /// For one caller.
    Own(Bytes),
    /// For all who ask the same, until its window ends.
    Shared(Arc<Presigned>),
}

/// How long the caller can wait.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// As long as it takes.
    Patient,
    /// Not for an RSA signature, a certificate that must be issued, or another's turn at the register.
    AtOnce,
}

/// Why there is no signed answer.
enum Withheld {
    Trouble(Trouble),
    /// It takes longer than the caller can wait.
    NotAtOnce,
}

impl From<AuthorityError> for Withheld {
    fn from(_: AuthorityError) -> Self {
        Self::Trouble(Trouble::InternalError)
    }
}

impl OcspReply {
    fn der(&self) -> &Bytes {
        match self {
            Self::Own(der) => der,
            Self::Shared(answer) => &answer.der,
        }
    }
}

impl Authority {
    /// Answers one OCSP request in DER, whatever came: trouble is an answer too.
    ///
    /// `good` needs an issued certificate that is not revoked; a serial never issued is `unknown`. All certificates of
    /// one request must have one issuer's key, for one delegate signs the answer.
    #[must_use]
    pub fn answer_ocsp(&self, request: &[u8], now: Timestamp) -> Vec<u8> {
        self.ocsp_reply(request, now).der().to_vec()
    }

    /// As [`answer_ocsp`](Self::answer_ocsp); may wait for the disk and a signature.
    pub(crate) fn ocsp_reply(&self, request: &[u8], now: Timestamp) -> OcspReply {
        self.reply(request, now, Pace::Patient).unwrap_or_else(|| self.trouble(Trouble::InternalError))
    }

    /// The same where it takes some microseconds; nothing where a thread that may wait has to do it.
    pub(crate) fn ocsp_reply_at_once(&self, request: &[u8], now: Timestamp) -> Option<OcspReply> {
        self.reply(request, now, Pace::AtOnce)
    }

    fn reply(&self, request: &[u8], now: Timestamp, pace: Pace) -> Option<OcspReply> {
        if self.ocsp_paused.load(Ordering::Relaxed) {
            return Some(self.trouble(Trouble::TryLater));
        }
        let Some(request) = OcspRequest::parse(request) else {
            return Some(self.trouble(Trouble::MalformedRequest));
        };
        match self.answer_parsed(&request, now, pace) {
            Ok(reply) => Some(reply),
            Err(Withheld::Trouble(trouble)) => Some(self.trouble(trouble)),
            Err(Withheld::NotAtOnce) => None,
        }
    }

    fn trouble(&self, trouble: Trouble) -> OcspReply {
        self.answered(match trouble {
            Trouble::MalformedRequest => OcspAnswered::Malformed,
            Trouble::InternalError => OcspAnswered::Failed,
            Trouble::TryLater => OcspAnswered::TryLater,
            Trouble::Unauthorized => OcspAnswered::Unauthorised,
        });
        OcspReply::Own(Bytes::from_static(response::trouble(trouble)))
    }

    fn answered(&self, answered: OcspAnswered) {
        if let Some(observer) = self.observer() {
            observer.ocsp(answered);
        }
    }

    fn answer_parsed(
        &self,
        request: &OcspRequest<'_>,
        now: Timestamp,
        pace: Pace,
    ) -> Result<OcspReply, Withheld> {
        let issuer = self.one_issuer(request, now).ok_or(Withheld::Trouble(Trouble::Unauthorized))?;
        let shared = match request.cert_ids.as_slice() {
            [only] if request.nonce.is_none() && self.service.ocsp_answers == OcspAnswers::Presigned => {
                Some(only.der)
            }
            _ => None,
        };
        let signed_at_once = self.service.ocsp_key == OcspKey::P256 && request.cert_ids.len() <= AT_ONCE_MAX;
        if pace == Pace::AtOnce && shared.is_none() && !signed_at_once {
            return Err(Withheld::NotAtOnce);
        }
        let mut answers = Vec::with_capacity(request.cert_ids.len());
        for cert_id in &request.cert_ids {
            let standing = self.standing_under(issuer, cert_id, pace)?;
            answers.push(SingleAnswer { cert_id_der: cert_id.der, standing });
        }
        // What was never issued is not kept: there is no end of such numbers.
        let shared = match answers.as_slice() {
            [SingleAnswer { standing: Some(standing), .. }] => shared.map(|cert_id| (cert_id, *standing)),
            _ => None,
        };
        if let Some((cert_id, standing)) = shared
            && let Some(kept) = self.presigned.get(cert_id, standing, now)
        {
            self.tell(&answers);
            return Ok(OcspReply::Shared(kept));
        }
        let delegate = match pace {
            Pace::AtOnce if !signed_at_once => return Err(Withheld::NotAtOnce),
            Pace::AtOnce => self.known_delegate(issuer, now).ok_or(Withheld::NotAtOnce)?,
            Pace::Patient => self.delegate(issuer, now)?,
        };
        let window = self.window(now, shared.is_some());
        let der = response::successful(&delegate, &answers, window, request.nonce)?;
        self.tell(&answers);
        let Some((cert_id, standing)) = shared else { return Ok(OcspReply::Own(der.into())) };
        let answer = Arc::new(Presigned::new(der, standing, window));
        self.presigned.keep(cert_id, &answer);
        Ok(OcspReply::Shared(answer))
    }

    /// `thisUpdate` is when the answer is produced: the register is asked each time.
    fn window(&self, now: Timestamp, shared: bool) -> Window {
        let this_update = validity::whole_second(now);
        let life = self.config.ocsp_life;
        let life = if shared { life.min(PRESIGNED_LIFE_MAX) } else { life };
        Window { this_update, next_update: this_update.saturating_add(life).unwrap_or(Timestamp::MAX) }
    }

    fn tell(&self, answers: &[SingleAnswer<'_>]) {
        for answer in answers {
            self.answered(match answer.standing {
                Some(Standing::Good) => OcspAnswered::Good,
                Some(Standing::Revoked { .. }) => OcspAnswered::Revoked,
                None => OcspAnswered::Unknown,
            });
        }
    }

    /// The one key that all certificates in question were issued under.
    fn one_issuer(&self, request: &OcspRequest<'_>, now: Timestamp) -> Option<&Generation> {
        let first = request.cert_ids.first()?;
        let issuer = self
            .generations
            .iter()
            .find(|generation| generation.lives(now) && generation.hashes.are_in(first))?;
        request.cert_ids.iter().all(|cert_id| issuer.hashes.are_in(cert_id)).then_some(issuer)
    }

    fn standing_under(
        &self,
        issuer: &Generation,
        cert_id: &CertId<'_>,
        pace: Pace,
    ) -> Result<Option<Standing>, Withheld> {
        // What is no serial number was never issued.
        let Ok(serial) = Serial::from_der_content(cert_id.serial) else { return Ok(None) };
        let look = |connection: &rusqlite::Connection| {
            certificates::standing(connection, (issuer.kind, issuer.number), &serial)
        };
        let found = match pace {
            Pace::Patient => self.register.read(look),
            Pace::AtOnce => self.register.read_at_once(look).ok_or(Withheld::NotAtOnce)?,
        };
        Ok(found?)
    }
}

#[cfg(test)]
mod tests;
