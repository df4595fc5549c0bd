//! Certificates of authorities, holders and responders.

use enishi_jpki::{AuthCertificate, CaCertificate, Profile, ResponderCertificate, SigningCertificate};

use crate::Reading;

/// Under every profile; what parses keeps its bytes.
pub(crate) fn all(data: &[u8]) -> Reading {
    let mut understood = ResponderCertificate::parse(data).is_ok();
    for profile in [&Profile::SANDBOX, &Profile::PRODUCTION, &Profile::JLIS_TEST] {
        let authority = CaCertificate::parse(data, profile);
        assert!(
            authority.is_err() || AuthCertificate::parse(data, profile).is_err(),
            "an authority that is a holder"
        );
        if let Ok(certificate) = &authority {
            understood = true;
            assert_eq!(certificate.der(), data, "bytes that are not the certificate");
        }
        if let Ok(certificate) = AuthCertificate::parse(data, profile) {
            understood = true;
            assert_eq!(certificate.der(), data, "bytes that are not the certificate");
            assert!(SigningCertificate::parse(data, profile).is_err(), "a certificate of both kinds");
        }
        if let Ok(certificate) = SigningCertificate::parse(data, profile) {
            understood = true;
            assert_eq!(certificate.der(), data, "bytes that are not the certificate");
            // Any answer will do, as long as there is one.
            drop(certificate.basic_attributes());
        }
    }
    Reading::of(understood)
}
