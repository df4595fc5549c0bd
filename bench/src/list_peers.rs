//! Others' readers of revocation lists: parse, signature where they have it, and a first look-up.

use std::path::Path;
use std::time::Instant;

use openssl::asn1::Asn1Integer;
use openssl::bn::BigNum;
use openssl::x509::{CrlStatus, X509, X509Crl};
use webpki::{CertRevocationList, OwnedCertRevocationList};
use x509_cert::der::Decode;
use x509_parser::prelude::FromDer;

use crate::error::BenchError;
use crate::list_file::number;
use crate::list_process::{Told, issuer_der, own};

/// OpenSSL first: it is the one that we are measured by.
pub(crate) const NAMES: &[&str] = &[OPENSSL, "rustls-webpki", "x509-parser", "x509-cert"];
pub(crate) const OPENSSL: &str = "OpenSSL";
const WHAT: &str = "a peer's list";

/// Reads a list as this peer does; the file's own octets are not counted as its memory.
pub(crate) fn read(who: &str, list: &Path) -> Result<Told, BenchError> {
    let octets = std::fs::read(list).map_err(BenchError::file(list))?;
    let first = number(0).to_be_bytes();
    let idle = own("RssAnon")?;
    let missed = |found: bool| {
        let failed = || BenchError::Failed { what: WHAT, why: "a listed number is not found".to_owned() };
        if found { Ok(()) } else { Err(failed()) }
    };
    let begun = Instant::now();
    // Before the list is dropped, which takes OpenSSL seconds.
    let reached = || Ok::<_, BenchError>((begun.elapsed().as_secs_f64(), own("RssAnon")? - idle));
    let (seconds, serving) = match who {
        OPENSSL => {
            let issuer = X509::from_der(&issuer_der(list)?).map_err(BenchError::of(WHAT))?;
            let key = issuer.public_key().map_err(BenchError::of(WHAT))?;
            let crl = X509Crl::from_der(&octets).map_err(BenchError::of(WHAT))?;
            missed(crl.verify(&key).map_err(BenchError::of(WHAT))?)?;
            let serial = BigNum::from_slice(&first).map_err(BenchError::of(WHAT))?;
            let serial = Asn1Integer::from_bn(&serial).map_err(BenchError::of(WHAT))?;
            missed(!matches!(crl.get_by_serial(&serial), CrlStatus::NotRevoked))?;
            reached()?
        }
        "rustls-webpki" => {
            let crl = OwnedCertRevocationList::from_der(&octets).map_err(BenchError::of(WHAT))?;
            let crl = CertRevocationList::from(crl);
            missed(crl.find_serial(&first).map_err(BenchError::of(WHAT))?.is_some())?;
            reached()?
        }
        "x509-parser" => {
            let crl = x509_parser::revocation_list::CertificateRevocationList::from_der(&octets);
            let (_, crl) = crl.map_err(BenchError::of(WHAT))?;
            let found = crl.iter_revoked_certificates().any(|entry| entry.raw_serial() == first.as_slice());
            missed(found)?;
            reached()?
        }
        "x509-cert" => {
            let crl = x509_cert::crl::CertificateList::<x509_cert::certificate::Rfc5280>::from_der(&octets)
                .map_err(BenchError::of(WHAT))?;
            let mut entries = crl.tbs_cert_list.revoked_certificates.iter().flatten();
            missed(entries.any(|entry| entry.serial_number.as_bytes() == first.as_slice()))?;
            reached()?
        }
        other => return Err(BenchError::Failed { what: WHAT, why: format!("there is no {other}") }),
    };
    Ok(Told { seconds, serving, peak: own("VmHWM")? - own("RssFile")? - idle })
}
