//! Authorities, certificates, lists and answers that OpenSSL 3 makes.
//!
//! It dates what it makes by the wall's clock, so the moment of every check follows from the authority's certificate.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use enishi_jpki::OutsideCertificate;
use jiff::Timestamp;
use tempfile::TempDir;

use crate::vectors::der;

/// How long after the authority was made a case is judged; longer than any test takes.
const LATER: Duration = Duration::from_secs(300);

/// Sections that every authority has; `{dir}` is its folder.
const SECTIONS: &str = "\
[ca]
default_ca = ours
[ours]
database = {dir}/index
serial = {dir}/serial
crlnumber = {dir}/number
new_certs_dir = {dir}
certificate = {dir}/ca.pem
private_key = {dir}/ca.key
default_md = {digest}
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
[any]
countryName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[leaf]
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid:always
[responder]
keyUsage = critical,digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid:always
[talkative]
keyUsage = critical,digitalSignature
authorityKeyIdentifier = keyid:always
[list]
authorityKeyIdentifier = keyid:always
[delta]
authorityKeyIdentifier = keyid:always
2.5.29.27 = critical,ASN1:INTEGER:1
[bare]
issuerAltName = DNS:ca.example
[indirect]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@indirect_point
[indirect_point]
indirectCRL = TRUE
[authorities]
authorityKeyIdentifier = keyid:always
issuingDistributionPoint = critical,@authorities_point
[authorities_point]
onlyCA = TRUE
";

/// Says so and is nothing where there is no OpenSSL 3; under `CI=true` that is a failure.
pub(crate) fn available(test: &str) -> bool {
    let version = Command::new("openssl").arg("version").output();
    let version = version.map_or_else(
        |error| error.to_string(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    if version.starts_with("OpenSSL 3") {
        return true;
    }
    println!("NOT RUN: openssl ({test}: {})", version.trim());
    assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "openssl 3 is missing");
    false
}

/// The keys that an authority or a leaf may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Rsa,
    P256,
    P384,
}

/// An authority of OpenSSL's, in a folder of its own.
pub(crate) struct Authority {
    folder: TempDir,
    /// By the name of whose it is.
    keys: RefCell<BTreeMap<String, Key>>,
}

impl Authority {
    /// Makes one; `more` are further sections of its configuration.
    pub(crate) fn new(key: Key, subject: &str, more: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let digest = if key == Key::P384 { "sha384" } else { "sha256" };
        let mut text = SECTIONS.replace("{dir}", folder.path().to_str().unwrap()).replace("{digest}", digest);
        text.write_str(more).unwrap();
        text.write_str("[req]\ndistinguished_name = name\n[name]\n").unwrap();
        let authority = Self { folder, keys: RefCell::default() };
        fs::write(authority.path("config"), text).unwrap();
        fs::write(authority.path("index"), "").unwrap();
        fs::write(authority.path("serial"), "1001\n").unwrap();
        fs::write(authority.path("number"), "07\n").unwrap();
        authority.make_key("ca", key);
        authority.run(&[
            "req",
            "-x509",
            "-new",
            "-key",
            "ca.key",
            "-out",
            "ca.pem",
            "-days",
            "3650",
            "-config",
            "config",
            "-extensions",
            "authority",
            "-subj",
            subject,
            digest_option(key),
        ]);
        authority
    }

    /// The moment at which its things are judged.
    pub(crate) fn now(&self) -> Timestamp {
        let der = self.certificate();
        OutsideCertificate::parse(&der).unwrap().not_before() + LATER
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        self.pem("ca.pem")
    }

