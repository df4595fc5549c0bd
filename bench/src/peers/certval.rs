//! certval: RFC 5280 with the policy demanded, its signatures by aws-lc as ours are.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use certval::{
    CertFile, CertVector, CertificationPath, CertificationPathResults, CertificationPathSettings,
    PDVCertificate, PDVTrustAnchorChoice, PkiEnvironment, TaSource, TimeOfInterest, oid_lookup,
    validate_path_rfc5280,
};
use enishi_jpki::oid;
use enishi_party::Timestamp;

use crate::error::BenchError;
use crate::people::Holder;

/// certval with one authority.
pub(crate) struct Certval {
    environment: PkiEnvironment,
    settings: CertificationPathSettings,
    anchor: PDVTrustAnchorChoice,
}

impl Certval {
    pub(crate) fn new(authority: &[u8], now: Timestamp) -> Result<Self, BenchError> {
        let mut environment = PkiEnvironment::new();
        environment.clear_all_callbacks();
        environment.add_validate_path_callback(validate_path_rfc5280);
        environment.add_verify_signature_message_callback(
            |_: &PkiEnvironment,
             message: &[u8],
             signature: &x509_cert::der::asn1::BitString,
             _: &x509_cert::spki::AlgorithmIdentifierOwned,
             key: &x509_cert::spki::SubjectPublicKeyInfoOwned| {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.subject_public_key.raw_bytes())
                    .verify(message, signature.raw_bytes())
                    .map_err(|_| certval::Error::Unrecognized)
            },
        );
        environment.add_oid_lookup(oid_lookup);
        let mut anchors = TaSource::new();
        anchors.push(CertFile { filename: "authority".to_owned(), bytes: authority.to_vec() });
        anchors.initialize().map_err(BenchError::of("certval"))?;
        environment.add_trust_anchor_source(Box::new(anchors));
        let mut settings = CertificationPathSettings::new();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let time = TimeOfInterest::from_unix_secs(seconds).map_err(BenchError::of("certval"))?;
        settings.set_time_of_interest(time);
        settings.set_initial_explicit_policy_indicator(true);
        settings.set_initial_policy_set(vec![oid::POLICY_TEST_AUTHENTICATION.to_string()]);
        settings.set_check_revocation_status(false);
        let anchor = PDVTrustAnchorChoice::try_from(authority).map_err(BenchError::of("certval"))?;
        Ok(Self { environment, settings, anchor })
    }

    /// Path with policy, then possession by aws-lc; no revocation.
    pub(crate) fn authenticate(&self, holder: &Holder) -> Result<(), BenchError> {
        let leaf = PDVCertificate::try_from(holder.der.as_slice()).map_err(BenchError::of("certval"))?;
        let path = CertificationPath::new(self.anchor.clone(), Vec::new(), leaf);
        let mut results = CertificationPathResults::new();
        self.environment
            .validate_path(&self.environment, &self.settings, &path, &mut results)
            .map_err(|error| BenchError::Failed { what: "certval", why: format!("{error:?}") })?;
        let key = holder.certificate.public_key_octets();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)
            .verify(&holder.challenge.message(holder.token.algorithm()), holder.token.signature())
            .map_err(BenchError::of("possession beside certval"))
    }
}
