use std::path::Path;

use enishi_party::{Environment, PartyRole, PartyUri, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SanType, date_time_ymd,
};
use x509_cert::der::{Decode, Encode};
use zeroize::Zeroizing;

use crate::environment::require_environment;
use crate::pem_file::{
    make_private_folder, malformed, parse_certificates, read_key, read_public, write_private,
};
use crate::{Identity, SetupError, TrustedCa};

/// File name of the sandbox CA's certificate within its folder; parties trust this file.
const CERTIFICATE_FILE: &str = "ca.crt.pem";

/// File name of the sandbox CA's private key within its folder.
const KEY_FILE: &str = "ca.key.pem";

/// The name that marks the CA as a sandbox CA.
const CA_NAME: &str = "mutual-tls-ca";

/// Organisation in every name that the sandbox CA gives.
const ORGANISATION: &str = "Enishi sandbox";

/// Life of the CA: a sandbox outlives no laptop.
const CA_YEARS: i32 = 10;

/// Life of a party's certificate.
const PARTY_YEARS: i32 = 1;

/// A certification authority for mutual TLS among the parties of a sandbox, with ECDSA keys on P-256.
///
/// It certifies parties only, never people's cards, and no production party.
pub struct SandboxCa {
    issuer: Issuer<'static, KeyPair>,
    certificate_pem: String,
}

impl SandboxCa {
    /// Makes a new CA, valid from the day before `now`.
    ///
    /// # Errors
    /// Key generation fails, or `now` is out of the range of X.509 dates.
    pub fn create(now: Timestamp) -> Result<Self, SetupError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = ca_params()?;
        set_validity(&mut params, now, CA_YEARS.years())?;
        let certificate_pem = params.self_signed(&key)?.pem();
        Ok(Self { issuer: Issuer::new(params, key), certificate_pem })
    }

    /// Reads `ca.crt.pem` and `ca.key.pem` from a folder.
    ///
    /// # Errors
    /// Files that are missing or malformed, a key that others may read, a key that is not the certificate's.
    pub fn load(folder: &Path) -> Result<Self, SetupError> {
        let certificate_pem = read_public(&folder.join(CERTIFICATE_FILE))?;
        let key = KeyPair::from_pem(&read_key(&folder.join(KEY_FILE))?)
            .map_err(|_| malformed("key file", "it holds no private key in PEM"))?;
        let ca = Self { issuer: Issuer::new(ca_params()?, key), certificate_pem };
        // The environment is checked here, the key next.
        ca.trusted()?;
        let certificates = parse_certificates(&ca.certificate_pem)?;
        let spki = certificates
            .first()
            .and_then(|der| x509_cert::Certificate::from_der(der).ok())
            .and_then(|certificate| certificate.tbs_certificate().subject_public_key_info().to_der().ok());
        if spki.as_deref() != Some(rcgen::PublicKeyData::subject_public_key_info(ca.issuer.key()).as_slice())
        {
            return Err(malformed("the CA's key", "it is not the certificate's"));
        }
        Ok(ca)
    }

    /// Writes both files (0600) into a folder (0700), which is made where it is missing.
    ///
    /// # Errors
    /// The folder or a file cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), SetupError> {
        make_private_folder(folder)?;
        let key_pem = Zeroizing::new(self.issuer.key().serialize_pem());
        write_private(&folder.join(KEY_FILE), &key_pem)?;
        write_private(&folder.join(CERTIFICATE_FILE), &self.certificate_pem)
    }

    /// Makes a key and a certificate for one party, for both ends of a connection, valid one year from the day before
    /// `now`.
    ///
    /// `extra_dns` adds names for callers that check host names instead of party URIs, as browsers do.
    ///
    /// # Errors
    /// A production party, a DNS name that is not ASCII, or key generation fails.
    pub fn issue(
        &self,
        party: &PartyUri,
        extra_dns: &[&str],
        now: Timestamp,
    ) -> Result<Identity, SetupError> {
        require_environment("the party", party.environment(), Environment::Sandbox)?;
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = CertificateParams::default();
        // The party URI may be longer than the 64 characters of a common name (RFC 5280, ub-common-name).
        params.distinguished_name = distinguished_name(party.name());
        params.subject_alt_names.push(SanType::URI(party.to_string().try_into()?));
        for name in extra_dns {
            params.subject_alt_names.push(SanType::DnsName((*name).try_into()?));
        }
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        set_validity(&mut params, now, PARTY_YEARS.years())?;
        let certificate_pem = params.signed_by(&key, &self.issuer)?.pem();
        Identity::from_pem(certificate_pem, Zeroizing::new(key.serialize_pem()))
    }

    /// What parties need to know each other.
    ///
    /// # Errors
    /// A loaded certificate that is not a sandbox CA's.
    pub fn trusted(&self) -> Result<TrustedCa, SetupError> {
        TrustedCa::from_certificates(parse_certificates(&self.certificate_pem)?, Environment::Sandbox)
    }
}

impl std::fmt::Debug for SandboxCa {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SandboxCa")
    }
}

fn ca_params() -> Result<CertificateParams, SetupError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = distinguished_name("Enishi sandbox mutual TLS CA");
    let mark = PartyUri::new(Environment::Sandbox, PartyRole::Operator, CA_NAME)
        .map_err(|error| malformed("the CA's name", error))?;
    params.subject_alt_names.push(SanType::URI(mark.to_string().try_into()?));
    // Depth 0: the CA certifies parties, never another CA.
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn distinguished_name(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, ORGANISATION);
    name.push(DnType::CommonName, common_name);
    name
}

fn set_validity(params: &mut CertificateParams, now: Timestamp, life: Span) -> Result<(), SetupError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    // From yesterday, so that parties whose clocks differ a little can talk at once.
    let first = today.checked_sub(1.day()).map_err(|_| out_of_range())?;
    let last = today.checked_add(life).map_err(|_| out_of_range())?;
    let midnight = |date: Date| -> Result<_, SetupError> {
        let month = u8::try_from(date.month()).map_err(|_| out_of_range())?;
        let day = u8::try_from(date.day()).map_err(|_| out_of_range())?;
        Ok(date_time_ymd(i32::from(date.year()), month, day))
    };
    params.not_before = midnight(first)?;
    params.not_after = midnight(last)?;
    Ok(())
}

fn out_of_range() -> SetupError {
    malformed("now", "it is out of the range of X.509 dates")
}
