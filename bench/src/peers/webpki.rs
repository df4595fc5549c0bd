//! rustls-webpki: it refuses critical certificatePolicies, so its leaves are cut anew without them.

use std::time::Duration;

use enishi_jpki::oid;
use enishi_party::Timestamp;
use rustls::pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::aws_lc_rs::RSA_PKCS1_2048_8192_SHA256;
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use crate::crowd::Crowd;
use crate::error::BenchError;
use crate::people::People;
use crate::recut::{self, Signer};

/// webpki with one authority, and leaves that it reads.
pub(crate) struct Webpki {
    anchor: TrustAnchor<'static>,
    leaves: Vec<CertificateDer<'static>>,
    time: UnixTime,
}

impl Webpki {
    pub(crate) fn new(people: &People, crowd: &Crowd, now: Timestamp) -> Result<Self, BenchError> {
        let authority = CertificateDer::from(crowd.authority.as_slice());
        let anchor = anchor_from_trusted_cert(&authority).map_err(BenchError::of("webpki"))?.to_owned();
        let key = people.issuing_key()?;
        let leaf = |der: &[u8]| {
            recut::certificate(der, None, Some(oid::CERTIFICATE_POLICIES), &Signer::Rsa(&key))
                .map(CertificateDer::from)
        };
        let leaves = crowd.holders.iter().map(|holder| leaf(&holder.der)).collect::<Result<_, _>>()?;
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        Ok(Self { anchor, leaves, time: UnixTime::since_unix_epoch(Duration::from_secs(seconds)) })
    }

    /// Path, then possession; neither policy nor revocation.
    pub(crate) fn authenticate(&self, crowd: &Crowd, at: usize) -> Result<(), BenchError> {
        let missing = || BenchError::Failed { what: "webpki", why: "no such holder".to_owned() };
        let leaf = EndEntityCert::try_from(self.leaves.get(at).ok_or_else(missing)?)
            .map_err(BenchError::of("webpki"))?;
        let anchors = std::slice::from_ref(&self.anchor);
        let algorithms = &[RSA_PKCS1_2048_8192_SHA256];
        leaf.verify_for_usage(algorithms, anchors, &[], self.time, KeyUsage::client_auth(), None, None)
            .map_err(BenchError::of("webpki"))?;
        let holder = crowd.holder(at)?;
        let message = holder.challenge.message(holder.token.algorithm());
        leaf.verify_signature(RSA_PKCS1_2048_8192_SHA256, &message, holder.token.signature())
            .map_err(BenchError::of("webpki"))
    }
}