    /// Issues a certificate by a section of the configuration.
    pub(crate) fn issue(&self, name: &str, key: Key, section: &str, subject: &str) -> Vec<u8> {
        self.make_key(name, key);
        let (key_file, request) = (format!("{name}.key"), format!("{name}.csr"));
        let out = format!("{name}.pem");
        self.run(&[
            "req", "-new", "-key", &key_file, "-out", &request, "-config", "config", "-subj", subject,
        ]);
        self.run(&[
            "ca",
            "-batch",
            "-notext",
            "-preserveDN",
            "-config",
            "config",
            "-extensions",
            section,
            "-in",
            &request,
            "-out",
            &out,
        ]);
        self.pem(&out)
    }

    pub(crate) fn revoke(&self, name: &str, reason: &str) {
        let file = format!("{name}.pem");
        self.run(&["ca", "-config", "config", "-revoke", &file, "-crl_reason", reason]);
    }

    /// Loses its index of what it issued.
    pub(crate) fn forget(&self) {
        fs::write(self.path("index"), "").unwrap();
    }

    /// Makes a list by a section of extensions.
    pub(crate) fn list(&self, section: &str) -> Vec<u8> {
        self.run(&["ca", "-config", "config", "-gencrl", "-crlexts", section, "-out", "list.pem"]);
        self.pem("list.pem")
    }

    /// A responder's answer about a certificate; `options` of `openssl ocsp`. Its nonce, if there is one, comes along.
    pub(crate) fn answer(&self, about: &str, signer: &str, options: &[&str]) -> Vec<u8> {
        let (certificate, signer_pem, signer_key) =
            (format!("{about}.pem"), format!("{signer}.pem"), format!("{signer}.key"));
        let mut request = vec!["ocsp", "-issuer", "ca.pem"];
        // The hash must stand before the certificate that it is for.
        request
            .extend(options.iter().filter(|option| option.starts_with("-sha") || option.ends_with("nonce")));
        request.extend(["-cert", &certificate, "-reqout", "request.der"]);
        self.run(&request);
        let mut answer = vec![
            "ocsp",
            "-index",
            "index",
            "-CA",
            "ca.pem",
            "-rsigner",
            &signer_pem,
            "-rkey",
            &signer_key,
            "-reqin",
            "request.der",
            "-respout",
            "answer.der",
            "-rmd",
            digest_name(self.keys.borrow()[signer]),
        ];
        answer.extend(
            options.iter().filter(|option| !option.starts_with("-sha") && !option.ends_with("nonce")),
        );
        self.run(&answer);
        fs::read(self.path("answer.der")).unwrap()
    }

    /// The nonce of the last question.
    pub(crate) fn nonce(&self) -> Vec<u8> {
        let request = fs::read(self.path("request.der")).unwrap();
        // id-pkix-ocsp-nonce, then OCTET STRING { OCTET STRING { nonce } }, the last thing in a request.
        let oid = [0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
        let at = request.windows(oid.len()).position(|window| window == oid).unwrap() + oid.len();
        let nonce = &request[at + 4..];
        assert_eq!(usize::from(request[at + 3]), nonce.len());
        nonce.to_vec()
    }

    fn make_key(&self, name: &str, key: Key) {
        self.keys.borrow_mut().insert(name.to_owned(), key);
        let file = format!("{name}.key");
        let (algorithm, option) = match key {
            Key::Rsa => ("RSA", "rsa_keygen_bits:2048"),
            Key::P256 => ("EC", "ec_paramgen_curve:P-256"),
            Key::P384 => ("EC", "ec_paramgen_curve:P-384"),
        };
        self.run(&["genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", &file]);
    }

    fn pem(&self, name: &str) -> Vec<u8> {
        der(&fs::read_to_string(self.path(name)).unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) {
        let output =
            Command::new("openssl").current_dir(self.folder.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

const fn digest_option(key: Key) -> &'static str {
    match key {
        Key::P384 => "-sha384",
        Key::Rsa | Key::P256 => "-sha256",
    }
}

const fn digest_name(key: Key) -> &'static str {
    match key {
        Key::P384 => "sha384",
        Key::Rsa | Key::P256 => "sha256",
    }
}
