//! Every object identifier that the certificates, lists and answers of this project use.

use der::asn1::ObjectIdentifier;

/// An object identifier.
pub type Oid = ObjectIdentifier;

/// The identifiers that stand in every certificate and list, found by their octets: others are read arc by arc, which takes
/// longer than anything else about them.
pub(crate) const fn familiar(octets: &[u8]) -> Option<Oid> {
    Some(match octets {
        // id-ce (RFC 5280 §4.2.1).
        [0x55, 0x1d, 14] => SUBJECT_KEY_IDENTIFIER,
        [0x55, 0x1d, 15] => KEY_USAGE,
        [0x55, 0x1d, 17] => SUBJECT_ALT_NAME,
        [0x55, 0x1d, 18] => ISSUER_ALT_NAME,
        [0x55, 0x1d, 19] => BASIC_CONSTRAINTS,
        [0x55, 0x1d, 20] => CRL_NUMBER,
        [0x55, 0x1d, 21] => CRL_REASON,
        [0x55, 0x1d, 28] => ISSUING_DISTRIBUTION_POINT,
        [0x55, 0x1d, 31] => CRL_DISTRIBUTION_POINTS,
        [0x55, 0x1d, 32] => CERTIFICATE_POLICIES,
        [0x55, 0x1d, 35] => AUTHORITY_KEY_IDENTIFIER,
        [0x55, 0x1d, 37] => EXT_KEY_USAGE,
        // PKCS #1.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1] => RSA_ENCRYPTION,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11] => SHA256_WITH_RSA,
        // PKIX.
        [0x2b, 6, 1, 5, 5, 7, 1, 1] => AUTHORITY_INFO_ACCESS,
        [0x2b, 6, 1, 5, 5, 7, 3, 2] => CLIENT_AUTH,
        [0x2b, 6, 1, 5, 5, 7, 3, 9] => OCSP_SIGNING,
        // JPKI, 1.2.392.200149.8.5.1.
        [0x2a, 0x83, 0x08, 0x8c, 0x9b, 0x55, 8, 5, 1, 3, 30] => POLICY_AUTHENTICATION,
        [0x2a, 0x83, 0x08, 0x8c, 0x9b, 0x55, 8, 5, 1, 0, 30] => POLICY_TEST_AUTHENTICATION,
        _ => return None,
    })
}

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::new_unwrap($text);)*
    };
}

