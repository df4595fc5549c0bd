use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use enishi_jpki::{CaCertificate, CertKind, EndEntity, KeyId};
use enishi_linkage::{LookupMethod, RevocationSource, RevocationUnavailable};
use enishi_lists::{AtHand, Lists, Renewed};
use enishi_party::{Clock, Entropy, Timestamp};
use enishi_transport::PlainHttpClient;
use enishi_verify::{
    Anchors, Crl, Limits, OcspFinding, OcspStanding, RevocationStatus, Standing, StatusPolicy, Unjudged,
    judge,
};

use crate::known_answers::KnownAnswers;
use crate::responder::Responder;
use crate::{RevocationConfig, RevocationError, Unanswered};

/// Revocation information of the authorities that this party trusts.
///
/// Lists lie at hand: the caller ticks [`Revocation::refresh`], and a look-up fetches one itself only where none counts.
pub struct Revocation {
    config: RevocationConfig,
    lists: Lists,
    responder: Responder,
    entropy: Arc<dyn Entropy>,
}

impl Revocation {
    /// Takes the lists that were kept, if a folder is configured; fetches nothing yet.
    ///
    /// `client` bounds each exchange with its own time-out too: it should not be below the lists' `refresh_timeout`.
    ///
    /// # Errors
    /// A setting out of its rule, or a folder that cannot be used. A kept list that does not hold is passed over.
    pub fn new(
        config: RevocationConfig,
        client: PlainHttpClient,
        anchors: Anchors,
        limits: Limits,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RevocationError> {
        config.check()?;
        let lists = Lists::open(config.lists.clone(), client.clone(), anchors, limits, clock)?;
        let known = KnownAnswers::open(config.lists.folder.as_deref())?;
        let responder = Responder::new(client, known);
        Ok(Self { config, lists, responder, entropy })
    }

    /// Fetches the lists of every authority that is valid now.
    ///
    /// A list that cannot be had, does not hold or is older leaves the one before in place until its own end.
    pub async fn refresh(&self) -> Vec<Renewed> {
        self.lists.refresh().await
    }

    /// How long the whole list at hand of an authority counts; none where no list counts now.
    #[must_use]
    pub fn fresh_until(&self, kind: CertKind, key_id: &KeyId) -> Option<Timestamp> {
        self.lists.fresh_until(kind, key_id)
    }

    /// What lies at hand of each authority that is valid now: for whoever watches.
    #[must_use]
    pub fn at_hand(&self) -> Vec<AtHand> {
        self.lists.at_hand()
    }

    async fn look_up(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationError> {
        // An answer is about a number of the authority that was asked: of another's it would tell nothing.
        let (kind, key_id) = (certificate.kind(), certificate.issuer_key_id());
        let anchor = self.lists.authority(kind, key_id).ok_or(RevocationError::OtherAuthority)?;
        if anchor.der() != authority.der() || anchor.subject_der() != certificate.issuer_der() {
            return Err(RevocationError::OtherAuthority);
        }
        // Who is revoked in a list at hand is revoked, also where that list has ended: nobody need be asked.
        if let Some(list) = self.lists.newest_covering(certificate)
            && let Ok(revoked) = self.judge(certificate, None, Some(&list), &WARNING, now)
        {
            return Ok(revoked);
        }
        match method {
            LookupMethod::Crl => {
                // A contract that chose the list is told what the list says: answers were bought in another's right.
                let list = self.lists.covering(certificate, now).await?;
                Ok(self.judge(certificate, None, Some(&list), &StatusPolicy::LIST, now)?)
            }
            LookupMethod::Ocsp => self.by_responder(certificate, anchor, now).await,
        }
    }

    /// What a list says in a responder's place, as long as no responder said since that the certificate is revoked.
    fn standing_in(
        &self,
        certificate: &EndEntity,
        list: &Crl,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationError> {
        let status = self.judge(certificate, None, Some(list), &StatusPolicy::LIST, now)?;
        if status.standing() == Standing::Good {
            self.responder.lets(list, certificate)?;
        }
        Ok(status)
    }

    /// One call; after it nothing is fetched, but a list at hand may stand in.
    async fn by_responder(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationError> {
        let (config, limits) = (&self.config, self.lists.limits());
        let asked = self.responder.ask(certificate, authority, config, limits, &*self.entropy, now).await;
        // A newer list may have come while the responder was asked.
        let list = self.lists.newest_covering(certificate);
        let (unknown, failed) = match asked {
            Ok(finding) => {
                let unknown = matches!(finding.standing(), OcspStanding::Unknown);
                match self.judge(certificate, Some(finding), list.as_deref(), &StatusPolicy::OCSP, now) {
                    Ok(status) => return Ok(status),
                    Err(unjudged) => (unknown, unjudged.into()),
                }
            }
            Err(error) => (false, error),
        };
        match (list, self.config.unanswered) {
            // A responder that answers and does not know the certificate is not one that cannot be had.
            (Some(list), Unanswered::ListStandsIn) if !unknown => {
                let stood_in = self.standing_in(certificate, &list, now);
                let kind = certificate.kind();
                match stood_in {
                    Ok(status) => {
                        tracing::warn!(?kind, error = %failed, "no answer of the responder: a list stands in");
                        Ok(status)
                    }
                    Err(error @ RevocationError::RevokedSince { .. }) => Err(error),
                    Err(_) => Err(failed),
                }
            }
            _ => Err(failed),
        }
    }

    fn judge(
        &self,
        certificate: &EndEntity,
        answer: Option<OcspFinding>,
        list: Option<&Crl>,
        policy: &StatusPolicy,
        now: Timestamp,
    ) -> Result<RevocationStatus, Unjudged> {
        judge(certificate, answer, list, policy, self.lists.limits(), now)
    }
}

/// By which a list says nothing but *revoked*.
const WARNING: StatusPolicy = StatusPolicy::OCSP;

#[async_trait]
impl RevocationSource for Revocation {
    async fn status(
        &self,
        certificate: &EndEntity,
        authority: &CaCertificate,
        method: LookupMethod,
        now: Timestamp,
    ) -> Result<RevocationStatus, RevocationUnavailable> {
        self.look_up(certificate, authority, method, now).await.map_err(|error| {
            let (kind, reason) = (certificate.kind(), error.to_string());
            tracing::warn!(?kind, ?method, reason, "no revocation status");
            RevocationUnavailable { reason }
        })
    }
}

impl fmt::Debug for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Revocation({:?})", self.lists)
    }
}
