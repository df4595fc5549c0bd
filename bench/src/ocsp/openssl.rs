//! `openssl ocsp` as a responder, with the authority's own key and certificates.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::load::{Question, answers};
use crate::error::BenchError;
use crate::people::People;

/// How long it may take to listen.
const PATIENCE: Duration = Duration::from_secs(5);
const GLANCE: Duration = Duration::from_millis(20);

/// A running responder; ends with this value.
pub(super) struct OpensslResponder {
    process: Child,
    pub(super) address: SocketAddr,
}

/// The signer's certificate, DER, and its key's file among the authority's.
pub(super) struct Signer<'a> {
    pub(super) name: &'a str,
    pub(super) certificate: &'a [u8],
    pub(super) key: &'a str,
}

impl OpensslResponder {
    /// Knows every holder as good, and has answered one question. Nothing where there is no OpenSSL.
    pub(super) fn start(
        people: &People,
        signer: &Signer<'_>,
        processes: Option<u8>,
        question: &Question,
    ) -> Result<Option<Self>, BenchError> {
        if Command::new("openssl").arg("version").stdout(Stdio::null()).status().is_err() {
            return Ok(None);
        }
        let key = people.path(&format!("register/keys/{}", signer.key));
        let key = fs::read(&key).map_err(BenchError::file(&key))?;
        let put = |name: &str, content: String| -> Result<_, BenchError> {
            let path = people.path(&format!("{}-{name}", signer.name));
            fs::write(&path, content).map_err(BenchError::file(&path))?;
            Ok(path)
        };
        let authority = put("authority", pem("CERTIFICATE", people.issuer()?.der()))?;
        let certificate = put("certificate", pem("CERTIFICATE", signer.certificate))?;
        let key = put("key", pem("PRIVATE KEY", &key))?;
        let lines = people.holders.iter().map(|holder| {
            let number = hex::encode_upper(holder.certificate.serial().expose_der_content());
            format!("V\t391231235959Z\t\t{number}\tunknown\t/C=JP/CN=resident\n")
        });
        let index = put("index", lines.collect())?;
        put("index.attr", "unique_subject = no\n".to_owned())?;
        let address = free_address()?;
        let mut command = Command::new("openssl");
        command.args(["ocsp", "-port", &address.port().to_string(), "-nmin", "15", "-index"]).arg(&index);
        command.arg("-CA").arg(&authority).arg("-rsigner").arg(&certificate).arg("-rkey").arg(&key);
        if let Some(processes) = processes {
            command.args(["-multi", &processes.to_string()]);
        }
        // A group of its own, which ends as one: with -multi the first process leaves its children behind.
        command.process_group(0).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let started = Self { process: command.spawn()?, address };
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if answers(address, question) {
                return Ok(Some(started));
            }
            std::thread::sleep(GLANCE);
        }
        Ok(None)
    }
}

impl Drop for OpensslResponder {
    fn drop(&mut self) {
        let group = format!("-{}", self.process.id());
        let _ended = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = (self.process.kill(), self.process.wait());
    }
}

fn free_address() -> Result<SocketAddr, BenchError> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<_> = text.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