oids! {
    /// sha256WithRSAEncryption (RFC 4055 §5); its parameters are NULL.
    SHA256_WITH_RSA = "1.2.840.113549.1.1.11";
    /// ecdsa-with-SHA256 (RFC 5758 §3.2); no parameters.
    ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2";
    /// ecdsa-with-SHA384 (RFC 5758 §3.2); no parameters.
    ECDSA_WITH_SHA384 = "1.2.840.10045.4.3.3";
    /// rsaEncryption (RFC 3279 §2.3.1).
    RSA_ENCRYPTION = "1.2.840.113549.1.1.1";
    /// id-ecPublicKey (RFC 5480 §2.1.1).
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// secp256r1, P-256 (RFC 5480 §2.1.1.1).
    P256 = "1.2.840.10045.3.1.7";
    /// secp384r1, P-384 (RFC 5480 §2.1.1.1).
    P384 = "1.3.132.0.34";
    /// SHA-1, in the CertID of OCSP only (RFC 5019 §2.1.1).
    SHA1 = "1.3.14.3.2.26";

    /// countryName.
    COUNTRY_NAME = "2.5.4.6";
    /// localityName.
    LOCALITY_NAME = "2.5.4.7";
    /// organizationName.
    ORGANIZATION_NAME = "2.5.4.10";
    /// organizationalUnitName.
    ORGANIZATIONAL_UNIT_NAME = "2.5.4.11";
    /// commonName.
    COMMON_NAME = "2.5.4.3";

    /// subjectKeyIdentifier (RFC 5280 §4.2.1.2).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// keyUsage (RFC 5280 §4.2.1.3).
    KEY_USAGE = "2.5.29.15";
    /// subjectAltName (RFC 5280 §4.2.1.6).
    SUBJECT_ALT_NAME = "2.5.29.17";
    /// issuerAltName (RFC 5280 §4.2.1.7).
    ISSUER_ALT_NAME = "2.5.29.18";
    /// basicConstraints (RFC 5280 §4.2.1.9).
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// cRLNumber (RFC 5280 §5.2.3).
    CRL_NUMBER = "2.5.29.20";
    /// reasonCode of a list's entry (RFC 5280 §5.3.1).
    CRL_REASON = "2.5.29.21";
    /// deltaCRLIndicator (RFC 5280 §5.2.4).
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// issuingDistributionPoint (RFC 5280 §5.2.5).
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// certificateIssuer of a list's entry (RFC 5280 §5.3.3).
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// cRLDistributionPoints (RFC 5280 §4.2.1.13).
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// certificatePolicies (RFC 5280 §4.2.1.4).
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// authorityKeyIdentifier (RFC 5280 §4.2.1.1).
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// extKeyUsage (RFC 5280 §4.2.1.12).
    EXT_KEY_USAGE = "2.5.29.37";
    /// authorityInfoAccess (RFC 5280 §4.2.2.1).
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";

    /// id-qt-cps, the qualifier of a policy (RFC 5280 §4.2.1.4).
    CPS_QUALIFIER = "1.3.6.1.5.5.7.2.1";
    /// id-ad-ocsp (RFC 5280 §4.2.2.1).
    OCSP_ACCESS = "1.3.6.1.5.5.7.48.1";
    /// id-kp-clientAuth (RFC 5280 §4.2.1.12).
    CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
    /// id-kp-OCSPSigning (RFC 6960 §4.2.2.2).
    OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// id-pkix-ocsp-basic (RFC 6960 §4.2.1).
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// id-pkix-ocsp-nonce (RFC 9654).
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1).
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";

    /// Policy of the authentication certificate on the card.
    POLICY_AUTHENTICATION = "1.2.392.200149.8.5.1.3.30";
    /// Policy of the signing certificate on the card.
    POLICY_SIGNING = "1.2.392.200149.8.5.1.1.20";
    /// J-LIS's test policy of the authentication certificate; the sandbox uses it too.
    POLICY_TEST_AUTHENTICATION = "1.2.392.200149.8.5.1.0.30";
    /// J-LIS's test policy of the signing certificate; the sandbox uses it too.
    POLICY_TEST_SIGNING = "1.2.392.200149.8.5.1.0.20";
    /// The sandbox's policy of an authentication certificate in a phone: our own choice, nothing is published.
    POLICY_SANDBOX_PHONE_AUTHENTICATION = "1.2.392.200149.8.5.1.0.50";
    /// The sandbox's policy of a signing certificate in a phone: our own choice, nothing is published.
    POLICY_SANDBOX_PHONE_SIGNING = "1.2.392.200149.8.5.1.0.40";

    /// 氏名 in the signing certificate's subjectAltName.
    ATTRIBUTE_NAME = "1.2.392.200149.8.5.5.1";
    /// Which characters of the name stand for others (代替文字).
    ATTRIBUTE_NAME_SUBSTITUTIONS = "1.2.392.200149.8.5.5.2";
    /// 性別.
    ATTRIBUTE_SEX = "1.2.392.200149.8.5.5.3";
    /// 生年月日.
    ATTRIBUTE_BIRTH_DATE = "1.2.392.200149.8.5.5.4";
    /// 住所.
    ATTRIBUTE_ADDRESS = "1.2.392.200149.8.5.5.5";
    /// Which characters of the address stand for others.
    ATTRIBUTE_ADDRESS_SUBSTITUTIONS = "1.2.392.200149.8.5.5.6";
}

#[cfg(test)]
mod tests {
    use super::{Oid, familiar};

    #[test]
    fn whatever_is_familiar_reads_the_same_arc_by_arc() {
        let mut met = 0;
        let pkcs = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
        let jpki = [0x2a, 0x83, 0x08, 0x8c, 0x9b, 0x55, 8, 5, 1];
        let pkix = [0x2b, 6, 1, 5, 5, 7];
        for last in 0..=255_u8 {
            let extension = vec![0x55, 0x1d, last];
            let algorithm = [&pkcs[..], &[last]].concat();
            let others = (0..=255_u8).map(|arc| [&pkix[..], &[arc, last]].concat());
            let policies = (0..=255_u8).map(|arc| [&jpki[..], &[arc, last]].concat());
            for octets in others.chain(policies).chain([extension, algorithm]) {
                let Some(oid) = familiar(&octets) else { continue };
                assert_eq!(Oid::from_bytes(&octets), Ok(oid));
                met += 1;
            }
        }
        assert_eq!(met, 19);
    }
}
