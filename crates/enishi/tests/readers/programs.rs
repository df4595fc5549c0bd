//! Programs: other people's, and our own as others run it.

use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

/// Our own, as it was built beside these tests. The suite keeps a copy of it: a build without the feature, at the same
/// time, would put another one in its place.
pub(crate) fn enishi_program() -> OsString {
    std::env::var_os("ENISHI_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_enishi").into())
}

/// What a program said.
pub(crate) struct Said {
    pub(crate) status: ExitStatus,
    pub(crate) output: Vec<u8>,
    /// Output and complaints, for people.
    pub(crate) text: String,
}

impl Said {
    /// Its output, if it succeeded.
    pub(crate) fn well(self) -> Vec<u8> {
        assert!(self.status.success(), "{}: {}", self.status, self.text);
        self.output
    }
}

/// A program that keeps nothing of one test for the next.
pub(crate) fn program(name: impl AsRef<OsStr>, home: &Path) -> Command {
    let mut command = Command::new(name);
    command.env("HOME", home).env("LC_ALL", "C.UTF-8").env_remove("XDG_CACHE_HOME");
    command
}

/// Runs a program to its end.
pub(crate) fn run<A: AsRef<OsStr>>(name: &str, arguments: &[A], home: &Path) -> Said {
    let mut command = program(name, home);
    command.args(arguments).stdin(Stdio::null());
    say(command, &[])
}

/// Runs a program that reads `input`.
pub(crate) fn say(mut command: Command, input: &[u8]) -> Said {
    if !input.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input).unwrap();
    }
    let output = child.wait_with_output().unwrap();
    let text =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Said { status: output.status, output: output.stdout, text }
}

/// Whether OpenSSL verifies a signature over `document` with the key of the certificate.
pub(crate) fn openssl_verifies(digest: &str, certificate: &[u8], signature: &[u8], document: &[u8]) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, octets: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, octets).unwrap();
        path.into_os_string().into_string().unwrap()
    };
    let certificate = file("certificate.der", certificate);
    let key = ["x509", "-inform", "DER", "-in", &certificate, "-noout", "-pubkey"];
    let key = file("key.pem", &run("openssl", &key, folder.path()).well());
    let (signature, document) = (file("signature", signature), file("document", document));
    let verify = ["dgst", digest, "-verify", &key, "-signature", &signature, &document];
    let said = run("openssl", &verify, folder.path());
    said.status.success() && said.text.contains("Verified OK")
}
